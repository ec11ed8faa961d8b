// The op table: everything that the rest of Stint knows about an op without naming it.
#ifndef STINT_RUNTIME_OPS_OP_TABLE_H_
#define STINT_RUNTIME_OPS_OP_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string_view>

#include "runtime/ops/attributes.h"
#include "runtime/ops/tensor.h"

namespace stint {

enum class OpKind : uint16_t {
#define STINT_OP(id, Name) k##Name = id,
#include "runtime/ops/ops.inc"
#undef STINT_OP
};

// An op without its data, as shape functions see it. Absent optional operands have dtype kNone.
struct OpShapes {
  const void* attributes;
  std::span<const TensorShape> operands;
};

// An op with its data, as reference kernels see it. Attribute Dims are integers here.
struct OpTensors {
  const void* attributes;
  std::span<const TensorView> operands;
  std::span<const TensorView> results;
  // Memory to work in, of the size that OpInfo::scratch says. Its content is lost between runs.
  std::span<std::byte> scratch = {};

  template <typename T>
  const T& as() const {
    return *static_cast<const T*>(attributes);
  }
};

// Computes dtype, rank and extents of each result from the operands and attributes, and checks all
// that the op requires of them (ranks, dtypes, attribute combinations): kInvalid or kUnsupported.
// Deals with the core op only: the table's Infer adds prologue and epilogue.
using ShapeFunction = Status (*)(const OpShapes& op, DimContext& dims,
                                 std::span<TensorShape> results);

// Computes the results of the core op, one thread, normative. Called with shapes that the shape
// function accepted; results may be strided. May fail only on data (an index out of range).
// Allocates nothing: works in op.scratch.
using ReferenceKernel = Status (*)(const OpTensors& op);

// The bytes of scratch that the reference kernel needs for the attributes, dtypes and extents; it
// reads no data, strides or scratch. UINT64_MAX: more than can be counted.
using ScratchFunction = uint64_t (*)(const OpTensors& op);

struct OpInfo {
  OpKind kind;
  const char* name;     // "Conv"
  const char* summary;  // One sentence for the documentation.
  std::span<const Field> fields;
  size_t attributes_size;
  // Writes a default-constructed attribute struct.
  void (*construct)(void* attributes);
  // Operands of the core op: `required` always present, up to `core_operands` slots (absent ones
  // hold no value). `variadic`: core_operands is a maximum, trailing slots are simply not there.
  int required_operands;
  int core_operands;
  bool variadic;
  // At most; results that the attributes leave out are inferred with dtype kNone.
  int core_results;
  // Bit i: operand i may be a strided view; operands beyond 15 share bit 15. Results always may.
  uint16_t strided_operands;
  // The op computes: what passes between prologue, core op and epilogue stays float32 where the
  // types say f16 or bf16, so that there is one rounding. (Ops that move bytes: false.)
  bool keeps_precision;
  // Fields that hold the prologue and epilogue, or nullptr. Prologue input 0 is operand 0, its
  // further inputs follow the core operands; then come the epilogue's inputs 1.., whose input 0 is
  // the core op's result 0.
  const Field* prologue;
  const Field* epilogue;
  ShapeFunction infer;
  ReferenceKernel reference;
  // nullptr: the reference kernel needs none.
  ScratchFunction scratch = nullptr;
};

#define STINT_OP(id, Name) extern const OpInfo k##Name##Op;
#include "runtime/ops/ops.inc"
#undef STINT_OP

// The largest `core_operands` and `core_results` of the table.
inline constexpr int kMaxCoreOperands = 16;
inline constexpr int kMaxCoreResults = 4;

// nullptr: no op of this build has the number or name.
const OpInfo* FindOp(OpKind kind);
const OpInfo* FindOp(std::string_view name);
// All ops of this build, in the order of their ids.
std::span<const OpInfo* const> AllOps();

// The program in the op's prologue or epilogue field; nullptr when there is none.
const MapProgram* PrologueOf(const OpInfo& op, const void* attributes);
const MapProgram* EpilogueOf(const OpInfo& op, const void* attributes);

// How many operands the op with these attributes has at most: core ones, then those of the
// programs.
int OperandLimit(const OpInfo& op, const void* attributes);

// Infers results with prologue and epilogue applied: checks the attributes against the field table,
// operand counts and presence, runs the shape function with the prologue's output type as operand
// 0, checks that epilogue inputs broadcast to result 0, and gives result 0 the epilogue's output
// type. `results` has core_results entries. Trailing absent operands may be left out unless a
// program's operands follow. What accepts an op on integers vouches for the memory safety of
// RunReference on tensors of these shapes. An error of `dims` is taken and returned.
Status InferOp(const OpInfo& op, const void* attributes, std::span<const TensorShape> operands,
               DimContext& dims, std::span<TensorShape> results);

// What OpInfo::scratch says of `tensors`; 0 where the op has none.
inline uint64_t ScratchBytes(const OpInfo& op, const OpTensors& tensors) {
  return op.scratch == nullptr ? 0 : op.scratch(tensors);
}

// Runs the reference kernel with prologue and epilogue. Allocates the prologue's output and the
// kernel's scratch: `tensors` has none. kLimit: memory.
Status RunReference(const OpInfo& op, const OpTensors& tensors);

// The table entry's boilerplate for an attribute struct.
template <typename Attributes>
void ConstructAttributes(void* attributes) {
  new (attributes) Attributes();
}

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_OP_TABLE_H_
