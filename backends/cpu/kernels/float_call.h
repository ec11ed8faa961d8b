// What the float32 rows ask of a call before they take it.
#ifndef STINT_BACKENDS_CPU_KERNELS_FLOAT_CALL_H_
#define STINT_BACKENDS_CPU_KERNELS_FLOAT_CALL_H_

#include <algorithm>

#include "backends/cpu/device.h"
#include "runtime/hal/device.h"

namespace stint::cpu {

// Whether every operand and result that is there is float32 (of the first `operands` ones).
inline bool IsFloat32(const KernelCall& call, size_t operands) {
  for (size_t i = 0; i < call.operands.size() && i < operands; ++i) {
    const TensorView& view = call.operands[i].view;
    if (view.present() && view.dtype != DType::kFloat32) return false;
  }
  for (const DeviceTensor& result : call.results) {
    if (result.view.present() && result.view.dtype != DType::kFloat32) return false;
  }
  return true;
}

inline bool HasOperand(const KernelCall& call, size_t i) {
  return i < call.operands.size() && call.operands[i].view.present();
}

// What a row keeps that needs only the micro-kernels of its device.
class MicroKernel : public PreparedKernel {
 public:
  explicit MicroKernel(Device& device) : micro(static_cast<CpuDevice&>(device).micro()) {}
  const MicroKernels& micro;
};

inline int ThreadsOf(Device& device) { return static_cast<CpuDevice&>(device).threads().threads(); }

// Scratch of the threads that `tasks` tasks concern, each of `bytes`; UINT64_MAX: no memory has it.
inline uint64_t ThreadScratch(Device& device, int64_t tasks, uint64_t bytes) {
  const auto threads = static_cast<uint64_t>(std::clamp<int64_t>(tasks, 1, ThreadsOf(device)));
  return bytes > UINT64_MAX / threads ? UINT64_MAX : bytes * threads;
}

// Bytes of tensors, read or written once.
inline double BytesMoved(const KernelCall& call) {
  double bytes = 0;
  for (const DeviceTensor& tensor : call.operands) {
    if (!tensor.view.present()) continue;
    bytes += static_cast<double>(ElementCount(tensor.view) * BytesOf(tensor.view.dtype));
  }
  for (const DeviceTensor& tensor : call.results) {
    if (!tensor.view.present()) continue;
    bytes += static_cast<double>(ElementCount(tensor.view) * BytesOf(tensor.view.dtype));
  }
  return bytes;
}

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_FLOAT_CALL_H_
