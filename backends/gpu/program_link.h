// From a call to the LinkedProgram of its pipeline: which Map programs GPU kernels run, how the
// program's tensors are addressed, and the parameters and bindings that go with them.
#ifndef STINT_BACKENDS_GPU_PROGRAM_LINK_H_
#define STINT_BACKENDS_GPU_PROGRAM_LINK_H_

#include <cstdint>
#include <span>

#include "backends/gpu/device.h"
#include "backends/gpu/pipeline.h"
#include "runtime/base/array.h"

namespace stint::gpu {

class ProgramLink {
 public:
  // The epilogue of a call; nullptr also when it has none. Its value is
  // float32 or float16 and keeps this type.
  static const char* RejectEpilogue(const KernelCall& call, const DeviceInfo& device,
                                    uint32_t source_bindings);
  // A whole Map op.
  static const char* RejectMap(const KernelCall& call, const DeviceInfo& device,
                               uint32_t source_bindings);

  // For a call that was not rejected. The source has `first_parameter` words of its own. A call
  // without epilogue gives no program.
  void InitEpilogue(const KernelCall& call, uint32_t first_parameter);
  void InitMap(const KernelCall& call, uint32_t first_parameter);

  const LinkedProgram& program() const { return linked_; }
  // How many words and bindings Append adds.
  uint32_t parameter_count() const;
  uint32_t binding_count() const { return tensor_count_; }

  // Appends the program's parameters and bindings for a call whose tensors have buffers by now, in
  // room that was reserved.
  Status Append(const KernelCall& call, const DeviceInfo& device, Array<uint32_t>* parameters,
                Array<Binding>* bindings) const;

 private:
  static constexpr int kMaxTensors = kMapMaxInputs + kMapMaxOutputs;

  void Init(const KernelCall& call, const MapProgram& program, uint32_t first_parameter);
  void AddTensor(const TensorView& view, const TensorView& space);
  void JoinAxes();
  Access AccessOf(const int64_t* strides) const;

  LinkedProgram linked_;
  // The axes of the result, joined where all tensors step over two of them as over one.
  int rank_ = 0;
  int64_t extents_[kMaxRank] = {};
  // Of the program's tensors, inputs first.
  uint32_t tensor_count_ = 0;
  Access accesses_[kMaxTensors] = {};
  int64_t strides_[kMaxTensors][kMaxRank] = {};
};

// nullptr: GPU kernels run the program on a device with these features.
const char* RejectProgram(const MapProgram& program, uint32_t features);

// The binding of a tensor, and by *base the index of its element 0 in it. The binding covers what
// the view reaches, from a multiple of DeviceInfo::binding_alignment on; it is empty when the view
// has no elements.
Binding BindTensor(const DeviceTensor& tensor, const DeviceInfo& device, bool written,
                   uint32_t* base);
// Why the device cannot bind the tensor; nullptr: it can. Indices are 32 bits.
const char* RejectTensor(const TensorView& view, const DeviceInfo& device);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_PROGRAM_LINK_H_
