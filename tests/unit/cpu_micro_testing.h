// For tests of the channels-last kernels: buffers that end at a page which traps, tensors turned
// between NCHW and pixels, epilogues in double.
#ifndef STINT_TESTS_UNIT_CPU_MICRO_TESTING_H_
#define STINT_TESTS_UNIT_CPU_MICRO_TESTING_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "backends/cpu/cpu_info.h"
#include "backends/cpu/nhwc/conv.h"
#include "runtime/ops/layouts/layout.h"
#include "tests/unit/cpu_testing.h"

namespace stint::testing {

// Each instruction set up to this processor's best.
inline std::vector<cpu::Isa> MicroIsas() {
  std::vector<cpu::Isa> isas;
  for (const cpu::Isa isa : {cpu::Isa::kBaseline, cpu::Isa::kAvx2, cpu::Isa::kAvx512}) {
    if (isa <= cpu::DetectCpu().isa) isas.push_back(isa);
  }
  return isas;
}

// Floats whose last one is the last of a page; the next page traps. What lies before them is
// checked.
class GuardedFloats {
 public:
  explicit GuardedFloats(size_t count, float fill = 0.0f) : count_(count) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    usable_ = (count * sizeof(float) + 256 + page - 1) / page * page;
    bytes_ = usable_ + page;
    memory_ = static_cast<uint8_t*>(
        mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory_ + usable_, page, PROT_NONE);
    std::memset(memory_, 0x5a, usable_);
    for (size_t i = 0; i < count; ++i) data()[i] = fill;
  }
  explicit GuardedFloats(const std::vector<float>& values) : GuardedFloats(values.size()) {
    if (!values.empty()) std::memcpy(data(), values.data(), values.size() * sizeof(float));
  }
  ~GuardedFloats() { munmap(memory_, bytes_); }
  GuardedFloats(const GuardedFloats&) = delete;
  GuardedFloats& operator=(const GuardedFloats&) = delete;

  float* data() const {
    return reinterpret_cast<float*>(memory_ + usable_ - count_ * sizeof(float));
  }
  size_t size() const { return count_; }
  std::vector<float> values() const { return {data(), data() + count_}; }
  bool Intact() const {
    for (const uint8_t* at = memory_; at < reinterpret_cast<uint8_t*>(data()); ++at) {
      if (*at != 0x5a) return false;
    }
    return true;
  }

 private:
  size_t count_;
  size_t usable_ = 0;
  size_t bytes_ = 0;
  uint8_t* memory_ = nullptr;
};

inline std::vector<float> RandomVector(size_t count, uint32_t seed) {
  return RandomFloats({static_cast<int64_t>(count)}, seed).values<float>();
}

// What stands where kernels must not write.
inline constexpr float kUntouched = 12345.0f;

// [C, H, W] as pixels `pixel` floats apart; behind the last channel of the last there is nothing.
inline std::vector<float> ToPixels(const std::vector<float>& planes, int64_t channels,
                                   int64_t pixels, int64_t pixel) {
  std::vector<float> to(static_cast<size_t>((pixels - 1) * pixel + channels), kUntouched);
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t c = 0; c < channels; ++c) {
      to[static_cast<size_t>(p * pixel + c)] = planes[static_cast<size_t>(c * pixels + p)];
    }
  }
  return to;
}

// Whether all that is no channel of a pixel is as ToPixels left it.
inline bool GapsUntouched(const std::vector<float>& values, int64_t channels, int64_t pixel) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (static_cast<int64_t>(i) % pixel >= channels && values[i] != kUntouched) return false;
  }
  return true;
}

inline double ActivateInDouble(const cpu::Finish& finish, double x) {
  switch (finish.activation) {
    case cpu::Activation::kNone:
      return x;
    case cpu::Activation::kClamp:
      return std::fmin(std::fmax(x, finish.low), finish.high);
    case cpu::Activation::kLinear:
      return std::fmin(std::fmax(finish.slope * x + finish.offset, finish.low), finish.high);
    case cpu::Activation::kLeaky:
      return x < 0 ? finish.slope * x : x;
    case cpu::Activation::kHardSwish:
      return x * std::fmin(std::fmax(x / 6 + 0.5, 0.0), 1.0);
    case cpu::Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case cpu::Activation::kSwish:
      return x / (1 + std::exp(-x));
    case cpu::Activation::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case cpu::Activation::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  }
  return x;
}

// The result for a sum of `channel`, bias included. `residual`: 0 when there is none.
inline double FinishInDouble(const cpu::Finish& finish, double sum, int64_t channel,
                             double residual) {
  if (finish.scale != nullptr) sum *= finish.scale[channel];
  if (!finish.residual_last) sum += residual;
  const double value = ActivateInDouble(finish, sum);
  return finish.residual_last ? value + residual : value;
}

// Sums of up to a few thousand products of numbers below 1 in another order.
inline double ErrorOf(double found, double expected) {
  const double error = std::abs(found - expected) / (1 + std::abs(expected));
  return error == error ? error : 1e9;
}
inline constexpr double kMicroTolerance = 2e-5;

// Finishes of each kind, with pointers into `values`, which have 3 * channels elements.
inline std::vector<cpu::Finish> FinishesOf(const float* values, int64_t channels) {
  using cpu::Activation;
  const float infinity = std::numeric_limits<float>::infinity();
  const float* const scale = values + channels;
  return {
      {},
      {.bias = values},
      {.bias = values, .activation = Activation::kClamp, .low = 0.0f, .high = infinity},
      {.bias = values, .activation = Activation::kClamp, .low = -0.25f, .high = 0.5f},
      {.bias = values, .scale = scale, .activation = Activation::kHardSwish},
      {.activation = Activation::kLinear, .high = 1.0f, .slope = 0.2f, .offset = 0.5f},
      {.bias = values, .activation = Activation::kLeaky, .slope = 0.1f},
      {.bias = values, .activation = Activation::kSigmoid},
      {.bias = values, .activation = Activation::kSwish, .residual_last = true},
      {.scale = scale, .activation = Activation::kGelu},
      {.bias = values, .activation = Activation::kGeluTanh},
  };
}

}  // namespace stint::testing

#endif  // STINT_TESTS_UNIT_CPU_MICRO_TESTING_H_
