// Fourier transforms and what speech models put after them: DFT-17/20, STFT-17, MelWeightMatrix-17.
#include <cmath>
#include <string>

#include "runtime/ops/fft.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

constexpr int64_t kAxisOperand = 20;  // From this version on the axis is an operand.

// The extent of an axis that may be known at run time only.
Dim ExtentOf(Builder& build, const View& x, Dim axis) {
  SymbolicDims& dims = build.dims();
  Dim extent = x.dims[0];
  for (int i = 1; i < x.rank(); ++i) {
    const Dim here = dims.Max(dims.Equal(axis, i), dims.Equal(axis, i - x.rank()));
    extent = dims.Select(here, x.dims[static_cast<size_t>(i)], extent);
  }
  return extent;
}

Result<View> Transform(Builder& build, const View& x, Dim axis, Dim length, bool inverse,
                       bool onesided) {
  FftAttributes attributes;
  attributes.axis[0] = axis;
  attributes.length.Push(length);
  attributes.inverse = inverse ? 1 : 0;
  attributes.onesided = onesided ? 1 : 0;
  return build.EmitOne(OpKind::kFft, attributes, {x});
}

Status CheckOnesided(const NodeContext& node, const View& x, bool inverse, bool onesided) {
  if (onesided && !inverse) {
    node.build.dims().Require(x.dims.back(), 1, "one-sided spectra are of real signals");
  }
  return {};
}

Status Dft(NodeContext& node) {
  STINT_TRY(node.Need(0));
  Builder& build = node.build;
  SymbolicDims& dims = build.dims();
  const View& x = node.input(0);
  if (x.rank() < 2) {
    return node.Invalid("found rank " + std::to_string(x.rank()) + ", allowed 2 and above");
  }
  Dim axis = node.version() < kAxisOperand ? node.Int("axis", 1) : -2;
  if (node.version() >= kAxisOperand && node.has(2)) {
    STINT_ASSIGN(axis, node.Element(2));
  }
  const bool inverse = node.Int("inverse", 0) != 0;
  const bool onesided = node.Int("onesided", 0) != 0;
  STINT_TRY(CheckOnesided(node, x, inverse, onesided));
  Dim length = ExtentOf(build, x, axis);
  if (inverse && onesided) length = dims.Mul(2, dims.Sub(length, 1));
  if (node.has(1)) {
    STINT_ASSIGN(length, node.Element(1));
  }
  STINT_ASSIGN(View result, Transform(build, x, axis, length, inverse, onesided));
  node.SetOutput(0, std::move(result));
  return {};
}

// Frames of [B, L, c] as an overlapping view [B, frames, length, c].
View Frames(Builder& build, const View& signal, Dim step, Dim length) {
  SymbolicDims& dims = build.dims();
  const Dim steps = dims.FloorDiv(dims.Sub(signal.dims[1], length), step);
  View frames = signal;
  frames.dims.insert(frames.dims.begin() + 1, dims.Add(1, steps));
  frames.dims[2] = length;
  frames.strides.insert(frames.strides.begin() + 1, dims.Mul(step, signal.strides[1]));
  return frames;
}

// The product of real frames with a window in float64, in which the transform computes anyway: a
// rounded one would blur small bins beside large ones.
Result<View> Windowed(Builder& build, const View& frames, const View& window) {
  const bool real = frames.dims.back() == Dim(1);
  const DType dtype = real ? DType::kFloat64 : build.dtype(frames);
  return Compute(build, {frames, window}, dtype, [&](const Terms& in) {
    const MapType type = NaturalMapType(dtype);
    return in[0].As(type) * in[1].As(type);
  });
}

// Operands: signal, frame_step, window, frame_length.
Status Stft(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  Builder& build = node.build;
  View signal = node.input(0);
  if (signal.rank() == 2) signal = build.Unsqueeze(signal, {2});
  if (signal.rank() != 3 || (!node.has(2) && !node.has(3))) {
    return node.Invalid("found rank " + std::to_string(signal.rank()) +
                        ", allowed 3, and a window or a frame length");
  }
  if (node.has(2) && node.input(2).rank() != 1) {
    return node.Invalid("found a window of another rank, allowed 1");
  }
  STINT_ASSIGN(const Dim step, node.Element(1));
  Dim length = node.has(2) ? node.input(2).dims.front() : Dim(0);
  if (node.has(3)) {
    STINT_ASSIGN(length, node.Element(3));
  }
  const bool onesided = node.Int("onesided", 1) != 0;
  STINT_TRY(CheckOnesided(node, signal, false, onesided));
  View frames = Frames(build, signal, step, length);
  if (node.has(2)) {
    build.dims().Require(node.input(2).dims[0], length, "the window has a frame's length");
    STINT_ASSIGN(frames, Windowed(build, frames, build.Unsqueeze(node.input(2), {1})));
  }
  STINT_ASSIGN(View result, Transform(build, frames, 2, length, false, onesided));
  STINT_ASSIGN(result, build.Cast(result, node.dtype(0)));
  node.SetOutput(0, std::move(result));
  return {};
}

// 2595 log10(1 + hertz / 700), rounded to the type of `hertz`.
Term Mel(Term hertz) {
  const Term logarithm = Log((hertz / 700.0 + 1.0).As(MapType::kF64)) / M_LN10;
  return logarithm.As(hertz.type()) * 2595.0;
}

// The spectrum bins of the corners of the triangles: int64 [bands + 2].
Result<View> MelCorners(const NodeContext& node, Dim bands, Dim length) {
  Builder& build = node.build;
  const Dim corners = build.dims().Add(bands, 2);
  STINT_ASSIGN(const View sizes, build.FromElements(DType::kInt64, {2}, {corners, length}));
  std::vector<View> inputs;
  for (const int i : {0, 1}) inputs.push_back(build.Squeeze(build.Slice(sizes, 0, i, 1, 1), {0}));
  for (const int i : {2, 3, 4}) {
    STINT_ASSIGN(View scalar, AsScalar(build, node.input(i)));
    inputs.push_back(std::move(scalar));
  }
  return ComputeOver(build, {corners}, inputs, DType::kInt64, [](const Terms& in) {
    const Term low = Mel(in[3]);
    const Term step = ((Mel(in[4]) - low) / in[0].As(low.type())).As(MapType::kF64);
    const Term mel = in.Coordinate(0).As(MapType::kF64) * step + low.As(MapType::kF64);
    const Term ten = mel.Number(10.0);
    const Term hertz = (Pow(ten, mel / 2595.0) - 1.0) * 700.0;
    const Term turns = (in[1] + 1.0).As(MapType::kF64) * hertz / in[2].As(MapType::kF64);
    return turns.Apply(MapOpcode::kFloor).As(MapType::kI64);
  });
}

// Operands: bands, DFT length, sample rate, lower and upper edge in hertz. Band i is a triangle
// over corners i, i + 1, i + 2.
Status MelWeightMatrix(NodeContext& node) {
  for (int i = 0; i < 5; ++i) STINT_TRY(node.Need(i));
  Builder& build = node.build;
  STINT_ASSIGN(const DType dtype, TypeAttribute(node, "output_datatype", DType::kFloat32));
  STINT_ASSIGN(const Dim bands, node.Element(0));
  STINT_ASSIGN(const Dim length, node.Element(1));
  STINT_ASSIGN(const View corners, MelCorners(node, bands, length));
  std::vector<View> inputs;
  for (const int i : {0, 1, 2}) inputs.push_back(build.Slice(corners, 0, i, 1, bands));
  const Dim bins = build.dims().Add(build.dims().FloorDiv(length, 2), 1);
  STINT_ASSIGN(View result, ComputeOver(build, {bins, bands}, inputs, dtype, [](const Terms& in) {
                 const Term bin = in.Coordinate(0);
                 const auto ratio = [](Term part, Term whole) {
                   return part.As(MapType::kF64) / whole.As(MapType::kF64);
                 };
                 const Term rising = ratio(bin - in[0], in[1] - in[0]);
                 const Term falling = ratio(in[2] - bin, in[2] - in[1]);
                 const Term zero = rising.Number(0.0);
                 const Term below = (bin >= in[0]).Choose(rising, zero);
                 const Term above = (bin < in[2]).Choose(falling, zero);
                 const Term slopes = (bin < in[1]).Choose(below, above);
                 return (bin == in[1]).Choose(rising.Number(1.0), slopes);
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"DFT", Dft, 17},
    {"MelWeightMatrix", MelWeightMatrix, 17},
    {"STFT", Stft, 17},
};

}  // namespace

std::span<const ImportRule> SignalRules() { return kRules; }

}  // namespace stint::compiler
