// A Copy that only pads with what a window op would see in its own padding becomes that op's pads.
#include <algorithm>
#include <optional>

#include "runtime/ops/conv.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/elements.h"
#include "runtime/ops/pool.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

struct Padding {
  View source;
  LongDimList pads;  // begin..., end... of the spatial axes.
};

// The value that every byte of the fill says, or of lowest numbers; nothing for others.
enum class Fill { kZero, kLowest, kOther };

Fill FillOf(const CopyAttributes& attributes, DType dtype) {
  const auto bytes = attributes.fill.span();
  if (std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; })) {
    return Fill::kZero;
  }
  uint8_t lowest[16] = {};
  TensorView element;
  element.data = lowest;
  element.dtype = dtype;
  WithComputeClass(ComputeClassOf(dtype), [&](auto zero) {
    Store(LowestOf<decltype(zero)>(dtype), element, 0);
    return 0;
  });
  return std::equal(bytes.begin(), bytes.end(), lowest) ? Fill::kLowest : Fill::kOther;
}

bool IsAffine(const CopyAttributes& attributes) {
  const auto tables = attributes.tables.span();
  return std::all_of(tables.begin(), tables.end(), [](int64_t table) {
    return table == static_cast<int64_t>(AxisTable::kAffine);
  });
}

// The padding that the Copy does, when it pads spatial axes and does nothing else.
std::optional<Padding> PaddingOf(const Node& node, SymbolicDims& dims) {
  const auto& attributes = node.attributes.as<CopyAttributes>();
  if (node.operands.size() != 1 || !IsAffine(attributes)) return std::nullopt;
  Padding padding = {node.operands[0], {}};
  const size_t rank = padding.source.dims.size();
  if (rank < 3) return std::nullopt;
  for (int side = 0; side < 2; ++side) {
    for (size_t axis = 0; axis < rank; ++axis) {
      const auto i = static_cast<int64_t>(axis);
      const Dim begin = attributes.starts[i];
      const Dim reach = dims.Add(begin, padding.source.dims[axis]);
      const Dim amount = side == 0 ? begin : dims.Sub(attributes.extents[i], reach);
      if (axis < 2 ? amount != Dim(0) : !dims.IsNonNegative(amount)) return std::nullopt;
      if (axis >= 2) padding.pads.Push(amount);
    }
  }
  return padding;
}

// The same padding for a reader that sees the padded tensor with other axes of extent 1; nothing
// when its view is another.
std::optional<Padding> PaddingFor(const View& reader, const View& padded, const Padding& padding,
                                  Function& function) {
  if (IsPlain(reader, function)) return padding;
  if (!IsWhole(reader, function, function.dims)) return std::nullopt;
  const auto spatial = static_cast<size_t>(padding.pads.size) / 2;
  const auto pad_of = [&](size_t axis, size_t side) {
    return axis < 2 ? Dim(0) : padding.pads[static_cast<int64_t>(side * spatial + axis - 2)];
  };
  Padding seen = {{padding.source.value, {}, {}, padding.source.offset}, {}};
  std::vector<Dim> pads[2];
  size_t next = 0;
  for (const Dim extent : reader.dims) {
    while (next < padded.dims.size() && padded.dims[next] == Dim(1) && extent != Dim(1)) {
      if (padding.source.dims[next++] != Dim(1)) return std::nullopt;
    }
    const bool same = next < padded.dims.size() && padded.dims[next] == extent;
    if (!same && extent != Dim(1)) return std::nullopt;
    seen.source.dims.push_back(same ? padding.source.dims[next] : Dim(1));
    seen.source.strides.push_back(same ? padding.source.strides[next] : Dim(1));
    for (size_t side = 0; side < 2; ++side) {
      pads[side].push_back(same ? pad_of(next, side) : Dim(0));
    }
    if (same) ++next;
  }
  // What is left over has extent 1, and was so before.
  for (; next < padded.dims.size(); ++next) {
    if (padding.source.dims[next] != Dim(1)) return std::nullopt;
  }
  for (size_t side = 0; side < 2; ++side) {
    if (pads[side].size() < 3 || pads[side][0] != Dim(0) || pads[side][1] != Dim(0)) {
      return std::nullopt;
    }
    for (size_t axis = 2; axis < pads[side].size(); ++axis) seen.pads.Push(pads[side][axis]);
  }
  return seen;
}

// Adds the padding to pads that are none or padding already.
bool AddPads(const Padding& padding, SymbolicDims& dims, LongDimList& pads) {
  if (pads.size != padding.pads.size) return false;
  for (int64_t i = 0; i < pads.size; ++i) {
    if (!dims.IsNonNegative(pads[i])) return false;
    pads[i] = dims.Add(pads[i], padding.pads[i]);
  }
  return true;
}

bool PadConv(const Padding& padding, Fill fill, SymbolicDims& dims, Node& node) {
  auto& attributes = node.attributes.as<ConvAttributes>();
  // Integer padding is the zero point, not 0.
  const bool zero_point = node.operands.size() > 3 && node.operands[3].present();
  if (fill != Fill::kZero || attributes.transposed != 0 || zero_point) return false;
  return AddPads(padding, dims, attributes.pads);
}

bool PadPool(const Padding& padding, Fill fill, SymbolicDims& dims, Node& node) {
  auto& attributes = node.attributes.as<PoolAttributes>();
  if (attributes.prologue.present() || attributes.ceil_mode != 0) return false;
  const auto& pads = attributes.pads.span();
  const bool padded = std::any_of(pads.begin(), pads.end(), [](Dim pad) { return pad != Dim(0); });
  if (attributes.kind == PoolKind::kMax) {
    if (fill != Fill::kLowest || attributes.with_indices != 0) return false;
  } else if (fill != Fill::kZero) {
    return false;
  } else if (attributes.kind == PoolKind::kAverage) {
    if (padded && attributes.count_include_pad == 0) return false;
    attributes.count_include_pad = 1;
  }
  return AddPads(padding, dims, attributes.pads);
}

}  // namespace

Result<Patch> FoldPads(Function& function, PassContext&) {
  Patch patch;
  const Uses uses(function);
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& node = function.nodes[i];
    const bool conv = node.op->kind == OpKind::kConv;
    if (!conv && node.op->kind != OpKind::kPool) continue;
    const View& operand = node.operands[0];
    const Node* copy = uses.writer(operand.value);
    if (copy == nullptr || copy->op->kind != OpKind::kCopy) continue;
    if (!HasPlainResult(*copy, function)) continue;
    std::optional<Padding> padding = PaddingOf(*copy, function.dims);
    if (padding) padding = PaddingFor(operand, copy->results[0], *padding, function);
    if (!padding) continue;
    const Fill fill = FillOf(copy->attributes.as<CopyAttributes>(), function[operand.value].dtype);
    Node padded = node;
    const bool folded = conv ? PadConv(*padding, fill, function.dims, padded)
                             : PadPool(*padding, fill, function.dims, padded);
    if (!folded) continue;
    padded.operands[0] = padding->source;
    patch.replace.emplace_back(i, std::move(padded));
  }
  return patch;
}

}  // namespace stint::compiler
