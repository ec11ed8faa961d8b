#include "tests/api/api_testing.h"

#include <catch2/catch.hpp>

namespace stint::testing {

PlanHandle LoadPlan(const std::vector<uint8_t>& bytes) {
  stint_plan_options options = STINT_PLAN_OPTIONS_INIT;
  options.flags = STINT_PLAN_COPY;
  stint_plan* plan = nullptr;
  Failure failure;
  stint_plan_from_memory(bytes.data(), bytes.size(), &options, &plan, &failure.error);
  REQUIRE(failure.text() == "");
  return PlanHandle(plan);
}

DeviceHandle OpenDevice(const char* name, int threads) {
  stint_device_options options = STINT_DEVICE_OPTIONS_INIT;
  options.threads = threads;
  stint_device* device = nullptr;
  Failure failure;
  stint_device_open(name, &options, &device, &failure.error);
  REQUIRE(failure.text() == "");
  return DeviceHandle(device);
}

SessionHandle MakeSession(const stint_plan* plan, const stint_session_options* options) {
  stint_session* session = nullptr;
  Failure failure;
  stint_session_create(plan, options, &session, &failure.error);
  REQUIRE(failure.text() == "");
  return SessionHandle(session);
}

stint_tensor View(std::vector<float>& values, const std::vector<int64_t>& shape) {
  return stint_dense(STINT_FLOAT32, static_cast<int32_t>(shape.size()), shape.data(),
                     values.data());
}

std::vector<float> Floats(const stint_tensor& tensor) {
  size_t count = 1;
  for (int axis = 0; axis < tensor.rank; ++axis) count *= static_cast<size_t>(tensor.shape[axis]);
  const auto* const data = static_cast<const float*>(tensor.data);
  return {data, data + count};
}

std::vector<float> OutputOf(stint_session* session, size_t index) {
  stint_tensor output = {};
  Failure failure;
  stint_session_output(session, index, &output, &failure.error);
  REQUIRE(failure.text() == "");
  return Floats(output);
}

}  // namespace stint::testing
