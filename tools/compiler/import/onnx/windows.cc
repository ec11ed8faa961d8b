#include "tools/compiler/import/onnx/windows.h"

namespace stint::compiler {

namespace {

// SAME_UPPER and SAME_LOWER: output = ceil(input / stride), the odd pad at the end or beginning.
void PadToSame(const NodeContext& node, bool upper, Windows& windows) {
  SymbolicDims& dims = node.build.dims();
  const size_t spatial = windows.kernel.size();
  windows.pads.assign(2 * spatial, 0);
  for (size_t i = 0; i < spatial; ++i) {
    const Dim input = node.input(0).dims[i + 2];
    const Dim output = dims.CeilDiv(input, windows.strides[i]);
    const Dim reach = dims.Add(dims.Mul(dims.Sub(output, 1), windows.strides[i]),
                               (windows.kernel[i] - 1) * windows.dilations[i] + 1);
    const Dim total = dims.Max(0, dims.Sub(reach, input));
    const Dim smaller = dims.FloorDiv(total, 2);
    const Dim larger = dims.Sub(total, smaller);
    windows.pads[i] = upper ? smaller : larger;
    windows.pads[i + spatial] = upper ? larger : smaller;
  }
}

Status CheckRange(const NodeContext& node, const char* name, const std::vector<int64_t>& values,
                  size_t count, int64_t least) {
  if (values.size() != count) {
    return node.Invalid(std::string("found ") + std::to_string(values.size()) + " " + name +
                        ", allowed " + std::to_string(count));
  }
  for (const int64_t value : values) {
    if (value < least || value > INT32_MAX) {
      return node.Invalid(std::string("found ") + name + " " + std::to_string(value) +
                          ", allowed " + std::to_string(least) + " to 2147483647");
    }
  }
  return {};
}

}  // namespace

Result<Windows> ReadWindows(const NodeContext& node, std::vector<int64_t> kernel) {
  if (node.input(0).rank() < 3) {
    return node.Invalid("found rank " + std::to_string(node.input(0).rank()) +
                        ", allowed 3 or more: N, C and spatial axes");
  }
  const auto spatial = static_cast<size_t>(node.input(0).rank() - 2);
  Windows windows;
  windows.kernel = node.Ints("kernel_shape", std::move(kernel));
  windows.strides = node.Ints("strides", std::vector<int64_t>(spatial, 1));
  windows.dilations = node.Ints("dilations", std::vector<int64_t>(spatial, 1));
  const std::vector<int64_t> pads = node.Ints("pads", std::vector<int64_t>(2 * spatial, 0));
  STINT_TRY(CheckRange(node, "kernel_shape", windows.kernel, spatial, 1));
  STINT_TRY(CheckRange(node, "strides", windows.strides, spatial, 1));
  STINT_TRY(CheckRange(node, "dilations", windows.dilations, spatial, 1));
  const std::string auto_pad = node.String("auto_pad", "NOTSET");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    PadToSame(node, auto_pad == "SAME_UPPER", windows);
    return windows;
  }
  if (auto_pad == "VALID") {
    windows.pads.assign(2 * spatial, 0);
    return windows;
  }
  if (auto_pad != "NOTSET" && !auto_pad.empty()) {
    return node.Invalid("found auto_pad '" + auto_pad +
                        "', allowed NOTSET, SAME_UPPER, SAME_LOWER, VALID");
  }
  STINT_TRY(CheckRange(node, "pads", pads, 2 * spatial, INT32_MIN));
  windows.pads.assign(pads.begin(), pads.end());
  return windows;
}

IntList ToIntList(const std::vector<int64_t>& values) {
  IntList list;
  for (const int64_t value : values) list.Push(value);
  return list;
}

LongDimList ToDimList(const std::vector<Dim>& values) {
  LongDimList list;
  for (const Dim value : values) list.Push(value);
  return list;
}

}  // namespace stint::compiler
