#include "tools/compiler/graph/image_layout.h"

#include <algorithm>

#include "runtime/ops/copy.h"
#include "runtime/ops/map.h"

namespace stint::compiler {

namespace {

template <typename List>
void PermuteList(List& list, size_t first, const std::vector<size_t>& order) {
  const List before = list;
  for (size_t i = 0; i < order.size(); ++i) {
    list[static_cast<int64_t>(first + i)] = before[static_cast<int64_t>(first + order[i])];
  }
}

void PermuteView(View& view, const std::vector<size_t>& order) {
  if (!view.present()) return;
  const size_t missing = order.size() - view.dims.size();
  view.dims.insert(view.dims.begin(), missing, Dim(1));
  view.strides.insert(view.strides.begin(), missing, Dim(0));
  view.dims = Permuted(view.dims, order);
  view.strides = Permuted(view.strides, order);
}

void PermuteCopy(CopyAttributes& copy, size_t sources, const std::vector<size_t>& order) {
  PermuteList(copy.extents, 0, order);
  for (size_t i = 0; i < sources; ++i) PermuteList(copy.starts, i * order.size(), order);
  if (copy.tables.size > 0) PermuteList(copy.tables, 0, order);
  if (copy.scales.size > 0) PermuteList(copy.scales, 0, order);
}

void PermuteMap(MapAttributes& map, const std::vector<size_t>& order) {
  if (map.has_extents != 0) PermuteList(map.extents, 0, order);
  for (int i = 0; i < map.program.instruction_count; ++i) {
    MapInstruction& instruction = map.program.instructions[i];
    if (instruction.opcode != MapOpcode::kIota) continue;
    const auto found = std::find(order.begin(), order.end(), instruction.a);
    instruction.a = static_cast<uint8_t>(found - order.begin());
  }
}

}  // namespace

std::vector<size_t> ChannelsLastOrder(size_t rank) {
  std::vector<size_t> order = {0};
  for (size_t axis = 2; axis < rank; ++axis) order.push_back(axis);
  order.push_back(1);
  return order;
}

View ChannelsLastView(ValueId value, Function& function) {
  View view = function.ViewOf(value);
  const std::vector<size_t> order = ChannelsLastOrder(view.dims.size());
  std::vector<size_t> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[order[i]] = i;
  view.dims = Permuted(view.dims, back);
  view.strides = Permuted(view.strides, back);
  return view;
}

bool IsChannelsLast(const View& view, SymbolicDims& dims) {
  View moved = view;
  const std::vector<size_t> order = ChannelsLastOrder(view.dims.size());
  moved.dims = Permuted(view.dims, order);
  moved.strides = Permuted(view.strides, order);
  return IsContiguous(moved, dims);
}

bool LiesInPixels(const View& view, SymbolicDims& dims) {
  if (IsChannelsLast(view, dims)) return true;
  const size_t rank = view.dims.size();
  if (rank < 3 || rank > 4 || (view.dims[1] != Dim(1) && view.strides[1] != Dim(1))) return false;
  // Strides of axes of extent 1 say nothing.
  const Dim pixel = view.dims[rank - 1] == Dim(1) ? view.dims[1] : view.strides[rank - 1];
  if (!dims.IsNonNegative(dims.Sub(pixel, view.dims[1]))) return false;
  return rank == 3 || view.dims[2] == Dim(1) || view.strides[2] == dims.Mul(view.dims[3], pixel);
}

Node PermuteAxes(const Node& node, const std::vector<size_t>& order) {
  Node permuted = node;
  for (View& operand : permuted.operands) PermuteView(operand, order);
  for (View& result : permuted.results) PermuteView(result, order);
  if (node.op->kind == OpKind::kCopy) {
    PermuteCopy(permuted.attributes.as<CopyAttributes>(), node.operands.size(), order);
  } else {
    PermuteMap(permuted.attributes.as<MapAttributes>(), order);
  }
  return permuted;
}

}  // namespace stint::compiler
