#include "tools/compiler/emit/pack_constants.h"

#include "runtime/ops/conv.h"
#include "tools/compiler/graph/image_layout.h"
#include "tools/compiler/graph/uses.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

Layout LayoutOfConvWeight(const Node& node, Function& function) {
  const auto& attributes = node.attributes.as<ConvAttributes>();
  const View& weight = node.operands[1];
  if (attributes.transposed != 0 || !IsPackable(weight, function)) return Layout::kDense;
  if (!LiesInPixels(node.results[0], function.dims)) return Layout::kDense;
  const int64_t channels = weight.dims[0].constant();
  if (weight.dims[1] == Dim(1) && channels == attributes.group) return Layout::kDepthwise16;
  const bool whole_panels = channels % (attributes.group * kPanelChannels) == 0;
  return attributes.group == 1 || whole_panels ? Layout::kPanel16 : Layout::kDense;
}

// The weight of a product is seen as [K, N] of a row-major [N, K].
Layout LayoutOfMatrix(const Node& node, Function& function) {
  View weight = node.operands[1];
  if (weight.dims.size() != 2) return Layout::kDense;
  std::swap(weight.dims[0], weight.dims[1]);
  std::swap(weight.strides[0], weight.strides[1]);
  return IsPlain(weight, function) ? Layout::kPanel16 : Layout::kDense;
}

// Both matrices of a recurrent layer are row-major.
Layout LayoutOfRecurrent(const View& matrix, Function& function) {
  return IsPlain(matrix, function) ? Layout::kPanel16 : Layout::kDense;
}

// What the reader of a weight wants.
Layout WantedBy(const Use& use, Function& function) {
  if (use.node == Use::kOutput) return Layout::kDense;
  const Node& node = function.nodes[use.node];
  if (node.op->kind == OpKind::kRecurrent && (use.index == 1 || use.index == 2)) {
    return LayoutOfRecurrent(node.operands[use.index], function);
  }
  if (use.index != 1) return Layout::kDense;
  if (node.op->kind == OpKind::kConv) return LayoutOfConvWeight(node, function);
  if (node.op->kind == OpKind::kMatMul) return LayoutOfMatrix(node, function);
  return Layout::kDense;
}

// The one layout that readers want beside the dense one, which sessions unpack where they must.
Layout CommonLayout(const std::vector<Use>& uses, Function& function) {
  Layout common = Layout::kDense;
  for (const Use& use : uses) {
    const Layout wanted = WantedBy(use, function);
    if (wanted == Layout::kDense) continue;
    if (common != Layout::kDense && common != wanted) return Layout::kDense;
    common = wanted;
  }
  return common;
}

}  // namespace

std::map<ValueId, Layout> ChooseLayouts(Function& function) {
  std::map<ValueId, Layout> layouts;
  const Uses uses(function);
  for (ValueId id = 0; id < function.values.size(); ++id) {
    if (!IsPackable(function[id]) || uses.of(id).empty()) continue;
    const Layout layout = CommonLayout(uses.of(id), function);
    if (layout != Layout::kDense) layouts[id] = layout;
  }
  return layouts;
}

Result<Bytes> PackConstant(const Value& value, Layout layout) {
  TensorView view;
  view.data = const_cast<uint8_t*>(value.data->data());  // Only read.
  view.dtype = value.dtype;
  view.rank = static_cast<int>(value.dims.size());
  for (int axis = 0; axis < view.rank; ++axis) {
    view.extents[axis] = value.dims[static_cast<size_t>(axis)].constant();
  }
  stint::DenseStrides(view.rank, view.extents, view.strides);
  STINT_ASSIGN(const int64_t bytes, PackedBytes(layout, view.dtype, view.rank, view.extents));
  Bytes packed(static_cast<size_t>(bytes));
  STINT_TRY(Pack(layout, view, packed.data()));
  return packed;
}

}  // namespace stint::compiler
