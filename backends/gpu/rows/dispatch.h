// What rows share: a dispatch whose parameters are known when it is prepared, but for where its
// tensors lie, which Record fills in.
//
// The first parameters of a kernel are the bases of its tensors, in the order of its bindings.
#ifndef STINT_BACKENDS_GPU_ROWS_DISPATCH_H_
#define STINT_BACKENDS_GPU_ROWS_DISPATCH_H_

#include <cstdint>
#include <initializer_list>
#include <memory>

#include "backends/gpu/device.h"
#include "backends/gpu/kernel_sources.h"
#include "backends/gpu/program_link.h"

namespace stint::gpu {

// The parameters of a kernel behind the bases. Numbers wrap to 32 bits: what counts elements was
// checked to fit, and sums of strides wrap back.
struct Words {
  static constexpr uint32_t kCapacity = 96;
  uint32_t count = 0;
  uint32_t values[kCapacity] = {};

  void Add(std::initializer_list<int64_t> numbers) {
    for (const int64_t number : numbers) values[count++] = static_cast<uint32_t>(number);
  }
  // `size` numbers in a place for `room` of them.
  void AddList(const int64_t* numbers, int size, uint32_t room) {
    for (int i = 0; i < size; ++i) {
      values[count + static_cast<uint32_t>(i)] = static_cast<uint32_t>(numbers[i]);
    }
    count += room;
  }
};

// What a dispatch is made from. Its tensors are the call's first `operands` operands and result 0.
struct DispatchPlan {
  const KernelSource* source = nullptr;
  uint32_t operands = 0;
  std::span<const uint32_t> constants;  // By constant_id; they outlive the plan.
  Words words;
  uint64_t groups = 0;
};

// The fewest workgroups, at least `count`, that a device takes along two axes.
void FoldGroups(uint64_t count, uint32_t* groups);

// A PreparedKernel of one dispatch that runs the call's epilogue; RecordDispatch records it.
Result<std::unique_ptr<PreparedKernel>> PrepareDispatch(Device& device, const KernelCall& call,
                                                        const DispatchPlan& plan);
Status RecordDispatch(CommandList& commands, PreparedKernel& kernel, const KernelCall& call);

// What a kernel asks of a device.
struct Demands {
  uint32_t bindings = 0;  // Its own, the parameters included.
  uint32_t invocations = 0;
  uint32_t group_bytes = 0;
};
// nullptr: the device meets the demands and has buffers of `dtype`'s width.
const char* RejectDevice(const DeviceInfo& device, const Demands& demands, DType dtype);
// nullptr: the tensor is absent, or has this dtype and indices that fit 31 bits.
const char* RejectView(const TensorView& view, DType dtype, const DeviceInfo& device);
// nullptr: the device runs a kernel that computes floats, with the call's first `operands`
// operands, result 0 and the epilogue: all float32, or all float16. Core operands beyond those
// (zero points) must be absent.
const char* RejectFloats(const KernelCall& call, const DeviceInfo& device, uint32_t operands,
                         uint32_t invocations, uint32_t group_bytes);

inline bool HasOperand(const KernelCall& call, size_t i) {
  return i < call.operands.size() && call.operands[i].view.present();
}

inline bool IsHalf(const KernelCall& call) { return call.results[0].view.dtype == DType::kFloat16; }

// Bytes of tensors, read or written once.
double BytesMoved(const KernelCall& call);

constexpr uint64_t CeilDivide(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_ROWS_DISPATCH_H_
