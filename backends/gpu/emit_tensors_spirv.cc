#include "backends/gpu/emit_tensors_spirv.h"

namespace stint::gpu {

namespace {

constexpr uint32_t kStorageBuffer16BitAccess = 4433;
constexpr uint32_t kStorageBuffer8BitAccess = 4448;

bool UsesIota(const MapProgram& program) {
  for (int i = 0; i < program.instruction_count; ++i) {
    if (program.instructions[i].opcode == MapOpcode::kIota) return true;
  }
  return false;
}

}  // namespace

TensorEmitter::TensorEmitter(const LinkedProgram& linked, uint32_t first_binding, uint32_t index,
                             SpirvBuilder* builder)
    : linked_(linked),
      builder_(*builder),
      index_(index),
      next_binding_(first_binding),
      next_parameter_(uint32_t{linked.first_parameter} + linked.rank) {
  const int first = linked.epilogue ? 1 : 0;
  const MapProgram& program = linked.program;
  for (int i = first; i < program.input_count; ++i) {
    Place(&inputs_[i], program.inputs[i], linked.inputs[i]);
  }
  for (int i = first; i < program.output_count; ++i) {
    Place(&outputs_[i], program.outputs[i], linked.outputs[i]);
  }
}

void TensorEmitter::Place(Tensor* tensor, DType dtype, Access access) {
  const bool strided = access == Access::kStrided;
  *tensor = {dtype, access, next_binding_++, next_parameter_, 0};
  next_parameter_ += 1u + (strided ? linked_.rank : 0u);
  any_strided_ |= strided;
}

Status TensorEmitter::Init() {
  parameters_ = builder_.module().FindBinding(0);
  if (parameters_ == 0) {
    return Error(Code::kInternal, "Map", "found no parameters in the kernel, allowed binding 0");
  }
  if (linked_.rank > kMaxRank) {
    return Error(Code::kInternal, "Map", "found %d axes, allowed %d", linked_.rank, kMaxRank);
  }
  // Ids do not depend on the order in which a C++ compiler evaluates arguments: what arguments ask
  // for is there already.
  for (const uint32_t value : {0u, 1u}) builder_.Constant(value);
  builder_.Pointer(builder_.Uint());
  builder_.Float();
  builder_.Int();
  builder_.Bool();
  if (any_strided_ || UsesIota(linked_.program)) EmitCoordinates();
  return {};
}

void TensorEmitter::EmitCoordinates() {
  uint32_t rest = index_;
  for (uint32_t axis = linked_.rank; axis > 1; --axis) {
    const uint32_t extent = Parameter(linked_.first_parameter + axis - 1);
    coordinates_[axis - 1] = builder_.Compute(SpirvOp::kUMod, builder_.Uint(), {rest, extent});
    rest = builder_.Compute(SpirvOp::kUDiv, builder_.Uint(), {rest, extent});
  }
  coordinates_[0] = rest;
}

uint32_t TensorEmitter::Parameter(uint32_t word) {
  const uint32_t pointer =
      builder_.Compute(SpirvOp::kAccessChain, builder_.Pointer(builder_.Uint()),
                       {parameters_, builder_.Constant(0), builder_.Constant(word)});
  return builder_.Compute(SpirvOp::kLoad, builder_.Uint(), {pointer});
}

uint32_t TensorEmitter::Sum(uint32_t a, uint32_t b) {
  return builder_.Compute(SpirvOp::kIAdd, builder_.Uint(), {a, b});
}

uint32_t TensorEmitter::ElementType(DType dtype) {
  if (dtype == DType::kFloat32) return builder_.Float();
  if (dtype == DType::kInt32) return builder_.Int();
  const auto bits = static_cast<uint32_t>(BytesOf(dtype)) * 8;
  if (bits == 8) builder_.Require(kStorageBuffer8BitAccess, "SPV_KHR_8bit_storage");
  if (bits == 16) builder_.Require(kStorageBuffer16BitAccess);
  return builder_.Uint(bits);
}

uint32_t TensorEmitter::Address(Tensor& tensor, bool written) {
  const uint32_t type = ElementType(tensor.dtype);
  if (tensor.variable == 0) {
    tensor.variable = builder_.AddBuffer(type, static_cast<uint32_t>(BytesOf(tensor.dtype)),
                                         tensor.binding, written, !linked_.epilogue);
  }
  uint32_t offset = Parameter(tensor.parameter);
  if (tensor.access == Access::kSame) offset = Sum(offset, index_);
  for (uint32_t axis = 0; tensor.access == Access::kStrided && axis < linked_.rank; ++axis) {
    const uint32_t stride = Parameter(tensor.parameter + 1 + axis);
    offset = Sum(offset,
                 builder_.Compute(SpirvOp::kIMul, builder_.Uint(), {coordinates_[axis], stride}));
  }
  return builder_.Compute(SpirvOp::kAccessChain, builder_.Pointer(type),
                          {tensor.variable, builder_.Constant(0), offset});
}

uint32_t TensorEmitter::Load(int input) {
  Tensor& tensor = inputs_[input];
  const uint32_t address = Address(tensor, false);
  return builder_.Compute(SpirvOp::kLoad, ElementType(tensor.dtype), {address});
}

void TensorEmitter::Store(int output, uint32_t element) {
  const uint32_t address = Address(outputs_[output], true);
  builder_.body.Add(SpirvOp::kStore, {address, element});
}

}  // namespace stint::gpu
