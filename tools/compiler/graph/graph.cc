#include "tools/compiler/graph/graph.h"

#include <algorithm>
#include <cstring>

#include "runtime/ops/elements.h"

namespace stint::compiler {

namespace {

constexpr int64_t kMaxHostElements = 64;
constexpr int64_t kMaxHostReals = 2 * kMaxRank;  // A region of Resize.

// The integer at `index` of dense data of an int32, int64 or bool value.
Dim IntegerAt(const Bytes& data, DType dtype, size_t index) {
  if (dtype == DType::kInt64) {
    int64_t value = 0;
    std::memcpy(&value, data.data() + index * 8, 8);
    return std::max(value, Dim::kSmallestConstant);
  }
  if (dtype == DType::kInt32) {
    int32_t value = 0;
    std::memcpy(&value, data.data() + index * 4, 4);
    return value;
  }
  return int64_t{data[index] != 0};
}

Real RealAt(const Bytes& data, DType dtype, size_t index) {
  const TensorView view = {.data = const_cast<uint8_t*>(data.data()), .dtype = dtype};
  return Load<double>(view, static_cast<int64_t>(index));
}

// The known elements of the view, row-major; `at` reads those of constants.
template <typename ReadAt>
std::optional<std::vector<Dim>> KnownElements(const View& view, const Function& function,
                                              size_t limit, const ReadAt& at) {
  if (!view.present() || !IsStatic(view)) return std::nullopt;
  const Value& value = function[view.value];
  if (!value.elements && !value.is_constant()) return std::nullopt;
  uint64_t count = 1;
  for (const Dim dim : view.dims)
    count *= static_cast<uint64_t>(std::min<int64_t>(dim.constant(), 1 << 20));
  if (count > limit) return std::nullopt;
  std::vector<Dim> elements;
  std::vector<int64_t> coordinate(view.dims.size(), 0);
  for (uint64_t i = 0; i < count; ++i) {
    int64_t position = view.offset.constant();
    for (size_t axis = 0; axis < coordinate.size(); ++axis) {
      position += coordinate[axis] * view.strides[axis].constant();
    }
    const auto index = static_cast<size_t>(position);
    elements.push_back(value.elements ? (*value.elements)[index] : at(value, index));
    for (size_t axis = coordinate.size(); axis-- > 0;) {
      if (++coordinate[axis] < view.dims[axis].constant()) break;
      coordinate[axis] = 0;
    }
  }
  return elements;
}

}  // namespace

bool HoldsDims(DType dtype) {
  return dtype == DType::kInt64 || dtype == DType::kInt32 || dtype == DType::kBool;
}

bool HoldsReals(DType dtype) {
  const ComputeClass compute = ComputeClassOf(dtype);
  return compute == ComputeClass::kFloat || compute == ComputeClass::kDouble;
}

std::optional<int64_t> HostElements(const Value& value) {
  const int64_t most = HoldsDims(value.dtype)    ? kMaxHostElements
                       : HoldsReals(value.dtype) ? kMaxHostReals
                                                 : -1;
  int64_t count = 1;
  for (const Dim dim : value.dims) {
    if (!dim.is_constant()) return std::nullopt;
    count *= std::min<int64_t>(dim.constant(), kMaxHostElements + 1);
    count = std::min(count, kMaxHostElements + 1);
  }
  if (count > most) return std::nullopt;
  return count;
}

View Function::ViewOf(ValueId id) {
  return {id, values[id].dims, DenseStrides(values[id].dims, dims), 0};
}

std::vector<Dim> DenseStrides(const std::vector<Dim>& dims, DimContext& context) {
  std::vector<Dim> strides(dims.size());
  Dim stride = 1;
  for (size_t axis = dims.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride = context.Mul(stride, dims[axis]);
  }
  return strides;
}

std::vector<Dim> Function::AddComputedSymbols(const View& view, bool extents) {
  int64_t count = 1;
  for (const Dim dim : view.dims) count *= dim.constant();
  const auto position = static_cast<uint32_t>(outputs.size());
  outputs.push_back({"", view, true});
  std::vector<Dim> symbols;
  for (int64_t i = 0; i < count; ++i) {
    symbols.push_back(dims.AddSymbol({.name = "",
                                      .is_element = !extents,
                                      .input = position,
                                      .index = static_cast<uint32_t>(i),
                                      .is_computed = true}));
  }
  return symbols;
}

bool IsContiguous(const View& view, DimContext& context) {
  Dim expected = 1;
  for (size_t axis = view.dims.size(); axis-- > 0;) {
    if (view.dims[axis] != Dim(1) && view.strides[axis] != expected) return false;
    expected = context.Mul(expected, view.dims[axis]);
  }
  return true;
}

bool IsWhole(const View& view, const Function& function, DimContext& context) {
  if (view.offset != Dim(0) || !IsContiguous(view, context)) return false;
  Dim viewed = 1;
  for (const Dim dim : view.dims) viewed = context.Mul(viewed, dim);
  Dim stored = 1;
  for (const Dim dim : function[view.value].dims) stored = context.Mul(stored, dim);
  return viewed == stored;
}

TensorShape ShapeOf(const View& view, const Function& function) {
  TensorShape shape;
  if (!view.present()) return shape;
  shape.dtype = function[view.value].dtype;
  shape.rank = view.rank();
  std::copy(view.dims.begin(), view.dims.end(), shape.extents);
  return shape;
}

bool IsStatic(const View& view) {
  const auto constant = [](Dim dim) { return dim.is_constant(); };
  return view.offset.is_constant() && std::all_of(view.dims.begin(), view.dims.end(), constant) &&
         std::all_of(view.strides.begin(), view.strides.end(), constant);
}

std::optional<std::vector<Dim>> ElementsOf(const View& view, const Function& function,
                                           size_t limit) {
  if (!view.present() || !HoldsDims(function[view.value].dtype)) return std::nullopt;
  return KnownElements(view, function, limit, [](const Value& value, size_t index) {
    return IntegerAt(*value.data, value.dtype, index);
  });
}

std::optional<std::vector<Dim>> RealsOf(const View& view, const Function& function, size_t limit) {
  if (!view.present() || !HoldsReals(function[view.value].dtype)) return std::nullopt;
  return KnownElements(view, function, limit, [](const Value& value, size_t index) {
    return RealAt(*value.data, value.dtype, index).bits();
  });
}

}  // namespace stint::compiler
