#include "tools/compiler/passes/queries.h"

#include <algorithm>

#include "runtime/ops/conv.h"
#include "runtime/ops/layouts/layout.h"
#include "runtime/ops/pool.h"
#include "tools/compiler/graph/builder.h"

namespace stint::compiler {

bool IsPlain(const View& view, Function& function) {
  if (!view.present() || view.dims != function[view.value].dims || view.offset != Dim(0)) {
    return false;
  }
  const View plain = function.ViewOf(view.value);
  for (size_t axis = 0; axis < view.dims.size(); ++axis) {
    if (view.dims[axis] != Dim(1) && view.strides[axis] != plain.strides[axis]) return false;
  }
  return true;
}

bool TakesStrides(const OpInfo& op, size_t index) {
  return (op.strided_operands >> std::min<size_t>(index, 15) & 1) != 0;
}

bool HasPlainResults(const Node& node, Function& function) {
  return std::all_of(node.results.begin(), node.results.end(),
                     [&](const View& view) { return !view.present() || IsPlain(view, function); });
}

bool HasPlainResult(const Node& node, Function& function) {
  const auto present = std::count_if(node.results.begin(), node.results.end(),
                                     [](const View& view) { return view.present(); });
  return present == 1 && IsPlain(node.results[0], function);
}

const Node* SoleProducer(const View& view, const Uses& uses, Function& function, size_t* index) {
  if (!IsPlain(view, function) || uses.of(view.value).size() != 1) return nullptr;
  const Node* producer = uses.writer(view.value);
  if (producer == nullptr || !HasPlainResult(*producer, function)) return nullptr;
  if (index != nullptr) *index = uses.writers(view.value)[0];
  return producer;
}

std::optional<View> ExpandTo(const View& view, const std::vector<Dim>& dims) {
  if (view.dims.size() > dims.size()) return std::nullopt;
  const size_t shift = dims.size() - view.dims.size();
  View expanded = {view.value, dims, std::vector<Dim>(dims.size(), 0), view.offset};
  for (size_t axis = 0; axis < view.dims.size(); ++axis) {
    if (view.dims[axis] == dims[axis + shift]) {
      expanded.strides[axis + shift] = view.strides[axis];
    } else if (view.dims[axis] != Dim(1)) {
      return std::nullopt;
    }
  }
  return expanded;
}

bool IsWindowOp(const Node& node) {
  return node.op->kind == OpKind::kConv || node.op->kind == OpKind::kPool;
}

bool IsPackable(const Value& value) {
  return value.is_constant() && value.dtype == DType::kFloat32 && value.dims.size() >= 2 &&
         std::all_of(value.dims.begin(), value.dims.end(),
                     [](Dim dim) { return dim.is_constant(); });
}

bool IsPackable(const View& view, Function& function) {
  return IsPackable(function[view.value]) && IsPlain(view, function);
}

bool HasChannelsLastKernel(const Node& node, Function& function) {
  if (node.results[0].dims.size() > 4) return false;
  if (function[node.operands[0].value].dtype != DType::kFloat32) return false;
  if (node.op->kind == OpKind::kPool) {
    const auto& pool = node.attributes.as<PoolAttributes>();
    return pool.with_indices == 0 && pool.kind != PoolKind::kSum;
  }
  const auto& conv = node.attributes.as<ConvAttributes>();
  if (conv.transposed != 0 || !IsPackable(node.operands[1], function)) return false;
  if (conv.group == 1) return true;
  // Planes are faster than panels that are not even half full.
  const Dim channels = node.operands[1].dims[0];
  const bool depthwise = node.operands[1].dims[1] == Dim(1) && channels == Dim(conv.group) &&
                         conv.group * 2 >= kPanelChannels;
  const bool whole_panels =
      channels.is_constant() && channels.constant() % (conv.group * kPanelChannels) == 0;
  return depthwise || whole_panels;
}

std::optional<Bytes> ConstantBytesOf(const View& view, Function& function) {
  if (!view.present()) return std::nullopt;
  std::vector<Node> none;
  return Builder(function, none).ConstantBytes(view);
}

}  // namespace stint::compiler
