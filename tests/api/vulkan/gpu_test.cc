// Where outputs go when a GPU computes them: what the CPU writes in place is copied here, and state
// crosses between runs all the same.
#include <catch2/catch.hpp>

#include "tests/api/api_testing.h"
#include "tests/api/plans.h"

namespace stint::testing {

namespace {

struct GpuSession {
  explicit GpuSession(const std::vector<uint8_t>& bytes) : plan(LoadPlan(bytes)) {
    stint_device* const devices[] = {gpu.get()};
    stint_session_options options = STINT_SESSION_OPTIONS_INIT;
    options.flags = STINT_SESSION_NO_FALLBACK;
    options.devices = devices;
    options.device_count = 1;
    session = MakeSession(plan.get(), &options);
  }
  DeviceHandle gpu = OpenDevice("vulkan");
  PlanHandle plan;
  SessionHandle session;
};

TEST_CASE("A GPU's outputs land in bound memory, dense or strided", "[api]") {
  const GpuSession gpu(ProductPlan());
  std::vector<float> x = {1, 1, 2, 2};
  const stint_tensor input = View(x, {2, 2});
  std::vector<float> dense(4);
  stint_tensor memory = View(dense, {2, 2});
  REQUIRE(stint_session_bind_output(gpu.session.get(), 0, &memory, nullptr) == STINT_OK);
  REQUIRE(stint_session_run(gpu.session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  CHECK(dense == std::vector<float>{-4, -6, -8, -12});
  CHECK(OutputOf(gpu.session.get()) == dense);
  std::vector<float> table(6, 9);
  memory = View(table, {2, 2});
  memory.strides[0] = 12;
  REQUIRE(stint_session_bind_output(gpu.session.get(), 0, &memory, nullptr) == STINT_OK);
  REQUIRE(stint_session_run(gpu.session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  CHECK(table == std::vector<float>{-4, -6, 9, -8, -12, 9});
}

TEST_CASE("State on a GPU adds up, and is reset", "[api]") {
  const GpuSession gpu(AccumulatorPlan());
  std::vector<float> x = {1, 2};
  const int64_t shape[] = {2};
  const stint_tensor zeros = stint_dense(STINT_FLOAT32, 1, shape, nullptr);
  REQUIRE(stint_session_bind_state(gpu.session.get(), 0, 1, &zeros, nullptr) == STINT_OK);
  const stint_tensor inputs[] = {View(x, {2}), {}};
  for (int round = 1; round <= 3; ++round) {
    REQUIRE(stint_session_run(gpu.session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
    const auto scale = static_cast<float>(round);
    CHECK(OutputOf(gpu.session.get(), 0) == std::vector<float>{scale, 2 * scale});
  }
  REQUIRE(stint_session_reset_state(gpu.session.get(), nullptr) == STINT_OK);
  REQUIRE(stint_session_run(gpu.session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(gpu.session.get(), 1) == std::vector<float>{-1, -2});
}

TEST_CASE("A deadline that has passed keeps a run from a GPU", "[api]") {
  const GpuSession gpu(ProductPlan());
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  stint_run_options options = STINT_RUN_OPTIONS_INIT;
  options.timeout = 1;
  CHECK(stint_session_run(gpu.session.get(), &input, 1, &options, nullptr) == STINT_ERROR_DEADLINE);
  stint_device_counters counters = STINT_DEVICE_COUNTERS_INIT;
  REQUIRE(stint_device_get_counters(gpu.gpu.get(), &counters, nullptr) == STINT_OK);
  CHECK(counters.submissions == 0);
  REQUIRE(stint_session_run(gpu.session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(gpu.session.get()) == std::vector<float>{-4, -6});
}

}  // namespace

}  // namespace stint::testing
