// Two small models that sessions of the Vulkan backend's tests run: plans written by hand, with
// weights that are the same each time.
#ifndef STINT_TESTS_VULKAN_SESSION_MODELS_H_
#define STINT_TESTS_VULKAN_SESSION_MODELS_H_

#include "tests/compiler/session_testing.h"

namespace stint::testing {

// An image net: Conv, Pool, Conv, residual addition, Softmax over channels.
class ConvNet : public PlanBuilder {
 public:
  ConvNet();
  static Tensor Input();

 private:
  uint32_t Conv(uint32_t x, int64_t in, int64_t out, int64_t extent);
  Dim n_;
};

// Attention: three products with weights, scores, Softmax, a Map of two inputs. `interrupted`: in
// the middle stands a running sum, for which the Vulkan backend has no kernel.
class Attention : public PlanBuilder {
 public:
  explicit Attention(bool interrupted);
  static Tensor Input();

 private:
  uint32_t Project(uint32_t x, int64_t seed);
  Dim n_;
};

}  // namespace stint::testing

#endif  // STINT_TESTS_VULKAN_SESSION_MODELS_H_
