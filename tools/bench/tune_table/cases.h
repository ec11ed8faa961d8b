// The fixed list of calls that rates are measured with: shapes of common networks, each in the
// memory layout that one row or another takes.
#ifndef STINT_TOOLS_BENCH_TUNE_TABLE_CASES_H_
#define STINT_TOOLS_BENCH_TUNE_TABLE_CASES_H_

#include <deque>
#include <memory>
#include <vector>

#include "runtime/hal/device.h"
#include "tools/bench/kernels/measure.h"

namespace stint::bench {

// A call with its tensors in the memory of a device, and what holds the attributes.
class Case {
 public:
  Case(Device& device, const OpInfo& op) : device_(device), op_(op), attributes_(op) {}

  template <typename T>
  T& attributes() {
    return *reinterpret_cast<T*>(attributes_.data.get());
  }
  // Floats that lie in memory in the order of the axes of `order`, outermost first; empty: dense.
  void Operand(const std::vector<int64_t>& extents, const std::vector<int>& order = {});
  // Numbers of rows below `below`, int32.
  void Indices(const std::vector<int64_t>& extents, int64_t below);
  void Result(const std::vector<int64_t>& extents, const std::vector<int>& order = {});
  // A dense or packed constant of pseudo-random numbers.
  void Constant(const std::vector<int64_t>& extents, Layout layout);

  KernelCall Call() const { return {&op_, attributes_.data.get(), operands_, results_}; }

 private:
  struct Attributes {
    explicit Attributes(const OpInfo& op);
    std::unique_ptr<uint64_t[]> data;
  };
  DeviceTensor Tensor(const std::vector<int64_t>& extents, const std::vector<int>& order);

  Device& device_;
  const OpInfo& op_;
  Attributes attributes_;
  std::vector<DeviceTensor> operands_;
  std::vector<DeviceTensor> results_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::deque<Floats> constants_;
};

// All calls but the next two.
std::vector<std::unique_ptr<Case>> MakeCases(Device& device);

// A 3x3 convolution, channels last.
std::unique_ptr<Case> MakeTransformCase(Device& device, int64_t side, int64_t channels);

// A copy of one element.
std::unique_ptr<Case> MakeEmptyCase(Device& device);

}  // namespace stint::bench

#endif  // STINT_TOOLS_BENCH_TUNE_TABLE_CASES_H_
