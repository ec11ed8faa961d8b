#include "tools/compiler/graph/builder.h"

#include <algorithm>
#include <cstring>

#include "runtime/ops/copy.h"
#include "runtime/ops/eval.h"
#include "runtime/ops/map.h"
#include "runtime/ops/map/run_map.h"
#include "runtime/ops/shape_checks.h"

namespace stint::compiler {

namespace {

// Work on constants up to this size is done while importing, so that importers see its result; the
// pass fold_constants does the rest under the compiler's budget.
constexpr uint64_t kEagerBytes = uint64_t{64} << 10;

// Of a node that CanEvaluate.
bool HasSmallOperands(const Node& node, const Function& function) {
  uint64_t total = 0;
  for (const View& operand : node.operands) {
    if (operand.present()) total += function[operand.value].data->size();
  }
  return total <= kEagerBytes;
}

}  // namespace

Result<std::vector<View>> Builder::Emit(OpKind kind, Attributes attributes,
                                        std::vector<View> operands) {
  const OpInfo* op = FindOp(kind);
  if (op == nullptr) {
    return Error(Code::kUnsupported, name_.c_str(), "found plan op %d, allowed those of this build",
                 static_cast<int>(kind));
  }
  std::vector<TensorShape> shapes;
  for (const View& operand : operands) shapes.push_back(ShapeOf(operand, function_));
  std::vector<TensorShape> results(static_cast<size_t>(op->core_results));
  STINT_TRY(InferOp(*op, attributes.data(), shapes, dims(), results));
  if (!dims().ok()) return dims().TakeStatus();
  Node node = {op, name_, std::move(attributes), std::move(operands), {}};
  for (const TensorShape& shape : results) {
    if (!shape.present()) {
      node.results.emplace_back();
      continue;
    }
    Value value;
    value.dtype = shape.dtype;
    value.dims.assign(shape.extents, shape.extents + shape.rank);
    node.results.push_back(function_.ViewOf(function_.AddValue(std::move(value))));
  }
  std::vector<View> views = node.results;
  const bool small = CanEvaluate(node, function_, kEagerBytes) && HasSmallOperands(node, function_);
  if (small && SpendEvaluation(node, function_)) {
    STINT_ASSIGN(std::vector<Bytes> bytes, EvaluateNode(node, function_));
    for (size_t i = 0; i < views.size(); ++i) {
      if (!views[i].present()) continue;
      function_[views[i].value].data = std::make_shared<const Bytes>(std::move(bytes[i]));
    }
    return views;
  }
  auto elements = PropagateElements(node, function_);
  if (!dims().ok()) {
    // Numbers that no shape may use need not be computable.
    (void)dims().TakeStatus();
    elements.reset();
  }
  function_[views[0].value].elements = std::move(elements);
  nodes_.push_back(std::move(node));
  return views;
}

View Builder::Constant(DType dtype, const std::vector<int64_t>& extents, Bytes data) {
  Value value;
  value.dtype = dtype;
  value.dims.assign(extents.begin(), extents.end());
  value.data = std::make_shared<const Bytes>(std::move(data));
  return function_.ViewOf(function_.AddValue(std::move(value)));
}

View Builder::Scalar(DType dtype, double number) {
  MapBuilder map;
  map.Store(map.Convert(map.Constant(MapType::kF64, number), NaturalMapType(dtype)), dtype);
  Bytes bytes(static_cast<size_t>(BytesOf(dtype)));
  const Result<MapProgram> program = map.Finish();
  void* output = bytes.data();
  if (program.ok()) RunMapElement(*program, nullptr, nullptr, &output);
  return Constant(dtype, {}, std::move(bytes));
}

std::optional<std::vector<Real>> Builder::Reals(const View& x) {
  const bool floats = x.present() && HoldsReals(dtype(x));
  const auto elements = floats ? RealsOf(x, function_) : ElementsOf(x, function_);
  if (!elements) return std::nullopt;
  std::vector<Real> reals;
  for (const Dim element : *elements) {
    reals.push_back(floats ? Real::FromBits(element) : dims().ToReal(element));
  }
  return reals;
}

bool Builder::MakeSymbols(const View& x) {
  const Value& value = function_[x.value];
  if (value.is_input || value.is_constant() || value.elements || !HostElements(value)) return false;
  std::vector<Dim> symbols = function_.AddComputedSymbols(function_.ViewOf(x.value), false);
  function_[x.value].elements = std::move(symbols);
  return true;
}

View Builder::Int64s(const std::vector<int64_t>& values) {
  Bytes bytes(values.size() * sizeof(int64_t));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return Constant(DType::kInt64, {static_cast<int64_t>(values.size())}, std::move(bytes));
}

Result<View> Builder::FromElements(DType dtype, const std::vector<Dim>& extents,
                                   const std::vector<Dim>& elements) {
  if (elements.size() > LongDimList::kCapacity || extents.size() > kMaxRank) {
    return Error(Code::kUnsupported, name_.c_str(), "found %zu computed sizes, allowed %d",
                 elements.size(), LongDimList::kCapacity);
  }
  EvalAttributes attributes;
  attributes.dtype = static_cast<int64_t>(dtype);
  for (const Dim extent : extents) attributes.extents.Push(extent);
  for (const Dim element : elements) attributes.values.Push(element);
  return EmitOne(OpKind::kEval, attributes, {});
}

Status Builder::CheckMapTypes(const std::vector<View>& inputs, DType result) const {
  bool complex = InfoOf(result).kind == DTypeClass::kComplex;
  for (const View& input : inputs) complex |= InfoOf(dtype(input)).kind == DTypeClass::kComplex;
  if (!complex) return {};
  return Error(Code::kUnsupported, name_.c_str(), "found complex elements, allowed real ones");
}

Result<View> Builder::Map(std::vector<View> inputs, DType result, const MapBody& make,
                          MapStoreMode mode) {
  STINT_TRY(CheckMapTypes(inputs, result));
  MapAttributes attributes;
  MapBuilder map;
  std::vector<int> registers;
  for (const View& input : inputs) registers.push_back(map.Load(dtype(input)));
  map.Store(make(map, registers), result, mode);
  STINT_ASSIGN(attributes.program, map.Finish());
  return EmitOne(OpKind::kMap, attributes, std::move(inputs));
}

Result<View> Builder::MapOver(const std::vector<Dim>& extents, std::vector<View> inputs,
                              DType result, const MapBody& make, MapStoreMode mode) {
  STINT_TRY(CheckMapTypes(inputs, result));
  if (extents.size() > kMaxRank) {
    return Error(Code::kUnsupported, name_.c_str(), "found rank %zu, allowed %d", extents.size(),
                 kMaxRank);
  }
  MapAttributes attributes;
  attributes.has_extents = 1;
  for (const Dim extent : extents) attributes.extents.Push(extent);
  MapBuilder map;
  std::vector<int> registers;
  for (const View& input : inputs) registers.push_back(map.Load(dtype(input)));
  map.Store(make(map, registers), result, mode);
  STINT_ASSIGN(attributes.program, map.Finish());
  return EmitOne(OpKind::kMap, attributes, std::move(inputs));
}

Result<View> Builder::Unary(MapOpcode opcode, const View& x) {
  return Map({x}, dtype(x), [opcode](MapBuilder& map, const std::vector<int>& in) {
    return map.Unary(opcode, in[0]);
  });
}

Result<View> Builder::Binary(MapOpcode opcode, const View& a, const View& b) {
  return Map({a, b}, dtype(a), [opcode](MapBuilder& map, const std::vector<int>& in) {
    return map.Binary(opcode, in[0], in[1]);
  });
}

Result<View> Builder::Cast(const View& x, DType to, MapStoreMode mode) {
  if (dtype(x) == to) return x;
  return Map({x}, to, [](MapBuilder&, const std::vector<int>& in) { return in[0]; }, mode);
}

Result<View> Builder::Reshape(const View& x, std::vector<Dim> extents) {
  if (extents.size() > kMaxRank) {
    return Error(Code::kUnsupported, name_.c_str(), "found rank %zu, allowed %d", extents.size(),
                 kMaxRank);
  }
  STINT_ASSIGN(View dense, Dense(x));
  Dim before = 1;
  for (const Dim dim : x.dims) before = dims().Mul(before, dim);
  Dim after = 1;
  for (const Dim dim : extents) after = dims().Mul(after, dim);
  dims().Require(before, after, "a reshape keeps the number of elements");
  if (!dims().ok()) return dims().TakeStatus();
  dense.dims = std::move(extents);
  dense.strides = DenseStrides(dense.dims, dims());
  return dense;
}

View Builder::Transpose(const View& x, const std::vector<int>& permutation) {
  View result = x;
  for (size_t axis = 0; axis < permutation.size(); ++axis) {
    result.dims[axis] = x.dims[static_cast<size_t>(permutation[axis])];
    result.strides[axis] = x.strides[static_cast<size_t>(permutation[axis])];
  }
  return result;
}

View Builder::Squeeze(const View& x, const std::vector<int>& axes) {
  View result = {x.value, {}, {}, x.offset};
  for (int axis = 0; axis < x.rank(); ++axis) {
    const auto i = static_cast<size_t>(axis);
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) {
      dims().Require(x.dims[i], 1, "a squeezed axis has extent 1");
      continue;
    }
    result.dims.push_back(x.dims[i]);
    result.strides.push_back(x.strides[i]);
  }
  return result;
}

View Builder::Unsqueeze(const View& x, const std::vector<int>& axes) {
  View result = {x.value, {}, {}, x.offset};
  const size_t rank = x.dims.size() + axes.size();
  size_t source = 0;
  for (size_t axis = 0; axis < rank; ++axis) {
    if (std::find(axes.begin(), axes.end(), static_cast<int>(axis)) == axes.end()) {
      result.dims.push_back(x.dims[source]);
      result.strides.push_back(x.strides[source++]);
      continue;
    }
    // The stride that keeps a dense view dense: that of the axis before which it stands.
    result.dims.push_back(1);
    result.strides.push_back(source < x.dims.size() ? dims().Mul(x.dims[source], x.strides[source])
                                                    : Dim(1));
  }
  return result;
}

View Builder::Slice(const View& x, int axis, Dim start, Dim step, Dim extent) {
  View result = x;
  const auto i = static_cast<size_t>(axis);
  result.offset = dims().Add(x.offset, dims().Mul(start, x.strides[i]));
  result.strides[i] = dims().Mul(x.strides[i], step);
  result.dims[i] = extent;
  return result;
}

Result<View> Builder::Expand(const View& x, const std::vector<Dim>& extents) {
  if (extents.size() > kMaxRank || extents.size() < x.dims.size()) {
    return Error(Code::kUnsupported, name_.c_str(), "found rank %zu, allowed %zu to %d",
                 extents.size(), x.dims.size(), kMaxRank);
  }
  const size_t shift = extents.size() - x.dims.size();
  bool decided = true;
  View result = {x.value, extents, std::vector<Dim>(extents.size(), 0), x.offset};
  STINT_TRY(CheckExtents("extents", ShapeOf(result, function_)));
  STINT_TRY(CheckBytes("extents", ShapeOf(result, function_)));
  for (size_t axis = 0; axis < x.dims.size(); ++axis) {
    if (x.dims[axis] == extents[axis + shift]) {
      result.strides[axis + shift] = x.strides[axis];
    } else if (x.dims[axis] != Dim(1)) {
      decided = false;
    }
  }
  if (decided) return result;
  return MapOver(extents, {x}, dtype(x),
                 [](MapBuilder&, const std::vector<int>& in) { return in[0]; });
}

Result<View> Builder::Dense(const View& x) {
  if (IsContiguous(x, dims())) return x;
  return Concat({x}, 0);
}

Result<View> Builder::Concat(const std::vector<View>& parts, int axis) {
  CopyAttributes attributes;
  const auto along = static_cast<size_t>(axis);
  std::vector<Dim> extents = parts[0].dims;
  Dim start = 0;
  for (const View& part : parts) {
    if (part.rank() != parts[0].rank()) {
      return Error(Code::kInvalid, name_.c_str(), "found rank %d beside %d, allowed one rank",
                   part.rank(), parts[0].rank());
    }
    for (size_t i = 0; i < extents.size(); ++i) attributes.starts.Push(i == along ? start : Dim(0));
    if (!extents.empty()) start = dims().Add(start, part.dims[along]);
  }
  if (!extents.empty()) extents[along] = start;
  for (const Dim extent : extents) attributes.extents.Push(extent);
  return EmitOne(OpKind::kCopy, attributes, parts);
}

}  // namespace stint::compiler
