// Decides how a convolution runs, and copies inputs between zeros.
#include <algorithm>
#include <cstring>

#include "backends/cpu/nhwc/conv_steps.h"
#include "runtime/base/checked.h"

namespace stint::cpu {

namespace {

// How many positions a window moved over `out` outputs covers.
bool Reach(int64_t out, int64_t stride, int64_t kernel, int64_t dilation, int64_t* reach) {
  int64_t moved = 0;
  int64_t window = 0;
  return CheckedMul(std::max<int64_t>(out - 1, 0), stride, &moved) &&
         CheckedMul(kernel - 1, dilation, &window) && CheckedAdd(moved, window + 1, reach);
}

bool IsInside(int64_t pad, int64_t reach, int64_t extent) {
  return pad <= 0 && reach - pad <= extent;
}

// Sets the bordered copy's extents, and whether it is needed.
Status PlanBorder(const BorderOptions& border, ConvPlan* plan) {
  const ConvShape& s = plan->shape;
  int64_t height = 0;
  plan->border_lines = std::min(border.lines, s.out_height);
  const bool fits =
      Reach(s.out_height, s.stride_y, s.kernel_height, s.dilation_y, &height) &&
      Reach(plan->border_lines, s.stride_y, s.kernel_height, s.dilation_y, &plan->border_height) &&
      Reach(s.out_width, s.stride_x, s.kernel_width, s.dilation_x, &plan->border_width);
  int64_t floats = 0;
  if (!fits || !CheckedMul(plan->border_height, plan->border_width, &floats) ||
      !CheckedMul(floats, s.channels, &floats) || floats > INT64_MAX / 64) {
    return Error(Code::kLimit, "convolution", "found a window over more than 2^57 floats");
  }
  plan->bordered = s.out_height > 0 && s.out_width > 0 &&
                   (border.always || !IsInside(s.pad_top, height, s.height) ||
                    !IsInside(s.pad_left, plan->border_width, s.width));
  plan->border_floats = plan->bordered ? floats : 0;
  return {};
}

Status PlanTaps(ConvPlan* plan) {
  const ConvShape& s = plan->shape;
  const InputSteps steps = StepsOf(*plan);
  const int64_t inner = plan->planar ? s.channels : 1;
  STINT_TRY(plan->tap_offsets.Reserve(static_cast<size_t>(s.kernel_height) *
                                      static_cast<size_t>(s.kernel_width) *
                                      static_cast<size_t>(inner)));
  for (int64_t y = 0; y < s.kernel_height; ++y) {
    for (int64_t x = 0; x < s.kernel_width; ++x) {
      const int64_t offset = y * s.dilation_y * steps.line + x * s.dilation_x * steps.pixel;
      for (int64_t c = 0; c < inner; ++c) {
        STINT_TRY(plan->tap_offsets.Push(offset + c * steps.channel));
      }
    }
  }
  return {};
}

// Rows a multiple of 4 KB apart fall on the same lines of the nearest cache, which holds 8 to 12
// such lines at a time: tiles with more rows lost a quarter of their speed.
constexpr int64_t kAliasBytes = 4096;
constexpr int kAliasRows = 10;

int MostRows(const ConvPlan& plan) {
  const int64_t step = StepsOf(plan).pixel * plan.shape.stride_x * 4;
  return step % kAliasBytes == 0 ? kAliasRows : INT32_MAX;
}

bool IsPointwise(const ConvShape& s) {
  const bool one_tap = s.kernel_height == 1 && s.kernel_width == 1;
  const bool same = s.out_height == s.height && s.out_width == s.width;
  return one_tap && same && s.stride_y == 1 && s.stride_x == 1 && s.pad_top == 0 &&
         s.pad_left == 0 && (s.line == s.width * s.pixel || s.height == 1);
}

// Copies the input's part of one line of `channels` a pixel between zeros.
void CopyLine(const ConvPlan& plan, const float* x_data, int64_t ring, int64_t line,
              int64_t channels, float* to) {
  const ConvShape& s = plan.shape;
  const int64_t floats = plan.border_width * channels;
  const int64_t y = line - s.pad_top;
  const int64_t begin = std::clamp<int64_t>(s.pad_left, 0, plan.border_width);
  const int64_t end = std::clamp<int64_t>(s.pad_left + s.width, begin, plan.border_width);
  if (y < 0 || y >= s.height || begin == end) {
    std::memset(to, 0, static_cast<size_t>(floats) * sizeof(float));
    return;
  }
  std::memset(to, 0, static_cast<size_t>(begin * channels) * sizeof(float));
  const float* const from = x_data + PlaceOfLine(y, ring) * s.line + (begin - s.pad_left) * s.pixel;
  if (s.pixel == channels) {
    std::memcpy(to + begin * channels, from,
                static_cast<size_t>((end - begin) * channels) * sizeof(float));
  } else {
    for (int64_t x = begin; x < end; ++x) {
      std::memcpy(to + x * channels, from + (x - begin) * s.pixel,
                  static_cast<size_t>(channels) * sizeof(float));
    }
  }
  std::memset(to + end * channels, 0,
              static_cast<size_t>((plan.border_width - end) * channels) * sizeof(float));
}

}  // namespace

Result<ConvPlan> PlanConv(const PanelKernels& kernels, const ConvShape& shape,
                          const BorderOptions& border) {
  ConvPlan plan;
  plan.kernels = &kernels;
  plan.shape = shape;
  plan.planar = shape.plane != 0;
  plan.flat = !plan.planar && IsPointwise(shape);
  if (!plan.flat) STINT_TRY(PlanBorder(border, &plan));
  STINT_TRY(PlanTaps(&plan));
  plan.panels = CeilDivide(shape.out_channels, kPanel);
  const int64_t pixels = shape.out_height * shape.out_width;
  plan.units = plan.flat ? pixels : shape.out_height;
  plan.groups = GroupsOf(plan);
  plan.most_rows = MostRows(plan);
  const int pair_rows = std::min(kernels.max_rows[kernels.group_panels], plan.most_rows);
  plan.pairs = !plan.flat && !plan.planar && 2 * shape.out_width <= pair_rows;
  const auto taps = static_cast<int64_t>(plan.tap_offsets.size());
  plan.weights_outer = !plan.planar && pixels < plan.panels * taps * kPanel;
  return plan;
}

ConvShape ProductShape(int64_t rows, int64_t depth, int64_t columns, int64_t a_row, int64_t c_row) {
  ConvShape shape;
  shape.width = shape.out_width = rows;
  shape.channels = depth;
  shape.pixel = a_row;
  shape.line = rows * a_row;
  shape.out_channels = columns;
  shape.out_pixel = c_row;
  return shape;
}

IndexRange BorderLines(const ConvPlan& plan, IndexRange units) {
  if (!plan.bordered || units.size() <= 0) return {};
  const ConvShape& s = plan.shape;
  const int64_t window = static_cast<int64_t>(s.kernel_height - 1) * s.dilation_y;
  return {units.begin * s.stride_y, (units.end - 1) * s.stride_y + window + 1};
}

void CopyBorder(const ConvPlan& plan, const ConvData& data, IndexRange lines, int64_t first) {
  const int64_t planes = plan.planar ? plan.shape.channels : 1;
  const int64_t channels = plan.planar ? 1 : plan.shape.channels;
  for (int64_t plane = 0; plane < planes; ++plane) {
    for (int64_t line = lines.begin; line < lines.end; ++line) {
      float* const to =
          data.border + (plane * plan.border_height + line - first) * plan.border_width * channels;
      CopyLine(plan, data.x + plane * plan.shape.plane, data.x_ring, line, channels, to);
    }
  }
}

}  // namespace stint::cpu
