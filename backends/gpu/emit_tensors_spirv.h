// Where a linked program finds the elements of its tensors, in SPIR-V: a storage buffer a tensor,
// offsets from the kernel's parameters.
#ifndef STINT_BACKENDS_GPU_EMIT_TENSORS_SPIRV_H_
#define STINT_BACKENDS_GPU_EMIT_TENSORS_SPIRV_H_

#include <cstdint>

#include "backends/gpu/pipeline.h"
#include "backends/gpu/spirv_builder.h"
#include "runtime/ops/tensor.h"

namespace stint::gpu {

class TensorEmitter {
 public:
  // The tensors have the bindings from `first_binding` on; `index` is the id of the element's
  // number in row-major order.
  TensorEmitter(const LinkedProgram& linked, uint32_t first_binding, uint32_t index,
                SpirvBuilder* builder);

  // Adds what all accesses need. kInternal: the module has no parameters at binding 0.
  Status Init();
  // The id of the element's coordinate, a uint.
  uint32_t Coordinate(int axis) const { return coordinates_[axis]; }
  // The id of the input's element, of the type in memory.
  uint32_t Load(int input);
  void Store(int output, uint32_t element);

 private:
  struct Tensor {
    DType dtype = DType::kNone;
    Access access = Access::kSame;
    uint32_t binding = 0;
    uint32_t parameter = 0;  // Where its parameters begin.
    uint32_t variable = 0;   // 0: not used so far.
  };

  void Place(Tensor* tensor, DType dtype, Access access);
  void EmitCoordinates();
  uint32_t Parameter(uint32_t word);
  uint32_t Sum(uint32_t a, uint32_t b);
  uint32_t ElementType(DType dtype);
  // A pointer to the element.
  uint32_t Address(Tensor& tensor, bool written);

  const LinkedProgram& linked_;
  SpirvBuilder& builder_;
  const uint32_t index_;
  uint32_t next_binding_;
  uint32_t next_parameter_;
  uint32_t parameters_ = 0;
  bool any_strided_ = false;
  uint32_t coordinates_[kMaxRank] = {};
  Tensor inputs_[kMapMaxInputs];
  Tensor outputs_[kMapMaxOutputs];
};

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_EMIT_TENSORS_SPIRV_H_
