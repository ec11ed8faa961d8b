// What a session says of itself where its device fails to tell. Opens the null backend's device by
// itself, past stint_device_open, as no app can make a device fail on demand.
#include <catch2/catch.hpp>

#include "backends/null/device.h"
#include "runtime/api/handles.h"
#include "tests/api/api_testing.h"
#include "tests/api/plans.h"

namespace stint::testing {

namespace {

TEST_CASE("Times that could not be read are asked for again, not taken for 0", "[api]") {
  auto null = null::NullDevice::Create(
      {.failure = {.call = 1, .code = Code::kLimit, .function = null::HalCall::kReadTimes}});
  REQUIRE(null.ok());
  auto made = Make<stint_device>();
  REQUIRE(made.ok());
  const DeviceHandle device(made->release());
  device->device = std::move(*null);
  stint_device* const devices[] = {device.get()};
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.devices = devices;
  options.device_count = 1;
  options.flags = STINT_SESSION_PROFILE;
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get(), &options);
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  stint_step step = STINT_STEP_INIT;
  CHECK(stint_session_step(session.get(), 0, &step, nullptr) == STINT_ERROR_LIMIT);
  const auto* const null_device = static_cast<null::NullDevice*>(device->device.get());
  CHECK(null_device->calls() == 1);
  CHECK(stint_session_step(session.get(), 0, &step, nullptr) == STINT_OK);
  CHECK(null_device->calls() == 2);
}

}  // namespace

}  // namespace stint::testing
