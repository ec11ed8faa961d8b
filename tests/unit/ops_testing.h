// Small tensors for tests of ops, and a run of an op as a session would do it: shapes are inferred
// on integers, then the reference kernel fills results of these shapes.
#ifndef STINT_TESTS_UNIT_OPS_TESTING_H_
#define STINT_TESTS_UNIT_OPS_TESTING_H_

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime/ops/op_table.h"

namespace stint::testing {

template <typename T>
constexpr DType DTypeOf() {
  if constexpr (std::is_same_v<T, float>) return DType::kFloat32;
  if constexpr (std::is_same_v<T, double>) return DType::kFloat64;
  if constexpr (std::is_same_v<T, int8_t>) return DType::kInt8;
  if constexpr (std::is_same_v<T, uint8_t>) return DType::kUInt8;
  if constexpr (std::is_same_v<T, int32_t>) return DType::kInt32;
  if constexpr (std::is_same_v<T, int64_t>) return DType::kInt64;
  if constexpr (std::is_same_v<T, uint64_t>) return DType::kUInt64;
  return DType::kNone;
}

inline TensorShape Shape(DType dtype, std::vector<Dim> extents) {
  TensorShape shape;
  shape.dtype = dtype;
  shape.rank = static_cast<int>(extents.size());
  for (size_t i = 0; i < extents.size(); ++i) shape.extents[i] = extents[i];
  return shape;
}

inline std::vector<int64_t> ExtentsOf(const TensorShape& shape) {
  std::vector<int64_t> extents;
  for (int axis = 0; axis < shape.rank; ++axis) extents.push_back(shape.extents[axis].constant());
  return extents;
}

// A tensor that owns its bytes. Copies share nothing; `view` is made on demand.
class Tensor {
 public:
  Tensor() = default;
  Tensor(DType dtype, std::vector<int64_t> extents) : dtype_(dtype), extents_(std::move(extents)) {
    size_t bytes = static_cast<size_t>(BytesOf(dtype));
    for (const int64_t extent : extents_) bytes *= static_cast<size_t>(extent);
    bytes_.resize(bytes);
  }

  template <typename T>
  static Tensor Of(std::vector<int64_t> extents, const std::vector<T>& values) {
    Tensor tensor(DTypeOf<T>(), std::move(extents));
    if (!values.empty()) std::memcpy(tensor.bytes_.data(), values.data(), tensor.bytes_.size());
    return tensor;
  }

  TensorView view() const {
    TensorView view;
    view.dtype = dtype_;
    if (dtype_ == DType::kNone) return view;
    view.data = const_cast<uint8_t*>(bytes_.data());
    view.rank = static_cast<int>(extents_.size());
    for (size_t i = 0; i < extents_.size(); ++i) view.extents[i] = extents_[i];
    DenseStrides(view.rank, view.extents, view.strides);
    return view;
  }

  template <typename T>
  std::vector<T> values() const {
    std::vector<T> values(bytes_.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes_.data(), bytes_.size());
    return values;
  }
  const std::vector<int64_t>& extents() const { return extents_; }
  DType dtype() const { return dtype_; }

 private:
  DType dtype_ = DType::kNone;
  std::vector<int64_t> extents_;
  std::vector<uint8_t> bytes_;
};

struct Inferred {
  std::string error;  // "where: message", empty when it worked.
  std::vector<TensorShape> results;
};

inline std::string TextOf(const Status& status) {
  return status.ok() ? "" : std::string(status.where()) + ": " + status.message();
}

template <typename Attributes>
Inferred Infer(const OpInfo& op, const Attributes& attributes, std::vector<TensorShape> operands) {
  IntegerDims dims;
  Inferred inferred;
  inferred.results.resize(static_cast<size_t>(op.core_results));
  inferred.error = TextOf(InferOp(op, &attributes, operands, dims, inferred.results));
  return inferred;
}

struct Ran {
  std::string error;
  std::vector<Tensor> results;  // Absent ones have dtype kNone.
};

template <typename Attributes>
Ran Run(const OpInfo& op, const Attributes& attributes, const std::vector<TensorView>& operands) {
  std::vector<TensorShape> shapes;
  for (const TensorView& view : operands) {
    shapes.push_back(Shape(view.dtype, std::vector<Dim>(view.extents, view.extents + view.rank)));
  }
  const Inferred inferred = Infer(op, attributes, shapes);
  Ran ran{inferred.error, {}};
  if (!ran.error.empty()) return ran;
  std::vector<TensorView> views;
  for (const TensorShape& shape : inferred.results) {
    ran.results.push_back(shape.present() ? Tensor(shape.dtype, ExtentsOf(shape)) : Tensor());
    views.push_back(ran.results.back().view());
  }
  ran.error = TextOf(RunReference(op, {&attributes, operands, views}));
  return ran;
}

// The values of result 0, or none after an error.
template <typename T, typename Attributes>
std::vector<T> Compute(const OpInfo& op, const Attributes& attributes,
                       const std::vector<TensorView>& operands) {
  const Ran ran = Run(op, attributes, operands);
  return ran.error.empty() ? ran.results[0].values<T>() : std::vector<T>();
}

template <typename ListType, typename T>
ListType ListOf(std::initializer_list<T> values) {
  ListType list;
  for (const T& value : values) list.Push(value);
  return list;
}
inline IntList Ints(std::initializer_list<int64_t> values) { return ListOf<IntList>(values); }
inline FloatList Floats(std::initializer_list<double> values) { return ListOf<FloatList>(values); }
inline DimList Dims(std::initializer_list<Dim> values) { return ListOf<DimList>(values); }
inline LongDimList LongDims(std::initializer_list<Dim> values) {
  return ListOf<LongDimList>(values);
}

// One instruction on input 0, with the types of its operand and result.
inline MapProgram UnaryProgram(MapOpcode opcode, DType input, DType output) {
  MapProgram program;
  program.input_count = 1;
  program.output_count = 1;
  program.inputs[0] = input;
  program.outputs[0] = output;
  const MapType type = NaturalMapType(input);
  program.instructions[program.instruction_count++] = {MapOpcode::kLoad, type, 0, 0, 0, 0, 0};
  program.instructions[program.instruction_count++] = {opcode, type, 1, 0, 0, 0, 0};
  program.instructions[program.instruction_count++] = {MapOpcode::kStore, type, 0, 1, 0, 0, 0};
  return program;
}

// The sum or other combination of inputs 0 and 1 of one type.
inline MapProgram BinaryProgram(MapOpcode opcode, DType dtype) {
  MapProgram program;
  program.input_count = 2;
  program.output_count = 1;
  program.inputs[0] = program.inputs[1] = program.outputs[0] = dtype;
  const MapType type = NaturalMapType(dtype);
  program.instructions[program.instruction_count++] = {MapOpcode::kLoad, type, 0, 0, 0, 0, 0};
  program.instructions[program.instruction_count++] = {MapOpcode::kLoad, type, 1, 1, 0, 0, 0};
  program.instructions[program.instruction_count++] = {opcode, type, 2, 0, 1, 0, 0};
  program.instructions[program.instruction_count++] = {MapOpcode::kStore, type, 0, 2, 0, 0, 0};
  return program;
}

}  // namespace stint::testing

#endif  // STINT_TESTS_UNIT_OPS_TESTING_H_
