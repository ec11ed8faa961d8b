#include "backends/cpu/kernels/nhwc_call.h"

namespace stint::cpu {

namespace {

const TensorView& ResidualOf(const KernelCall& call, const MapProgram& program, int input) {
  return call.operands[call.operands.size() - static_cast<size_t>(program.input_count - input)]
      .view;
}

bool SameExtents(const TensorView& a, const TensorView& b) {
  if (a.rank != b.rank) return false;
  for (int axis = 0; axis < a.rank; ++axis) {
    if (a.extents[axis] != b.extents[axis]) return false;
  }
  return true;
}

}  // namespace

ImageView::ImageView(const TensorView& view) {
  if (view.rank < 3) return;
  batch = view.extents[0];
  channels = view.extents[1];
  width = view.extents[view.rank - 1];
  height = view.rank > 3 ? view.extents[2] : 1;
  // The strides of axes of extent 1 mean nothing: they become those of a tensor without gaps.
  const auto stride = [&](int axis, int64_t usual) {
    return view.extents[axis] == 1 ? usual : view.strides[axis];
  };
  channel = stride(1, 1);
  pixel = stride(view.rank - 1, channel == 1 ? channels : 1);
  line = view.rank > 3 ? stride(2, width * pixel) : width * pixel;
  image = stride(0, height * line);
}

bool ImageView::channels_last() const {
  return channel == 1 && pixel >= channels && line >= width * pixel && image >= height * line;
}

bool ImageView::planar() const {
  return pixel == 1 && line >= width && (channels == 1 || channel >= height * line);
}

ConvShape WindowShape(const ImageView& x, const ImageView& y, const int64_t* kernel, int spatial,
                      const IntList& strides, const IntList& dilations, const LongDimList& pads) {
  ConvShape shape;
  shape.height = x.height;
  shape.width = x.width;
  shape.channels = x.channels;
  shape.pixel = x.pixel;
  shape.line = x.line;
  shape.plane = x.channels_last() ? 0 : x.channel;
  shape.out_height = y.height;
  shape.out_width = y.width;
  shape.out_channels = y.channels;
  shape.out_pixel = y.pixel;
  const int last = spatial - 1;
  shape.kernel_width = static_cast<int>(kernel[last]);
  shape.stride_x = static_cast<int>(strides[last]);
  shape.dilation_x = static_cast<int>(dilations[last]);
  shape.pad_left = pads[last].constant();
  if (spatial == 1) return shape;
  shape.kernel_height = static_cast<int>(kernel[0]);
  shape.stride_y = static_cast<int>(strides[0]);
  shape.dilation_y = static_cast<int>(dilations[0]);
  shape.pad_top = pads[0].constant();
  return shape;
}

const char* CallFinish::Reject(const KernelCall& call) {
  const MapProgram* const program = EpilogueOf(*call.op, call.attributes);
  if (program == nullptr) return nullptr;
  FinishMatch match;
  if (!MatchFinish(*program, &match) || program->input_count > 2) {
    return "needs an activation that it does in registers";
  }
  if (match.residual == 0) return nullptr;
  const TensorView& residual = ResidualOf(call, *program, match.residual);
  const ImageView image(residual);
  const bool fits =
      SameExtents(residual, call.results[0].view) && image.channels_last() && image.even_lines();
  return fits ? nullptr : "needs a residual that lies like the result";
}

void CallFinish::Init(const KernelCall& call, size_t bias) {
  const MapProgram* const program = EpilogueOf(*call.op, call.attributes);
  bias_ = bias;
  if (program == nullptr || !MatchFinish(*program, &match_) || match_.residual == 0) return;
  residual_ = call.operands.size() - static_cast<size_t>(program->input_count - match_.residual);
  residual_view_ = ImageView(call.operands[residual_].view);
}

Finish CallFinish::At(const Execution& execution, int64_t channel) const {
  Finish finish = FinishOf(match_);
  const TensorView bias = execution.Operand(bias_);
  if (bias.present()) finish.bias = bias.as<const float>() + channel;
  return finish;
}

const float* CallFinish::Residual(const Execution& execution) const {
  return residual_ == 0 ? nullptr : execution.Operand(residual_).as<const float>();
}

}  // namespace stint::cpu
