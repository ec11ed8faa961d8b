// A Map that scales and shifts the channels of a convolution or matrix product goes into its
// weights and bias: batch normalisation after import, and biases added by a node of their own. The
// products are rounded in another order, so that results may differ in their last bits.
#include <algorithm>
#include <cmath>

#include "runtime/ops/conv.h"
#include "tools/compiler/passes/channel_scale.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// A product with constant weights, and where its channels are.
struct Product {
  const Node* node = nullptr;
  size_t index = 0;
  int axis = 0;  // Of the result.
};

// The channel that each element of the dense weights contributes to: runs of `inner` elements have
// one channel, there are `count` channels in a cycle, and each `cycle` cycles start a new group.
struct WeightChannels {
  size_t inner = 1;
  size_t count = 1;
  size_t cycles = 1;  // In a group; 0: there is one group.

  size_t ChannelOf(size_t element) const {
    const size_t run = element / inner;
    const size_t group = cycles == 0 ? 0 : run / count / cycles;
    return run % count + group * count;
  }
};

size_t Extent(const View& view, size_t axis) {
  return static_cast<size_t>(view.dims[axis].constant());
}

// Weights [M, C/group, k...], transposed [C, M/group, k...], or the B [..., K, N] of a MatMul.
WeightChannels ChannelsOf(const Node& node, const View& weights) {
  WeightChannels channels;
  const size_t rank = weights.dims.size();
  if (node.op->kind == OpKind::kMatMul) {
    return {1, Extent(weights, rank - 1), 0};
  }
  for (size_t axis = 2; axis < rank; ++axis) channels.inner *= Extent(weights, axis);
  const auto& attributes = node.attributes.as<ConvAttributes>();
  if (attributes.transposed == 0) {
    return {channels.inner * Extent(weights, 1), Extent(weights, 0), 0};
  }
  const auto groups = static_cast<size_t>(attributes.group);
  return {channels.inner, Extent(weights, 1), std::max<size_t>(Extent(weights, 0) / groups, 1)};
}

View AddConstant(DType dtype, std::vector<Dim> dims, Bytes data, Function& function) {
  Value value;
  value.dtype = dtype;
  value.dims = std::move(dims);
  value.data = std::make_shared<const Bytes>(std::move(data));
  return function.ViewOf(function.AddValue(std::move(value)));
}

// The largest magnitude that each channel's weights have.
std::vector<double> LargestOf(const std::vector<double>& weights, const WeightChannels& channels,
                              size_t count) {
  std::vector<double> largest(count, 0);
  for (size_t i = 0; i < weights.size(); ++i) {
    double& channel = largest[channels.ChannelOf(i)];
    channel = std::max(channel, std::fabs(weights[i]));
  }
  return largest;
}

// Whether weights and biases stay so far from where the numbers of `dtype` end that the product
// overflows no earlier than its result did, and loses nothing of a channel. `before` and `after`:
// the largest weight of each channel, unscaled and scaled.
bool StaysInRange(DType dtype, const std::vector<double>& slopes, const std::vector<double>& before,
                  const std::vector<double>& after, const std::vector<double>& biases) {
  const double most = dtype == DType::kFloat32 ? 0x1p100 : 0x1p900;
  for (size_t i = 0; i < slopes.size(); ++i) {
    if (!(after[i] <= most) || !(std::fabs(biases[i]) <= most)) return false;
    const bool shrinks = after[i] < before[i] && slopes[i] != 0;
    if (shrinks && after[i] < 1 / most) return false;
  }
  return true;
}

// The biases of `count` channels, zeros when there is none; nothing when they are no constants.
std::optional<std::vector<double>> BiasesOf(const View& bias, DType dtype, size_t count,
                                            Function& function) {
  if (!bias.present()) return std::vector<double>(count, 0);
  const std::optional<Bytes> bytes = ConstantBytesOf(bias, function);
  if (!bytes) return std::nullopt;
  std::vector<double> biases = ToDoubles(dtype, *bytes);
  if (biases.size() != count) return std::nullopt;
  return biases;
}

// The product with scaled weights and bias; nothing when they are no constants, beyond the range of
// their type, or too large to double.
std::optional<Node> Scaled(const Product& product, const ChannelScale& scale, const Uses& uses,
                           Function& function, PassContext& context) {
  Node node = *product.node;
  node.operands.resize(std::max<size_t>(node.operands.size(), 3));
  const DType dtype = function[node.operands[1].value].dtype;
  const std::optional<Bytes> weights = ConstantBytesOf(node.operands[1], function);
  if (!weights || weights->empty()) return std::nullopt;
  const size_t count = scale.slopes.size();
  auto biases = BiasesOf(node.operands[2], dtype, count, function);
  if (!biases) return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    (*biases)[i] = (*biases)[i] * scale.slopes[i] + scale.offsets[i];
  }
  std::vector<double> scaled = ToDoubles(dtype, *weights);
  const WeightChannels channels = ChannelsOf(node, node.operands[1]);
  const std::vector<double> before = LargestOf(scaled, channels, count);
  for (size_t i = 0; i < scaled.size(); ++i) scaled[i] *= scale.slopes[channels.ChannelOf(i)];
  const std::vector<double> after = LargestOf(scaled, channels, count);
  if (!StaysInRange(dtype, scale.slopes, before, after, *biases)) return std::nullopt;
  if (uses.of(node.operands[1].value).size() > 1) {
    if (!context.SpendFolding(weights->size())) return std::nullopt;
  }
  node.operands[1] =
      AddConstant(dtype, node.operands[1].dims, FromDoubles(dtype, scaled), function);
  const bool biased = std::any_of(biases->begin(), biases->end(), [](double b) { return b != 0; });
  node.operands[2] = View();
  if (biased) {
    node.operands[2] =
        AddConstant(dtype, {static_cast<int64_t>(count)}, FromDoubles(dtype, *biases), function);
  }
  return node;
}

bool HasZeroPoints(const Node& node) {
  for (size_t i = 3; i < node.operands.size(); ++i) {
    if (node.operands[i].present()) return true;
  }
  return false;
}

// The product that the Map's operand shows in full and nobody else reads.
std::optional<Product> ProductOf(const View& operand, const Uses& uses, Function& function) {
  Product product;
  product.node = SoleProducer(operand, uses, function, &product.index);
  if (product.node == nullptr) return std::nullopt;
  const OpKind kind = product.node->op->kind;
  if (kind != OpKind::kConv && kind != OpKind::kMatMul) return std::nullopt;
  if (EpilogueOf(*product.node->op, product.node->attributes.data()) != nullptr) {
    return std::nullopt;
  }
  if (HasZeroPoints(*product.node)) return std::nullopt;
  product.axis = kind == OpKind::kConv ? 1 : operand.rank() - 1;
  return product;
}

}  // namespace

Result<Patch> FoldChannelScales(Function& function, PassContext& context) {
  Patch patch;
  const Uses uses(function);
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& map = function.nodes[i];
    if (map.op->kind != OpKind::kMap || !HasPlainResult(map, function)) continue;
    for (size_t k = 0; k < map.operands.size(); ++k) {
      if (map.operands[k].dims != map.results[0].dims) continue;
      const std::optional<Product> product = ProductOf(map.operands[k], uses, function);
      if (!product) continue;
      const auto scale = ChannelScaleOf(map, k, product->axis, function);
      if (!scale) continue;
      std::optional<Node> scaled = Scaled(*product, *scale, uses, function, context);
      if (!scaled) continue;
      const View result = scaled->results[0];
      patch.replace.emplace_back(product->index, std::move(*scaled));
      patch.erase.push_back(i);
      patch.redirect.emplace_back(map.results[0].value, result);
      break;
    }
  }
  return patch;
}

}  // namespace stint::compiler
