// Pooling over windows (ONNX MaxPool-1..22, AveragePool-1..22, LpPool-1..22).
#include "runtime/ops/pool.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/windows.h"

namespace stint::compiler {

namespace {

Result<PoolAttributes> ReadPool(const NodeContext& node, PoolKind kind) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const Windows windows, ReadWindows(node, {}));
  PoolAttributes attributes;
  attributes.kind = kind;
  attributes.kernel = ToIntList(windows.kernel);
  attributes.strides = ToIntList(windows.strides);
  attributes.dilations = ToIntList(windows.dilations);
  attributes.pads = ToDimList(windows.pads);
  attributes.ceil_mode = node.Int("ceil_mode", 0) != 0;
  return attributes;
}

Status MaxPool(NodeContext& node) {
  STINT_ASSIGN(PoolAttributes attributes, ReadPool(node, PoolKind::kMax));
  attributes.with_indices = node.wants(1);
  attributes.column_major = node.Int("storage_order", 0) != 0;
  STINT_ASSIGN(std::vector<View> results,
               node.build.Emit(OpKind::kPool, Attributes::Of(attributes), {node.input(0)}));
  for (size_t i = 0; i < results.size(); ++i) node.SetOutput(static_cast<int>(i), results[i]);
  return {};
}

Status AveragePool(NodeContext& node) {
  STINT_ASSIGN(PoolAttributes attributes, ReadPool(node, PoolKind::kAverage));
  attributes.count_include_pad = node.Int("count_include_pad", 0) != 0;
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kPool, attributes, {node.input(0)}));
  node.SetOutput(0, std::move(result));
  return {};
}

// (sum |x|^p)^(1/p): the powers are Maps around a sum.
Status LpPool(NodeContext& node) {
  STINT_ASSIGN(const PoolAttributes attributes, ReadPool(node, PoolKind::kSum));
  const double p =
      node.version() < 2 ? node.Float("p", 2.0) : static_cast<double>(node.Int("p", 2));
  const DType dtype = node.dtype(0);
  const auto power = [&](const View& x, double exponent, bool absolute) {
    return node.build.Map({x}, dtype, [&](MapBuilder& map, const std::vector<int>& in) {
      const int base = absolute ? map.Unary(MapOpcode::kAbs, in[0]) : in[0];
      return map.Binary(MapOpcode::kPow, base, map.Constant(NaturalMapType(dtype), exponent));
    });
  };
  STINT_ASSIGN(const View powers, power(node.input(0), p, true));
  STINT_ASSIGN(const View sums, node.build.EmitOne(OpKind::kPool, attributes, {powers}));
  STINT_ASSIGN(View result, power(sums, 1.0 / p, false));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"MaxPool", MaxPool},
    {"AveragePool", AveragePool},
    {"LpPool", LpPool},
};

}  // namespace

std::span<const ImportRule> PoolingRules() { return kRules; }

}  // namespace stint::compiler
