// What tests of the C interface share: owners, errors as text, sessions of the small plans.
#ifndef STINT_TESTS_API_API_TESTING_H_
#define STINT_TESTS_API_API_TESTING_H_

#include <stint/stint.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace stint::testing {

struct DestroyPlan {
  void operator()(stint_plan* plan) const { stint_plan_destroy(plan); }
};
struct DestroyDevice {
  void operator()(stint_device* device) const { stint_device_destroy(device); }
};
struct DestroySession {
  void operator()(stint_session* session) const { stint_session_destroy(session); }
};
using PlanHandle = std::unique_ptr<stint_plan, DestroyPlan>;
using DeviceHandle = std::unique_ptr<stint_device, DestroyDevice>;
using SessionHandle = std::unique_ptr<stint_session, DestroySession>;

// An error that remembers; "" when all went well.
struct Failure {
  stint_error error = STINT_ERROR_INIT;
  std::string text() const {
    return error.code == STINT_OK ? "" : std::string(error.where) + ": " + error.message;
  }
};

// Fails the test where there is an error.
PlanHandle LoadPlan(const std::vector<uint8_t>& bytes);
DeviceHandle OpenDevice(const char* name, int threads = 2);
SessionHandle MakeSession(const stint_plan* plan, const stint_session_options* options = nullptr);

// A dense view of `values`, which must outlive it.
stint_tensor View(std::vector<float>& values, const std::vector<int64_t>& shape);
std::vector<float> Floats(const stint_tensor& tensor);
// Output `index` of the session as numbers.
std::vector<float> OutputOf(stint_session* session, size_t index = 0);

}  // namespace stint::testing

#endif  // STINT_TESTS_API_API_TESTING_H_
