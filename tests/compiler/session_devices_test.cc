// Sessions over several devices: placement, transfers, refusals and failures. The null device plays
// the other device: it records, counts and computes nothing.
#include <catch2/catch.hpp>

#include "runtime/ops/map.h"
#include "runtime/ops/softmax.h"
#include "tests/compiler/session_testing.h"

namespace stint::testing {

namespace {

constexpr DType kF32 = DType::kFloat32;

// y = softmax(-x): a Map, then a Softmax.
PlanDescription TwoOps(PlanBuilder& builder) {
  const Dim n = builder.Symbol(0, 0);
  const uint32_t x = builder.Input(kF32, {n, 4});
  const uint32_t mapped = builder.Value(kF32, {n, 4});
  const uint32_t y = builder.Value(kF32, {n, 4});
  builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {builder.Whole(x)}, builder.Whole(mapped));
  SoftmaxAttributes softmax;
  softmax.axis = 1;
  builder.Op(OpKind::kSoftmax, Attributes::Of(softmax), {builder.Whole(mapped)},
             {builder.Whole(y)});
  builder.Output(builder.Whole(y));
  return builder.plan;
}

struct TwoDevices {
  Bound bound;
  const null::NullCounters* counters = nullptr;
};

TwoDevices OpenWithNull(const PlanDescription& plan, const null::NullOptions& null_options,
                        const SessionOptions& options = {}) {
  auto device = null::CreateNullDevice(null_options);
  REQUIRE(device.ok());
  TwoDevices two;
  two.counters = &(*device)->counters();
  std::vector<std::unique_ptr<Device>> devices;
  devices.push_back(std::move(*device));
  devices.push_back(Cpu());
  two.bound = Open(plan, std::move(devices), options);
  REQUIRE(two.bound.error == "");
  return two;
}

constexpr auto kMapOnly = static_cast<uint16_t>(OpKind::kMap);
constexpr auto kSoftmaxOnly = static_cast<uint16_t>(OpKind::kSoftmax);

TEST_CASE("The first device that accepts an op runs it, with transfers in between", "[session]") {
  for (const bool host_memory : {true, false}) {
    PlanBuilder builder;
    TwoDevices two =
        OpenWithNull(TwoOps(builder), {.host_memory = host_memory, .only_op = kMapOnly});
    const Tensor x = Tensor(kF32, {3, 4});
    const Answer answer = RunSession(*two.bound.session, {x.view()});
    REQUIRE(answer.error == "");
    // What the null device left is zeros: their softmax is 1/4.
    CHECK(answer.outputs[0].values<float>() == std::vector<float>(12, 0.25f));
    CHECK(two.bound.session->placement()[0].ops == 1);
    CHECK(two.bound.session->placement()[1].ops == 1);
    CHECK(two.counters->executed == 1);
    // Inputs in host memory are used in place.
    CHECK(two.counters->written_bytes == (host_memory ? 0 : 48));
    CHECK(two.counters->read_bytes == (host_memory ? 0 : 48));
  }
}

TEST_CASE("Outputs of a device without host memory are brought back", "[session]") {
  PlanBuilder builder;
  TwoDevices two = OpenWithNull(TwoOps(builder), {.host_memory = false, .only_op = kSoftmaxOnly});
  const Tensor x = Tensor(kF32, {2, 4});
  const Answer answer = RunSession(*two.bound.session, {x.view()});
  REQUIRE(answer.error == "");
  CHECK(answer.outputs[0].values<float>() == std::vector<float>(8, 0.0f));
  CHECK(two.counters->written_bytes == 32);
  CHECK(two.counters->read_bytes == 32);
}

TEST_CASE("Without fallback the first device's refusal is the answer", "[session]") {
  PlanBuilder builder;
  TwoDevices two = OpenWithNull(TwoOps(builder), {.only_op = kMapOnly}, {.no_fallback = true});
  const Answer answer = RunSession(*two.bound.session, {Tensor(kF32, {3, 4}).view()});
  CHECK(answer.code == Code::kUnsupported);
  CHECK(answer.error.find("op 1 op1: Softmax: found that null has no kernel") != std::string::npos);
}

TEST_CASE("A kernel that fails to prepare makes place for the next device", "[session]") {
  PlanBuilder builder;
  TwoDevices two = OpenWithNull(TwoOps(builder), {.fail_prepare = true});
  const Answer answer = RunSession(*two.bound.session, {Tensor(kF32, {1, 4}).view()});
  REQUIRE(answer.error == "");
  CHECK(two.bound.session->placement()[0].ops == 0);
  CHECK(two.bound.session->placement()[1].ops == 2);
}

TEST_CASE("Failures when recording and running are reported each time", "[session]") {
  PlanBuilder builder;
  TwoDevices record = OpenWithNull(TwoOps(builder), {.fail_record = true});
  PlanBuilder again;
  TwoDevices run = OpenWithNull(TwoOps(again), {.fail_run = true});
  for (int i = 0; i < 2; ++i) {
    CHECK(RunSession(*record.bound.session, {Tensor(kF32, {1, 4}).view()}).code ==
          Code::kUnavailable);
    CHECK(RunSession(*run.bound.session, {Tensor(kF32, {1, 4}).view()}).code == Code::kUnavailable);
  }
}

TEST_CASE("A bind that finds no memory leaves the earlier binding usable", "[session]") {
  PlanBuilder builder;
  TwoDevices two = OpenWithNull(TwoOps(builder), {.only_op = kMapOnly, .memory_bytes = 1024});
  const auto run = [&](int64_t n) {
    return RunSession(*two.bound.session, {Tensor(kF32, {n, 4}).view()});
  };
  CHECK(run(2).error == "");
  CHECK(run(1000).code == Code::kLimit);
  const Answer answer = run(2);
  REQUIRE(answer.error == "");
  CHECK(answer.outputs[0].values<float>() == std::vector<float>(8, 0.25f));
  CHECK(two.bound.session->statistics().binding_hits == 1);
}

TEST_CASE("A session needs a device whose memory the host sees", "[session]") {
  PlanBuilder builder;
  auto device = null::CreateNullDevice({.host_memory = false});
  REQUIRE(device.ok());
  std::vector<std::unique_ptr<Device>> devices;
  devices.push_back(std::move(*device));
  const Code code = Open(TwoOps(builder), std::move(devices)).code;
  CHECK(code == Code::kInvalid);
}

TEST_CASE("Devices are found by name", "[session]") {
  CHECK(CreateDevice("cpu:0", {}).ok());
  CHECK(CreateDevice("null", {}).ok());
  CHECK(CreateDevice("cpu:1", {}).status().code() == Code::kUnavailable);
  for (const char* name : {"", "gpu", "cpu:", "cpu:x", ":0", "cpu:99999"}) {
    CHECK(CreateDevice(name, {}).status().code() == Code::kInvalid);
  }
  CHECK(CreateDevice("cpu", {.threads = -1}).status().code() == Code::kInvalid);
}

}  // namespace

}  // namespace stint::testing
