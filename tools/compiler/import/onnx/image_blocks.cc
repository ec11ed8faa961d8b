// Images put together again: Col2Im adds overlapping blocks, MaxUnpool puts maxima back where they
// came from.
#include <string>

#include "runtime/ops/conv.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/scatter.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"
#include "tools/compiler/import/onnx/windows.h"

namespace stint::compiler {

namespace {

// The weights [K, 1, block...] of a transposed convolution that puts row q of a column at position
// q of the block.
Result<View> OneHotBlocks(Builder& build, const std::vector<Dim>& block, DType dtype) {
  std::vector<Dim> extents = {Product(build, block, 0, static_cast<int>(block.size())), 1};
  extents.insert(extents.end(), block.begin(), block.end());
  std::vector<View> sizes;
  for (const Dim extent : block) {
    STINT_ASSIGN(View size, build.FromElements(DType::kInt64, {}, {extent}));
    sizes.push_back(std::move(size));
  }
  return ComputeOver(build, extents, sizes, dtype, [](const Terms& in) {
    Term position = in.Coordinate(2);
    for (size_t i = 1; i < in.size(); ++i) {
      position = position * in[i] + in.Coordinate(static_cast<int>(i) + 2);
    }
    return in.Coordinate(0) == position;
  });
}

// Operands: columns [N, C * K, L], image shape, block shape. Channels are batches of their own, so
// that one kernel serves them all.
Status Col2Im(NodeContext& node) {
  for (int i = 0; i < 3; ++i) STINT_TRY(node.Need(i));
  Builder& build = node.build;
  SymbolicDims& dims = build.dims();
  const View& x = node.input(0);
  STINT_ASSIGN(const std::vector<Dim> image, node.Elements(1));
  STINT_ASSIGN(const std::vector<Dim> block, node.Elements(2));
  const size_t spatial = image.size();
  if (x.rank() != 3 || block.size() != spatial || spatial < 1 || spatial > kMaxRank - 2) {
    return node.Invalid("found operands that are no columns, allowed [N, C * K, L] and two shapes");
  }
  const std::vector<int64_t> strides = node.Ints("strides", std::vector<int64_t>(spatial, 1));
  const std::vector<int64_t> dilations = node.Ints("dilations", std::vector<int64_t>(spatial, 1));
  const std::vector<int64_t> pads = node.Ints("pads", std::vector<int64_t>(2 * spatial, 0));
  if (strides.size() != spatial || dilations.size() != spatial || pads.size() != 2 * spatial) {
    return node.Invalid("found lists of other lengths, allowed one entry a spatial axis");
  }
  const Dim taps = Product(build, block, 0, static_cast<int>(spatial));
  const Dim channels = dims.FloorDiv(x.dims[1], taps);
  std::vector<Dim> grid = {dims.Mul(x.dims[0], channels), taps};
  std::vector<Dim> result = {x.dims[0], channels};
  ConvAttributes conv;
  conv.transposed = 1;
  conv.strides = ToIntList(strides);
  conv.dilations = ToIntList(dilations);
  std::vector<Dim> ends;
  for (size_t i = 0; i < spatial; ++i) {
    const Dim reach = dims.Add(dims.Mul(dims.Sub(block[i], 1), dilations[i]), 1);
    const Dim padded = dims.Add(image[i], pads[i] + pads[i + spatial]);
    const Dim steps = dims.FloorDiv(dims.Sub(padded, reach), strides[i]);
    grid.push_back(dims.Add(steps, 1));
    result.push_back(image[i]);
    conv.pads.Push(pads[i]);
    // What the convolution makes beyond the image is cut; what it lacks stays zero.
    const Dim full = dims.Add(dims.Mul(steps, strides[i]), reach);
    ends.push_back(dims.Sub(dims.Sub(full, pads[i]), image[i]));
  }
  for (const Dim end : ends) conv.pads.Push(end);
  STINT_ASSIGN(const View weight, OneHotBlocks(build, block, node.dtype(0)));
  STINT_ASSIGN(const View columns, build.Reshape(x, grid));
  STINT_ASSIGN(const View images, build.EmitOne(OpKind::kConv, conv, {columns, weight}));
  // Sums of 8-bit integers are int32.
  STINT_ASSIGN(const View narrow, build.Cast(images, node.dtype(0)));
  STINT_ASSIGN(View view, build.Reshape(narrow, result));
  node.SetOutput(0, std::move(view));
  return {};
}

// Operands: X, flat indices into the shape that the attributes imply, and the shape wanted, whose
// corner that one is.
Status MaxUnpool(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  SymbolicDims& dims = build.dims();
  const View& x = node.input(0);
  STINT_ASSIGN(const Windows windows, ReadWindows(node, {}));
  const size_t spatial = windows.kernel.size();
  std::vector<Dim> implied = {x.dims[0], x.dims[1]};
  for (size_t i = 0; i < spatial; ++i) {
    const Dim reach =
        dims.Add(dims.Mul(dims.Sub(x.dims[i + 2], 1), windows.strides[i]), windows.kernel[i]);
    implied.push_back(dims.Sub(reach, dims.Add(windows.pads[i], windows.pads[i + spatial])));
  }
  const Dim count = Product(build, x.dims, 0, x.rank());
  const Dim total = Product(build, implied, 0, x.rank());
  STINT_ASSIGN(const View zeros, build.Expand(build.Scalar(node.dtype(0), 0.0), {total}));
  STINT_ASSIGN(const View indices, build.Reshape(node.input(1), {count}));
  STINT_ASSIGN(const View values, build.Reshape(x, {count}));
  STINT_ASSIGN(const View flat,
               build.EmitOne(OpKind::kScatter, ScatterAttributes(), {zeros, indices, values}));
  STINT_ASSIGN(View result, build.Reshape(flat, implied));
  if (node.has(2)) {
    STINT_ASSIGN(const std::vector<Dim> wanted, node.Elements(2));
    if (wanted.size() != implied.size()) {
      return node.Invalid("found an output_shape of " + std::to_string(wanted.size()) +
                          " extents, allowed " + std::to_string(implied.size()));
    }
    CopyAttributes copy;
    for (const Dim extent : wanted) {
      copy.extents.Push(extent);
      copy.starts.Push(0);
    }
    STINT_ASSIGN(result, build.EmitOne(OpKind::kCopy, copy, {result}));
  }
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Col2Im", Col2Im, 18},
    {"MaxUnpool", MaxUnpool, 9},
};

}  // namespace

std::span<const ImportRule> ImageBlockRules() { return kRules; }

}  // namespace stint::compiler
