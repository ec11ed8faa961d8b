// Running: shapes before a run, strided inputs, where outputs go, what a session says of itself.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/api/api_testing.h"
#include "tests/api/plans.h"
#include "tests/compiler/allocation_count.h"

namespace stint::testing {

namespace {

using Shape = std::vector<int64_t>;

Shape ShapeOf(const stint_tensor& tensor) { return {tensor.shape, tensor.shape + tensor.rank}; }

TEST_CASE("Output shapes are known before a run, from shapes of inputs alone", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  stint_tensor output = {};
  CHECK(stint_session_output(session.get(), 0, &output, nullptr) == STINT_ERROR_INVALID);
  const Shape shape = {5, 2};
  const stint_tensor input = stint_dense(STINT_FLOAT32, 2, shape.data(), nullptr);
  REQUIRE(stint_session_prepare(session.get(), &input, 1, nullptr) == STINT_OK);
  REQUIRE(stint_session_output(session.get(), 0, &output, nullptr) == STINT_OK);
  CHECK(ShapeOf(output) == shape);
  CHECK(output.dtype == STINT_FLOAT32);
  CHECK(output.data == nullptr);
}

TEST_CASE("Shapes that depend on an input's elements need its data only", "[api]") {
  const PlanHandle plan = LoadPlan(PrefixPlan());
  const SessionHandle session = MakeSession(plan.get());
  const int64_t counts[] = {3, -7};
  const Shape four = {4};
  const Shape one = {1};
  stint_tensor inputs[] = {stint_dense(STINT_FLOAT32, 1, four.data(), nullptr),
                           stint_dense(STINT_INT64, 1, one.data(), nullptr)};
  Failure failure;
  CHECK(stint_session_prepare(session.get(), inputs, 2, &failure.error) == STINT_ERROR_INVALID);
  inputs[1].data = const_cast<int64_t*>(counts);
  inputs[1].strides[0] = -100;  // Of one element: means nothing.
  REQUIRE(stint_session_prepare(session.get(), inputs, 2, nullptr) == STINT_OK);
  stint_tensor output = {};
  REQUIRE(stint_session_output(session.get(), 0, &output, nullptr) == STINT_OK);
  CHECK(ShapeOf(output) == Shape{3});
  std::vector<float> x = {1, 2, 3, 4};
  inputs[0].data = x.data();
  REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session.get()) == std::vector<float>{1, 2, 3});
}

TEST_CASE("Pixels that lie channels last are an input of a model of channels first", "[api]") {
  const PlanHandle plan = LoadPlan(PixelsPlan());
  const SessionHandle session = MakeSession(plan.get());
  // Two rows of three pixels; pixel p has channels 10p, 10p + 1, 10p + 2.
  std::vector<float> pixels;
  for (int pixel = 0; pixel < 6; ++pixel) {
    for (int channel = 0; channel < 3; ++channel) {
      pixels.push_back(static_cast<float>(10 * pixel + channel));
    }
  }
  const Shape shape = {1, 3, 2, 3};
  stint_tensor input = stint_dense(STINT_FLOAT32, 4, shape.data(), pixels.data());
  const int64_t strides[] = {72, 4, 36, 12};
  std::memcpy(input.strides, strides, sizeof(strides));
  const std::vector<float> before = pixels;
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  const std::vector<float> expected = {0,   -10, -20, -30, -40, -50, -1,  -11, -21,
                                       -31, -41, -51, -2,  -12, -22, -32, -42, -52};
  CHECK(OutputOf(session.get()) == expected);
  CHECK(pixels == before);
}

TEST_CASE("Broadcast, backward and misaligned views are inputs like others", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 1, 2, 2};
  stint_tensor view = View(x, {3, 2});
  view.strides[0] = 0;
  REQUIRE(stint_session_run(session.get(), &view, 1, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session.get()) == std::vector<float>{-4, -6, -4, -6, -4, -6});
  view = View(x, {2, 2});
  view.data = x.data() + 2;
  view.strides[0] = -8;
  REQUIRE(stint_session_run(session.get(), &view, 1, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session.get()) == std::vector<float>{-8, -12, -4, -6});
  std::vector<uint8_t> bytes(17);
  std::memcpy(bytes.data() + 1, x.data(), 16);
  view = View(x, {2, 2});
  view.data = bytes.data() + 1;
  REQUIRE(stint_session_run(session.get(), &view, 1, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session.get()) == std::vector<float>{-4, -6, -8, -12});
}

TEST_CASE("Once shapes are prepared, a run allocates nothing, also for views that it copies",
          "[api]") {
  const PlanHandle plan = LoadPlan(PixelsPlan());
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.threads = 1;
  std::vector<float> pixels(3 * 40 * 50);
  stint_tensor dense = View(pixels, {1, 3, 40, 50});
  stint_tensor interleaved = dense;
  const int64_t strides[] = {24000, 4, 600, 12};
  std::memcpy(interleaved.strides, strides, sizeof(strides));
  for (stint_tensor input : {dense, interleaved}) {
    const SessionHandle session = MakeSession(plan.get(), &options);
    input.data = nullptr;
    REQUIRE(stint_session_prepare(session.get(), &input, 1, nullptr) == STINT_OK);
    input.data = pixels.data();
    const uint64_t before = AllocationCount();
    const stint_code code = stint_session_run(session.get(), &input, 1, nullptr, nullptr);
    const uint64_t after = AllocationCount();
    CHECK(code == STINT_OK);
    CHECK(before > 0);  // The counter counts.
    CHECK(after == before);
  }
}

TEST_CASE("An optional input that is left out takes its default", "[api]") {
  const PlanHandle plan = LoadPlan(DefaultPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 2};
  std::vector<float> added = {5, 6};
  stint_tensor inputs[] = {View(x, {2}), {}};
  REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session.get()) == std::vector<float>{11, 12});
  inputs[1] = View(added, {2});
  REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session.get()) == std::vector<float>{6, 8});
  CHECK(OutputOf(session.get(), 1) == x);
}

TEST_CASE("A bound output is written in the caller's memory until it is unbound", "[api]") {
  const PlanHandle plan = LoadPlan(AccumulatorPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 2};
  std::vector<float> s = {10, 20};
  const stint_tensor inputs[] = {View(x, {2}), View(s, {2})};
  std::vector<float> sum(2);
  const stint_tensor memory = View(sum, {2});
  REQUIRE(stint_session_bind_output(session.get(), 0, &memory, nullptr) == STINT_OK);
  for (int round = 0; round < 2; ++round) {
    sum = {0, 0};
    REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
    CHECK(sum == std::vector<float>{11, 22});
    stint_tensor output = {};
    REQUIRE(stint_session_output(session.get(), 0, &output, nullptr) == STINT_OK);
    CHECK(output.data == sum.data());
    CHECK(OutputOf(session.get(), 1) == std::vector<float>{-11, -22});
  }
  REQUIRE(stint_session_bind_output(session.get(), 0, nullptr, nullptr) == STINT_OK);
  sum = {0, 0};
  REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(sum == std::vector<float>{0, 0});
  CHECK(OutputOf(session.get(), 0) == std::vector<float>{11, 22});
}

TEST_CASE("A bound output that is a part of a value takes that part and no more", "[api]") {
  const PlanHandle plan = LoadPlan(PartPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x(64, 3.0f);
  const stint_tensor input = View(x, {64});
  std::vector<float> guarded(66, 7.0f);
  stint_tensor memory = View(guarded, {66});
  memory.shape[0] = 2;
  REQUIRE(stint_session_bind_output(session.get(), 0, &memory, nullptr) == STINT_OK);
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  CHECK(guarded[0] == -3);
  CHECK(guarded[1] == -3);
  CHECK(std::count(guarded.begin() + 2, guarded.end(), 7.0f) == 64);
}

TEST_CASE("An output that nothing wrote is there all the same", "[api]") {
  const PlanHandle plan = LoadPlan(HollowPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x(4, 3.0f);
  const stint_tensor input = View(x, {4});
  for (int run = 0; run < 2; ++run) {
    REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
    CHECK(OutputOf(session.get(), 0).size() == 4);
  }
}

TEST_CASE("A bound output may be strided: the elements between are left alone", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 1, 2, 2};
  const stint_tensor input = View(x, {2, 2});
  std::vector<float> table(6, 9);
  stint_tensor memory = View(table, {2, 2});
  memory.strides[0] = 12;
  REQUIRE(stint_session_bind_output(session.get(), 0, &memory, nullptr) == STINT_OK);
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  CHECK(table == std::vector<float>{-4, -6, 9, -8, -12, 9});
}

TEST_CASE("Bound memory of another shape or dtype is refused before anything is written", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  std::vector<float> out(8, 9);
  stint_tensor memory = View(out, {2, 2});
  const auto fails = [&](const char* text) {
    REQUIRE(stint_session_bind_output(session.get(), 0, &memory, nullptr) == STINT_OK);
    Failure failure;
    CHECK(stint_session_run(session.get(), &input, 1, nullptr, &failure.error) ==
          STINT_ERROR_INVALID);
    CHECK(failure.text() == text);
    CHECK(out == std::vector<float>(8, 9));
  };
  fails("output 0: found extent 2 on axis 0, allowed 1");
  memory.strides[0] = 16;
  fails("output 0: found extent 2 on axis 0, allowed 1");
  memory = View(out, {1, 2});
  memory.dtype = STINT_INT32;
  fails("output 0: found int32, allowed float32");
  memory.strides[1] = 8;
  fails("output 0: found int32, allowed float32");
  memory = View(out, {2});
  fails("output 0: found rank 1, allowed 2");
  memory.strides[0] = 8;
  fails("output 0: found rank 1, allowed 2");
  memory.data = nullptr;
  CHECK(stint_session_bind_output(session.get(), 0, &memory, nullptr) == STINT_ERROR_INVALID);
  memory = {};
  CHECK(stint_session_bind_output(session.get(), 0, &memory, nullptr) == STINT_ERROR_INVALID);
  CHECK(stint_session_bind_output(session.get(), 0, nullptr, nullptr) == STINT_OK);
  CHECK(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
}

TEST_CASE("A binding that is refused leaves the session its results and its bindings", "[api]") {
  const PlanHandle plan = LoadPlan(AccumulatorPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 2};
  std::vector<float> sum(2);
  const stint_tensor inputs[] = {View(x, {2}), View(x, {2})};
  const stint_tensor memory = View(sum, {2});
  REQUIRE(stint_session_bind_output(session.get(), 0, &memory, nullptr) == STINT_OK);
  REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  stint_tensor nowhere = memory;
  nowhere.data = nullptr;
  stint_tensor nine = memory;
  nine.rank = 9;
  stint_tensor negative = memory;
  negative.shape[0] = -2;
  const stint_tensor short_state = View(x, {1});
  for (const stint_tensor& wrong : {nowhere, nine, negative, stint_tensor()}) {
    for (const size_t output : {0, 1}) {
      CHECK(stint_session_bind_output(session.get(), output, &wrong, nullptr) ==
            STINT_ERROR_INVALID);
    }
  }
  CHECK(stint_session_bind_state(session.get(), 1, 1, &short_state, nullptr) ==
        STINT_ERROR_INVALID);
  CHECK(OutputOf(session.get(), 0) == std::vector<float>{2, 4});
  CHECK(OutputOf(session.get(), 1) == std::vector<float>{-2, -4});
  sum = {0, 0};
  REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(sum == std::vector<float>{2, 4});
}

TEST_CASE("An output that is an input of the model can be bound", "[api]") {
  const PlanHandle plan = LoadPlan(DefaultPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 2};
  const stint_tensor inputs[] = {View(x, {2}), {}};
  std::vector<float> same(2);
  const stint_tensor memory = View(same, {2});
  REQUIRE(stint_session_bind_output(session.get(), 1, &memory, nullptr) == STINT_OK);
  REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(same == x);
}

TEST_CASE("A memory budget that is too small is a limit, before anything runs", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  std::vector<float> x(20000, 1);
  const stint_tensor small = View(x, {4, 2});
  const stint_tensor large = View(x, {10000, 2});
  const SessionHandle free = MakeSession(plan.get());
  REQUIRE(stint_session_prepare(free.get(), &small, 1, nullptr) == STINT_OK);
  stint_statistics statistics = STINT_STATISTICS_INIT;
  REQUIRE(stint_session_get_statistics(free.get(), &statistics, nullptr) == STINT_OK);
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.arena_bytes = statistics.arena_bytes;
  const SessionHandle session = MakeSession(plan.get(), &options);
  CHECK(stint_session_run(session.get(), &large, 1, nullptr, nullptr) == STINT_ERROR_LIMIT);
  CHECK(stint_session_run(session.get(), &small, 1, nullptr, nullptr) == STINT_OK);
}

TEST_CASE("As many prepared shapes as there are may be kept, and take no memory before", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.prepared_shapes = UINT32_MAX;
  const SessionHandle session = MakeSession(plan.get(), &options);
  std::vector<float> x(40, 1);
  for (int round = 0; round < 2; ++round) {
    for (int64_t rows = 1; rows <= 20; ++rows) {
      const stint_tensor input = View(x, {rows, 2});
      REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
    }
  }
  stint_statistics statistics = STINT_STATISTICS_INIT;
  REQUIRE(stint_session_get_statistics(session.get(), &statistics, nullptr) == STINT_OK);
  CHECK(statistics.prepared_misses == 20);
  CHECK(statistics.prepared_hits == 20);
}

TEST_CASE("A profile has each step's kernel, device and seconds", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const DeviceHandle cpu = OpenDevice("cpu");
  stint_device* const devices[] = {cpu.get()};
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.flags = STINT_SESSION_PROFILE;
  options.devices = devices;
  options.device_count = 1;
  const SessionHandle session = MakeSession(plan.get(), &options);
  std::vector<float> x(2000, 1);
  const stint_tensor input = View(x, {1000, 2});
  CHECK(stint_session_step_count(session.get()) == 0);
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  REQUIRE(stint_session_step_count(session.get()) >= 2);
  stint_step step = STINT_STEP_INIT;
  REQUIRE(stint_session_step(session.get(), 0, &step, nullptr) == STINT_OK);
  CHECK(step.op == 0);
  CHECK(std::string(step.name) == "op0");
  CHECK(std::string(step.kind) == "MatMul");
  CHECK(std::string(step.device) == "cpu");
  REQUIRE(step.kernel != nullptr);
  CHECK(step.source == nullptr);
  CHECK(step.seconds > 0);
  CHECK(step.operations == 1000 * 2 * 2);
  stint_placement placement = STINT_PLACEMENT_INIT;
  REQUIRE(stint_session_device_count(session.get()) == 1);
  REQUIRE(stint_session_placement(session.get(), 0, &placement, nullptr) == STINT_OK);
  CHECK(std::string(placement.device) == "cpu");
  CHECK(placement.ops == 2);
  stint_statistics statistics = STINT_STATISTICS_INIT;
  REQUIRE(stint_session_get_statistics(session.get(), &statistics, nullptr) == STINT_OK);
  CHECK(statistics.submissions == 1);
  CHECK(statistics.arena_bytes >= statistics.live_bytes);
  CHECK(statistics.prepared_misses == 1);
  stint_device_counters counters = STINT_DEVICE_COUNTERS_INIT;
  REQUIRE(stint_device_get_counters(cpu.get(), &counters, nullptr) == STINT_OK);
  CHECK(counters.submissions == 1);
}

TEST_CASE("Without a profile steps have no seconds", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  stint_step step = STINT_STEP_INIT;
  REQUIRE(stint_session_step(session.get(), 0, &step, nullptr) == STINT_OK);
  CHECK(step.seconds < 0);
}

TEST_CASE("A session tells its groups, their steps' numbers, and none where it may have none",
          "[api]") {
  const PlanHandle plan = LoadPlan(TwoPoolsPlan());
  std::vector<float> x(64 * 64 * 64, 1);
  x[0] = 5;
  const stint_tensor input = View(x, {1, 64, 64, 64});
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.threads = 1;
  const SessionHandle joined = MakeSession(plan.get(), &options);
  options.flags = STINT_SESSION_NO_GROUPS;
  const SessionHandle single = MakeSession(plan.get(), &options);
  CHECK(stint_session_group_count(joined.get()) == 0);
  for (stint_session* const session : {joined.get(), single.get()}) {
    REQUIRE(stint_session_run(session, &input, 1, nullptr, nullptr) == STINT_OK);
    REQUIRE(stint_session_step_count(session) == 2);
  }
  REQUIRE(stint_session_group_count(joined.get()) == 1);
  stint_group group = STINT_GROUP_INIT;
  REQUIRE(stint_session_group(joined.get(), 0, &group, nullptr) == STINT_OK);
  CHECK(group.first_step == 0);
  CHECK(group.end_step == 2);
  CHECK(group.lines > 0);
  CHECK(group.kept_bytes < x.size() * sizeof(float));
  CHECK(stint_session_group(joined.get(), 1, &group, nullptr) == STINT_ERROR_INVALID);
  CHECK(stint_session_group_count(single.get()) == 0);
  stint_step step = STINT_STEP_INIT;
  for (size_t i = 0; i < 2; ++i) {
    REQUIRE(stint_session_step(joined.get(), i, &step, nullptr) == STINT_OK);
    CHECK(step.group == 1);
    REQUIRE(stint_session_step(single.get(), i, &step, nullptr) == STINT_OK);
    CHECK(step.group == 0);
  }
  const std::vector<float> largest = OutputOf(joined.get());
  CHECK(largest == OutputOf(single.get()));
  CHECK(std::count(largest.begin(), largest.end(), 5.0f) == 9);
}

TEST_CASE("A plan and devices may be destroyed before their session", "[api]") {
  PlanHandle plan = LoadPlan(ProductPlan());
  DeviceHandle cpu = OpenDevice("cpu");
  stint_device* const devices[] = {cpu.get()};
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.devices = devices;
  options.device_count = 1;
  const SessionHandle session = MakeSession(plan.get(), &options);
  plan.reset();
  cpu.reset();
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session.get()) == std::vector<float>{-4, -6});
}

TEST_CASE("Log lines go where the session was told, up to its level", "[api]") {
  std::vector<std::string> lines;
  const auto write = [](void* user, int32_t, const char* line) {
    static_cast<std::vector<std::string>*>(user)->push_back(line);
  };
  const PlanHandle plan = LoadPlan(ProductPlan());
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  for (const int32_t level : {STINT_LOG_WARNING, STINT_LOG_INFO}) {
    stint_session_options options = STINT_SESSION_OPTIONS_INIT;
    options.log = {write, &lines, level};
    const SessionHandle session = MakeSession(plan.get(), &options);
    REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
    CHECK(lines.size() == (level == STINT_LOG_INFO ? 1 : 0));
  }
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("bound: ") == 0);
}

}  // namespace

}  // namespace stint::testing
