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

// y = -x.
PlanDescription MapAlone(PlanBuilder& builder) {
  const Dim n = builder.Symbol(0, 0);
  const uint32_t x = builder.Input(kF32, {n, 4});
  const uint32_t y = builder.Value(kF32, {n, 4});
  builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {builder.Whole(x)}, builder.Whole(y));
  builder.Output(builder.Whole(y));
  return builder.plan;
}

struct TwoDevices {
  Bound bound;
  null::NullDevice* null = nullptr;
};

TwoDevices OpenWithNull(const PlanDescription& plan, const null::NullOptions& null_options,
                        const SessionOptions& options = {}) {
  auto device = null::NullDevice::Create(null_options);
  REQUIRE(device.ok());
  TwoDevices two;
  two.null = device->get();
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
    const Session& session = *two.bound.session;
    CHECK(session.placement()[0].ops == 1);
    CHECK(session.placement()[1].ops == 1);
    CHECK(two.null->counters().dispatches == 1);
    CHECK(session.statistics().submissions == 2);
    CHECK(session.statistics().transfers == 1);
    // Inputs in host memory are used in place; others are copied first.
    CHECK(session.step_count() == (host_memory ? 3 : 4));
    CHECK(std::string(session.step(0).device) == "null");
    CHECK((session.step(0).kernel == nullptr) == !host_memory);
    // Transfers are copies between memory that the host sees.
    CHECK(two.null->counters().written_bytes == 0);
    CHECK(two.null->counters().read_bytes == 0);
  }
}

TEST_CASE("Outputs of a device without host memory lie where the host sees them", "[session]") {
  PlanBuilder builder;
  TwoDevices two = OpenWithNull(TwoOps(builder), {.host_memory = false, .only_op = kSoftmaxOnly});
  const Tensor x = Tensor(kF32, {2, 4});
  const Answer answer = RunSession(*two.bound.session, {x.view()});
  REQUIRE(answer.error == "");
  CHECK(answer.outputs[0].values<float>() == std::vector<float>(8, 0.0f));
  CHECK(two.bound.session->statistics().transfers == 1);
}

TEST_CASE("An op in the middle that the device refuses costs two transfers", "[session]") {
  PlanBuilder builder;
  const Dim n = builder.Symbol(0, 0);
  const uint32_t x = builder.Input(kF32, {n, 4});
  uint32_t value = x;
  const auto add_map = [&] {
    const uint32_t mapped = builder.Value(kF32, {n, 4});
    builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {builder.Whole(value)},
                builder.Whole(mapped));
    value = mapped;
  };
  for (int i = 0; i < 3; ++i) add_map();
  const uint32_t normal = builder.Value(kF32, {n, 4});
  SoftmaxAttributes softmax;
  softmax.axis = 1;
  builder.Op(OpKind::kSoftmax, Attributes::Of(softmax), {builder.Whole(value)},
             {builder.Whole(normal)});
  value = normal;
  for (int i = 0; i < 3; ++i) add_map();
  builder.Output(builder.Whole(value));
  TwoDevices two = OpenWithNull(builder.plan, {.host_memory = false, .only_op = kMapOnly});
  REQUIRE(RunSession(*two.bound.session, {Tensor(kF32, {3, 4}).view()}).error == "");
  const SessionStatistics statistics = two.bound.session->statistics();
  CHECK(statistics.transfers == 2);
  CHECK(statistics.submissions == 3);
  CHECK(two.bound.session->placement()[0].ops == 6);
}

TEST_CASE("Parts of a value that devices write in turn end in one place", "[session]") {
  for (const bool host_memory : {true, false}) {
    PlanBuilder builder;
    const uint32_t x = builder.Input(kF32, {2, 4});
    const uint32_t joined = builder.Value(kF32, {2, 12});
    SoftmaxAttributes softmax;
    softmax.axis = 1;
    const auto place = [&](int64_t column) {
      return builder.View(joined, {2, 4}, {12, 1}, column);
    };
    // Of these the null device runs the Map, which leaves anything.
    builder.Op(OpKind::kSoftmax, Attributes::Of(softmax), {builder.Whole(x)}, {place(0)});
    builder.Map(UnaryProgram(MapOpcode::kNeg, kF32, kF32), {place(0)}, place(4));
    builder.Op(OpKind::kSoftmax, Attributes::Of(softmax), {builder.Whole(x)}, {place(8)});
    builder.Output(builder.Whole(joined));
    TwoDevices two = OpenWithNull(builder.plan, {.host_memory = host_memory, .only_op = kMapOnly});
    const Tensor input = Tensor(kF32, {2, 4});
    const Answer answer = RunSession(*two.bound.session, {input.view()});
    REQUIRE(answer.error == "");
    for (const int64_t at : {0, 3, 8, 11, 12, 15, 20, 23}) {
      CHECK(answer.outputs[0].values<float>()[static_cast<size_t>(at)] == 0.25f);
    }
    CHECK(two.bound.session->statistics().transfers == 2);
    CHECK(two.null->counters().dispatches == 1);
  }
}

TEST_CASE("What a device refused can be read with its reason", "[session]") {
  PlanBuilder builder;
  TwoDevices two = OpenWithNull(TwoOps(builder), {.only_op = kMapOnly});
  REQUIRE(RunSession(*two.bound.session, {Tensor(kF32, {3, 4}).view()}).error == "");
  const Session& session = *two.bound.session;
  REQUIRE(session.refusal_count() >= 1);
  const RefusalInfo refusal = session.refusal(0);
  CHECK(refusal.op == 1);
  CHECK(std::string(refusal.device) == "null");
  CHECK(std::string(refusal.kernel).empty());
  CHECK(std::string(refusal.reason) == "has no kernel for it");
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
  TwoDevices two = OpenWithNull(
      TwoOps(builder),
      {.only_op = kMapOnly,
       .failure = {.call = 1, .code = Code::kUnsupported, .function = null::HalCall::kPrepare}});
  const Answer answer = RunSession(*two.bound.session, {Tensor(kF32, {1, 4}).view()});
  REQUIRE(answer.error == "");
  CHECK(two.bound.session->placement()[0].ops == 0);
  CHECK(two.bound.session->placement()[1].ops == 2);
}

TEST_CASE("A plan beyond its budget is nobody's failure: no device is left out for it",
          "[session]") {
  PlanBuilder builder;
  std::string lines;
  const auto write = [](void* user, int32_t, const char* line) {
    *static_cast<std::string*>(user) += line;
  };
  // The null device refused an op before that.
  TwoDevices two = OpenWithNull(
      TwoOps(builder),
      {.only_op = kMapOnly,
       .failure = {.call = 1, .code = Code::kUnsupported, .function = null::HalCall::kPrepare}},
      {.arena_bytes = 1024, .log = {write, &lines, LogLevel::kWarning}});
  const Answer answer = RunSession(*two.bound.session, {Tensor(kF32, {1000, 4}).view()});
  CHECK(answer.code == Code::kLimit);
  CHECK(lines == "");
}

TEST_CASE("Without fallback a lost device is the answer, each time", "[session]") {
  for (const null::HalCall function : {null::HalCall::kRecord, null::HalCall::kSubmit}) {
    PlanBuilder builder;
    TwoDevices two = OpenWithNull(TwoOps(builder), {.failure = {.call = 1, .function = function}},
                                  {.no_fallback = true});
    for (int i = 0; i < 2; ++i) {
      CHECK(RunSession(*two.bound.session, {Tensor(kF32, {1, 4}).view()}).code ==
            Code::kUnavailable);
    }
  }
}

TEST_CASE("A shape for which a device has no memory runs on the next one", "[session]") {
  PlanBuilder builder;
  TwoDevices two = OpenWithNull(TwoOps(builder), {.only_op = kMapOnly, .memory_bytes = 1024});
  const auto run = [&](int64_t n) {
    const Answer answer = RunSession(*two.bound.session, {Tensor(kF32, {n, 4}).view()});
    REQUIRE(answer.error == "");
    CHECK(answer.outputs[0].values<float>() ==
          std::vector<float>(4 * static_cast<size_t>(n), 0.25f));
    return two.bound.session->placement()[0].ops;
  };
  CHECK(run(2) == 1);
  CHECK(run(1000) == 0);
  CHECK(run(2) == 1);
  CHECK(two.bound.session->statistics().binding_hits == 1);
}

TEST_CASE("Without fallback no memory is an error that leaves earlier bindings usable",
          "[session]") {
  PlanBuilder builder;
  TwoDevices two = OpenWithNull(TwoOps(builder), {.memory_bytes = 1024}, {.no_fallback = true});
  const auto run = [&](int64_t n) {
    return RunSession(*two.bound.session, {Tensor(kF32, {n, 4}).view()});
  };
  CHECK(run(2).error == "");
  CHECK(run(1000).code == Code::kLimit);
  CHECK(run(2).error == "");
  CHECK(two.bound.session->statistics().binding_hits == 1);
}

TEST_CASE("A device without host memory can be alone", "[session]") {
  PlanBuilder builder;
  auto device = null::NullDevice::Create({.host_memory = false});
  REQUIRE(device.ok());
  std::vector<std::unique_ptr<Device>> devices;
  devices.push_back(std::move(*device));
  const Bound bound = Open(TwoOps(builder), std::move(devices));
  REQUIRE(bound.error == "");
  const Answer answer = RunSession(*bound.session, {Tensor(kF32, {3, 4}).view()});
  REQUIRE(answer.error == "");
  CHECK(answer.outputs[0].values<float>() == std::vector<float>(12, 0.0f));
  CHECK(bound.session->statistics().submissions == 1);
  CHECK(bound.session->statistics().transfers == 0);
}

Tensor Counting() { return Tensor::Of<float>({2, 4}, {0, 1, 2, 3, 0, 1, 2, 3}); }

TEST_CASE("Whatever call of a device fails, the answer is right or a clean error", "[session]") {
  PlanBuilder plain;
  const Bound cpu_alone = Open(TwoOps(plain));
  const Answer right = RunSession(*cpu_alone.session, {Counting().view()});
  REQUIRE(right.error == "");
  const std::vector<float> on_cpu = right.outputs[0].values<float>();
  int on_cpu_alone = 0;
  const bool host_memory = GENERATE(false, true);
  const Code code = GENERATE(Code::kUnavailable, Code::kLimit);
  const bool no_fallback = GENERATE(false, true);
  for (uint64_t call = 1;; ++call) {
    INFO("call " << call << ", host memory " << host_memory);
    REQUIRE(call < 1000);
    PlanBuilder builder;
    auto device = null::NullDevice::Create({.host_memory = host_memory, .only_op = kMapOnly});
    REQUIRE(device.ok());
    null::NullDevice* const null_device = device->get();
    null_device->ArmFailure({.call = call, .code = code});
    std::vector<std::unique_ptr<Device>> devices;
    devices.push_back(std::move(*device));
    devices.push_back(Cpu());
    const PlanDescription plan = no_fallback ? MapAlone(builder) : TwoOps(builder);
    const Bound bound = Open(plan, std::move(devices), {.no_fallback = no_fallback});
    if (bound.session == nullptr) {
      CHECK(no_fallback);
      CHECK(bound.code == code);
      continue;
    }
    int errors = 0;
    for (int run = 0; run < 3; ++run) {
      const Answer answer = RunSession(*bound.session, {Counting().view()});
      if (no_fallback) {
        CHECK((answer.error == "" || answer.code == code));
        errors += answer.error == "" ? 0 : 1;
        if (code == Code::kLimit) CHECK(errors <= 1);
        continue;
      }
      REQUIRE(answer.error == "");
      // What the null device left means nothing; without it the answer is the CPU's.
      if (bound.session->placement()[0].ops > 0) continue;
      CHECK(answer.outputs[0].values<float>() == on_cpu);
      ++on_cpu_alone;
    }
    if (null_device->calls() < call) break;
  }
  CHECK((on_cpu_alone > 0) == !no_fallback);
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
