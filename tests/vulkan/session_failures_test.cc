// Every call of Vulkan fails once below a session: it answers right, on the CPU where need be, or
// with a clean error; nothing leaks, and the session stays usable.
#include <catch2/catch.hpp>

#include <cmath>

#include "tests/vulkan/session_models.h"
#include "tests/vulkan/vulkan_testing.h"

namespace stint::testing {

namespace {

constexpr int32_t kOutOfDeviceMemory = -2;
constexpr int32_t kDeviceLost = -4;

struct Scenario {
  PlanDescription plan;
  Tensor input;
  bool no_fallback = false;
};

struct Counts {
  uint64_t calls = 0;      // Of Vulkan, up to the end of the second run.
  int errors = 0;          // Answers, devices and sessions that were an error.
  int answers = 0;         // Right ones while a call could fail.
  bool on_device = false;  // Whether the last run used the Vulkan device.
};

void CheckClose(const Tensor& found, const Tensor& expected) {
  REQUIRE(found.extents() == expected.extents());
  const std::vector<float> have = found.values<float>();
  const std::vector<float> want = expected.values<float>();
  float apart = 0;
  for (size_t i = 0; i < have.size(); ++i) {
    const float difference = std::abs(have[i] - want[i]);
    // NaN is no small difference.
    if (!(difference <= apart)) apart = difference;
  }
  CHECK(apart < 1e-5f);
}

// A pipeline that the driver does not make, for want of memory too, is a kernel that it has not.
void CheckClean(Code code) {
  CHECK((code == Code::kUnavailable || code == Code::kLimit || code == Code::kUnsupported));
}

Answer Once(Session& session, const Scenario& scenario) {
  return RunSession(session, {scenario.input.view()});
}

// One run while calls fail.
void CheckRun(Session& session, const Scenario& scenario, const Tensor& expected, Counts& counts) {
  const Answer answer = Once(session, scenario);
  if (answer.code == Code::kOk) {
    CheckClose(answer.outputs[0], expected);
    ++counts.answers;
    return;
  }
  INFO(answer.error);
  CHECK(scenario.no_fallback);
  CheckClean(answer.code);
  ++counts.errors;
}

// A device and a session from the start; two runs with the failure armed, a third without it.
void Live(const Scenario& scenario, const Tensor& expected, int32_t result, Counts& counts) {
  const vulkan::Shim& shim = vulkan::TheShim();
  auto device = CreateDevice("vulkan", {});
  if (!device.ok()) {
    CheckClean(device.status().code());
    ++counts.errors;
    counts.calls = shim.calls();
    return;
  }
  std::vector<std::unique_ptr<Device>> devices;
  devices.push_back(std::move(*device));
  devices.push_back(Cpu(1));
  const Bound bound =
      Open(scenario.plan, std::move(devices), {.no_fallback = scenario.no_fallback});
  counts.calls = shim.calls();
  if (bound.session == nullptr) {
    INFO(bound.error);
    CHECK(scenario.no_fallback);
    CheckClean(bound.code);
    ++counts.errors;
    return;
  }
  const int errors = counts.errors;
  for (int run = 0; run < 2; ++run) CheckRun(*bound.session, scenario, expected, counts);
  counts.calls = shim.calls();
  shim.arm(0, 0);
  const Answer last = Once(*bound.session, scenario);
  INFO(last.error);
  // Without another device nothing but an error can follow a loss that was noticed.
  const bool lost = scenario.no_fallback && result == kDeviceLost && counts.errors > errors;
  REQUIRE(last.code == (lost ? Code::kUnavailable : Code::kOk));
  if (!lost) CheckClose(last.outputs[0], expected);
  counts.on_device = bound.session->placement()[0].ops > 0;
}

Tensor OnTheCpu(const Scenario& scenario) {
  const Bound bound = Open(scenario.plan);
  REQUIRE(bound.error == "");
  Answer answer = Once(*bound.session, scenario);
  REQUIRE(answer.error == "");
  return std::move(answer.outputs[0]);
}

void CheckNothingLives() {
  const vulkan::Shim& shim = vulkan::TheShim();
  const char* const leak = shim.live_name();
  INFO("an object of " << (leak == nullptr ? "nothing" : leak) << " lives on");
  CHECK(shim.live_objects() == 0);
}

// 2 with sanitizers, which make ten times the work of it: calls of odd numbers lose the device
// then, those of even ones find no memory.
constexpr uint64_t kCallsApart = STINT_CALLS_APART;

// Each call in turn fails with `result`.
void Sweep(const Scenario& scenario, int32_t result) {
  const vulkan::Shim& shim = vulkan::TheShim();
  const Tensor expected = OnTheCpu(scenario);
  shim.arm(0, 0);
  Counts whole;
  Live(scenario, expected, 0, whole);
  REQUIRE(whole.errors == 0);
  REQUIRE(whole.on_device);
  CHECK(whole.calls > 50);
  CheckNothingLives();

  Counts counts;
  uint64_t call = result == kDeviceLost ? 1 : kCallsApart;
  for (;; call += kCallsApart) {
    INFO("call " << call << " of " << whole.calls << " fails with " << result);
    REQUIRE(call <= 2 * whole.calls);
    shim.arm(call, result);
    Live(scenario, expected, result, counts);
    shim.arm(0, 0);
    CheckNothingLives();
    if (counts.calls < call) break;
  }
  CHECK(call > whole.calls);
  CHECK(counts.answers > 0);
  CHECK(counts.errors > 0);
}

}  // namespace

TEST_CASE("vulkan: whatever call fails, an image net's session answers right or cleanly") {
  const int32_t result = GENERATE(kDeviceLost, kOutOfDeviceMemory);
  const bool no_fallback = GENERATE(false, true);
  ConvNet net;
  Sweep({net.plan, ConvNet::Input(), no_fallback}, result);
}

TEST_CASE("vulkan: whatever call fails, a split attention's session answers right or cleanly") {
  const int32_t result = GENERATE(kDeviceLost, kOutOfDeviceMemory);
  Attention net(true);
  Sweep({net.plan, Attention::Input(), false}, result);
}

TEST_CASE("vulkan: whatever call fails, an attention without fallback ends cleanly") {
  const int32_t result = GENERATE(kDeviceLost, kOutOfDeviceMemory);
  Attention net(false);
  Sweep({net.plan, Attention::Input(), true}, result);
}

TEST_CASE("vulkan: an op in the middle that the device lacks costs two transfers") {
  vulkan::TheShim().arm(0, 0);
  Attention net(true);
  const Scenario scenario = {net.plan, Attention::Input(), false};
  std::vector<std::unique_ptr<Device>> devices;
  auto device = CreateDevice("vulkan", {});
  REQUIRE(device.ok());
  devices.push_back(std::move(*device));
  devices.push_back(Cpu(1));
  const Bound bound = Open(scenario.plan, std::move(devices));
  REQUIRE(bound.error == "");
  REQUIRE(Once(*bound.session, scenario).error == "");
  CHECK(bound.session->placement()[0].ops == 7);
  CHECK(bound.session->placement()[1].ops == 1);
  CHECK(bound.session->statistics().transfers == 2);
  CHECK(bound.session->statistics().submissions == 3);
}

}  // namespace stint::testing
