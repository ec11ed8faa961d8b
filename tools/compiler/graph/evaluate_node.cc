// Constant work done by the reference kernels: the same code that is fallback and oracle at run
// time.
#include <algorithm>
#include <cstring>

#include "runtime/base/checked.h"
#include "tools/compiler/graph/builder.h"

namespace stint::compiler {

namespace {

std::optional<uint64_t> ByteCount(DType dtype, const std::vector<Dim>& dims) {
  uint64_t bytes = static_cast<uint64_t>(BytesOf(dtype));
  for (const Dim dim : dims) {
    if (!dim.is_constant() || dim.constant() < 0) return std::nullopt;
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dim.constant()), &bytes)) {
      return std::nullopt;
    }
  }
  return bytes;
}

bool HasIntegerAttributes(const Node& node) {
  for (const Field& field : node.op->fields) {
    if (field.type == FieldType::kExtents) {
      for (const Dim dim : FieldAs<DimList>(field, node.attributes.data()).span()) {
        if (!dim.is_constant()) return false;
      }
    }
    if (field.type == FieldType::kFloatList) {
      for (const Real real : FieldAs<FloatList>(field, node.attributes.data()).span()) {
        if (!real.is_constant()) return false;
      }
    }
    if (field.type == FieldType::kLongExtents) {
      for (const Dim dim : FieldAs<LongDimList>(field, node.attributes.data()).span()) {
        if (!dim.is_constant()) return false;
      }
    }
  }
  return true;
}

TensorView ViewOfBytes(const View& view, DType dtype, const uint8_t* bytes) {
  TensorView tensor;
  tensor.dtype = dtype;
  tensor.rank = view.rank();
  for (int axis = 0; axis < tensor.rank; ++axis) {
    tensor.extents[axis] = view.dims[static_cast<size_t>(axis)].constant();
    tensor.strides[axis] = view.strides[static_cast<size_t>(axis)].constant();
  }
  tensor.data = const_cast<uint8_t*>(bytes) + view.offset.constant() * BytesOf(dtype);
  return tensor;
}

// The elements of `tensor` in row-major order.
Bytes Gathered(const TensorView& tensor) {
  const auto width = static_cast<size_t>(BytesOf(tensor.dtype));
  const int64_t count = ElementCount(tensor);
  Bytes dense(static_cast<size_t>(count) * width);
  int64_t coordinate[kMaxRank] = {};
  for (int64_t i = 0; i < count; ++i) {
    int64_t position = 0;
    for (int axis = 0; axis < tensor.rank; ++axis)
      position += coordinate[axis] * tensor.strides[axis];
    std::memcpy(dense.data() + static_cast<size_t>(i) * width,
                tensor.as<uint8_t>() + position * static_cast<int64_t>(width), width);
    for (int axis = tensor.rank - 1; axis >= 0; --axis) {
      if (++coordinate[axis] < tensor.extents[axis]) break;
      coordinate[axis] = 0;
    }
  }
  return dense;
}

void MakeDense(TensorView& tensor, std::vector<Bytes>& storage) {
  storage.push_back(Gathered(tensor));
  tensor.data = storage.back().data();
  stint::DenseStrides(tensor.rank, tensor.extents, tensor.strides);
}

constexpr uint64_t kMaxOperandBytes = uint64_t{1} << 30;

// Of a view of integer extents that are bounded.
uint64_t ElementsOf(const View& view) {
  uint64_t elements = view.present() ? 1 : 0;
  for (const Dim dim : view.dims) elements *= static_cast<uint64_t>(dim.constant());
  return elements;
}

// What an element of the result may take: multiplications of products, elements read by others.
uint64_t WorkAnElement(const Node& node, uint64_t elements_read) {
  switch (node.op->kind) {
    case OpKind::kMatMul:
      return static_cast<uint64_t>(node.operands[0].dims.back().constant());
    case OpKind::kConv:
      return ElementsOf(node.operands[1]);  // Of all channels: a bound that suits constants.
    case OpKind::kCopy:
    case OpKind::kEval:
    case OpKind::kGather:
    case OpKind::kMap:
    case OpKind::kNormalize:
    case OpKind::kPrefix:
    case OpKind::kReduce:
    case OpKind::kScatter:
    case OpKind::kSoftmax:
      return 1;
    default:
      return std::max<uint64_t>(elements_read, 1);
  }
}

}  // namespace

bool CanEvaluate(const Node& node, const Function& function, uint64_t budget) {
  for (const View& operand : node.operands) {
    if (!operand.present()) continue;
    if (!function[operand.value].is_constant() || !IsStatic(operand)) return false;
    // A view may repeat a small constant without end.
    const auto bytes = ByteCount(function[operand.value].dtype, operand.dims);
    if (!bytes || *bytes > kMaxOperandBytes) return false;
  }
  uint64_t total = 0;
  for (const View& result : node.results) {
    if (!result.present()) continue;
    const auto bytes = ByteCount(function[result.value].dtype, result.dims);
    if (!bytes || *bytes > budget) return false;
    total += *bytes;
  }
  return total <= budget && HasIntegerAttributes(node);
}

bool SpendEvaluation(const Node& node, Function& function) {
  // Reference kernels take as long to read an element as for so many multiplications of a product.
  constexpr uint64_t kWorkOfReading = 16;
  uint64_t read = 0;
  for (const View& operand : node.operands) read += ElementsOf(operand);
  uint64_t made = 0;
  for (const View& result : node.results) made += ElementsOf(result);
  const bool is_product = node.op->kind == OpKind::kMatMul || node.op->kind == OpKind::kConv;
  uint64_t work = 0;
  if (!CheckedMul(made, WorkAnElement(node, read), &work)) return false;
  if (!CheckedMul(work, is_product ? 1 : kWorkOfReading, &work)) return false;
  if (!CheckedAdd(work, kWorkOfReading * read, &work)) return false;
  if (work > function.evaluation_left) return false;
  function.evaluation_left -= work;
  return true;
}

Result<std::vector<Bytes>> EvaluateNode(const Node& node, const Function& function) {
  std::vector<Bytes> dense;
  dense.reserve(node.operands.size());
  std::vector<TensorView> operands;
  for (size_t i = 0; i < node.operands.size(); ++i) {
    const View& view = node.operands[i];
    TensorView tensor;
    if (view.present()) {
      const Value& value = function[view.value];
      tensor = ViewOfBytes(view, value.dtype, value.data->data());
      const bool strided = (node.op->strided_operands >> std::min<size_t>(i, 15) & 1) != 0;
      if (!strided && !IsDense(tensor)) MakeDense(tensor, dense);
    }
    operands.push_back(tensor);
  }
  std::vector<Bytes> results;
  std::vector<TensorView> outputs;
  results.reserve(node.results.size());
  for (const View& view : node.results) {
    results.emplace_back();
    TensorView tensor;
    if (view.present()) {
      const DType dtype = function[view.value].dtype;
      // One byte more, so that empty results have an address too.
      results.back().resize(*ByteCount(dtype, view.dims) + 1);
      tensor.dtype = dtype;
      tensor.data = results.back().data();
      tensor.rank = view.rank();
      for (size_t axis = 0; axis < view.dims.size(); ++axis) {
        tensor.extents[axis] = view.dims[axis].constant();
      }
      stint::DenseStrides(tensor.rank, tensor.extents, tensor.strides);
    }
    outputs.push_back(tensor);
  }
  STINT_TRY(RunReference(*node.op, {node.attributes.data(), operands, outputs}));
  for (Bytes& bytes : results) {
    if (!bytes.empty()) bytes.pop_back();
  }
  return results;
}

std::optional<Bytes> Builder::ConstantBytes(const View& x) const {
  const Value& value = function_[x.value];
  if (!value.is_constant() || !IsStatic(x)) return std::nullopt;
  return Gathered(ViewOfBytes(x, value.dtype, value.data->data()));
}

}  // namespace stint::compiler
