// Conv, ConvTranspose and the integer convolutions (ONNX Conv-1/11/22, ConvTranspose-1/11/22,
// ConvInteger-10, QLinearConv-10).
#include "runtime/ops/conv.h"
#include "tools/compiler/import/onnx/requantize.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/windows.h"

namespace stint::compiler {

namespace {

// The windows of a convolution, whose kernel_shape is what the weight has. kInvalid: another one.
Result<Windows> ReadWindowsOf(const NodeContext& node, const View& weight) {
  std::vector<int64_t> kernel;
  for (size_t axis = 2; axis < weight.dims.size(); ++axis) {
    if (weight.dims[axis].is_constant()) {
      kernel.push_back(weight.dims[axis].constant());
    } else if (!node.has_attribute("kernel_shape")) {
      return node.Unsupported("kernel extents that are not known, without kernel_shape");
    }
  }
  STINT_ASSIGN(Windows windows, ReadWindows(node, std::move(kernel)));
  for (size_t i = 0; i < windows.kernel.size() && i + 2 < weight.dims.size(); ++i) {
    node.build.dims().Require(weight.dims[i + 2], windows.kernel[i],
                              "kernel_shape is that of the weight");
  }
  return windows;
}

Result<ConvAttributes> ReadConv(const NodeContext& node, const View& weight) {
  STINT_ASSIGN(const Windows windows, ReadWindowsOf(node, weight));
  ConvAttributes attributes;
  attributes.strides = ToIntList(windows.strides);
  attributes.dilations = ToIntList(windows.dilations);
  attributes.pads = ToDimList(windows.pads);
  attributes.group = node.Int("group", 1);
  return attributes;
}

Status Conv(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  STINT_ASSIGN(const ConvAttributes attributes, ReadConv(node, node.input(1)));
  std::vector<View> operands = {node.input(0), node.input(1)};
  if (node.has(2)) operands.push_back(node.input(2));
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kConv, attributes, std::move(operands)));
  node.SetOutput(0, std::move(result));
  return {};
}

// Pads that make the output `wanted`, or `input * stride` for auto_pad (lowering of ConvTranspose).
void PadToOutput(const NodeContext& node, const Windows& windows,
                 const std::vector<int64_t>& output_padding, const std::vector<Dim>& wanted,
                 ConvAttributes& attributes) {
  SymbolicDims& dims = node.build.dims();
  const size_t spatial = windows.kernel.size();
  const bool upper = node.String("auto_pad", "NOTSET") == "SAME_UPPER";
  for (size_t i = 0; i < spatial; ++i) {
    const int64_t reach = (windows.kernel[i] - 1) * windows.dilations[i] + 1 + output_padding[i];
    const Dim natural =
        dims.Add(dims.Mul(dims.Sub(node.input(0).dims[i + 2], 1), windows.strides[i]), reach);
    const Dim total = dims.Max(0, dims.Sub(natural, wanted[i]));
    const Dim half = dims.FloorDiv(total, 2);
    const Dim start = upper ? half : dims.Sub(total, half);
    attributes.pads[static_cast<int64_t>(i)] = start;
    // What the natural extent lacks is added at the end, where it holds the bias only.
    attributes.pads[static_cast<int64_t>(i + spatial)] =
        dims.Sub(dims.Sub(natural, wanted[i]), start);
  }
}

Status ConvTranspose(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  STINT_ASSIGN(ConvAttributes attributes, ReadConv(node, node.input(1)));
  STINT_ASSIGN(const Windows windows, ReadWindowsOf(node, node.input(1)));
  const size_t spatial = windows.kernel.size();
  const auto output_padding = node.Ints("output_padding", std::vector<int64_t>(spatial, 0));
  std::vector<int64_t> output_shape = node.Ints("output_shape");
  if (output_shape.size() == spatial + 2)
    output_shape.erase(output_shape.begin(), output_shape.begin() + 2);
  if (output_padding.size() != spatial ||
      (!output_shape.empty() && output_shape.size() != spatial)) {
    return node.Invalid(
        "found output_padding or output_shape of a wrong length, allowed one entry "
        "a spatial axis");
  }
  attributes.transposed = 1;
  attributes.output_padding = ToIntList(output_padding);
  const std::string auto_pad = node.String("auto_pad", "NOTSET");
  std::vector<Dim> wanted(output_shape.begin(), output_shape.end());
  if (wanted.empty() && (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER")) {
    for (size_t i = 0; i < spatial; ++i) {
      wanted.push_back(node.build.dims().Mul(node.input(0).dims[i + 2], windows.strides[i]));
    }
  }
  if (!wanted.empty()) PadToOutput(node, windows, output_padding, wanted, attributes);
  std::vector<View> operands = {node.input(0), node.input(1)};
  if (node.has(2)) operands.push_back(node.input(2));
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kConv, attributes, std::move(operands)));
  node.SetOutput(0, std::move(result));
  return {};
}

Status ConvInteger(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  STINT_ASSIGN(const ConvAttributes attributes, ReadConv(node, node.input(1)));
  std::vector<View> operands = {node.input(0), node.input(1), View()};
  operands.push_back(node.has(2) ? node.input(2) : View());
  operands.push_back(node.has(3) ? node.input(3) : View());
  STINT_ASSIGN(View result, node.build.EmitOne(OpKind::kConv, attributes, std::move(operands)));
  node.SetOutput(0, std::move(result));
  return {};
}

// Operands: x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias.
Status QLinearConv(NodeContext& node) {
  for (int i = 0; i < 8; ++i) STINT_TRY(node.Need(i));
  STINT_ASSIGN(const ConvAttributes attributes, ReadConv(node, node.input(3)));
  std::vector<View> operands = {node.input(0), node.input(3), node.has(8) ? node.input(8) : View(),
                                node.input(2), node.input(5)};
  STINT_ASSIGN(const View sums, node.build.EmitOne(OpKind::kConv, attributes, std::move(operands)));
  // Scales of the weight run along the channels: [M] becomes [M, 1, ...].
  std::vector<int> trailing;
  const View& weight_scale = node.input(4);
  for (int axis = weight_scale.rank(); axis < sums.rank() - 1; ++axis) trailing.push_back(axis);
  const View scale =
      weight_scale.rank() == 1 ? node.build.Unsqueeze(weight_scale, trailing) : weight_scale;
  STINT_ASSIGN(View result,
               Requantize(node, sums, {node.input(1), scale}, node.input(6), node.input(7)));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Conv", Conv},
    {"ConvTranspose", ConvTranspose},
    {"ConvInteger", ConvInteger, 10},
    {"QLinearConv", QLinearConv, 10},
};

}  // namespace

std::span<const ImportRule> ConvolutionRules() { return kRules; }

}  // namespace stint::compiler
