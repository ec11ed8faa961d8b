#include "runtime/ops/layouts/winograd.h"

#include <algorithm>

namespace stint {

namespace {

// The rows of G, of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015).
constexpr double kRows4[6][3] = {{0.25, 0, 0},
                                 {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                 {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                 {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                 {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                 {0, 0, 1}};
constexpr double kRows2[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

// One number of each channel of a panel.
struct Lanes {
  double values[kPanelChannels];
};

Lanes Combine(const double (&row)[3], const Lanes& a, const Lanes& b, const Lanes& c) {
  Lanes sum;
  for (int64_t lane = 0; lane < kPanelChannels; ++lane) {
    sum.values[lane] = row[0] * a.values[lane] + row[1] * b.values[lane] + row[2] * c.values[lane];
  }
  return sum;
}

// G kernel G^T of the channels of a panel and one inner channel; positions are `step` floats apart.
template <int kSide>
void TransformPanel(const double (&rows)[kSide][3], const Lanes (&taps)[3][3], float* to,
                    int64_t step) {
  for (const auto& row : rows) {
    Lanes half[3];
    for (int x = 0; x < 3; ++x) half[x] = Combine(row, taps[0][x], taps[1][x], taps[2][x]);
    for (const auto& column : rows) {
      const Lanes sum = Combine(column, half[0], half[1], half[2]);
      for (int64_t lane = 0; lane < kPanelChannels; ++lane) {
        to[lane] = static_cast<float>(sum.values[lane]);
      }
      to += step;
    }
  }
}

// The kernels of channels [first, first + 16) and one inner channel; absent ones are zeros.
void ReadKernels(const TensorView& from, int64_t first, int64_t inner, Lanes (&taps)[3][3]) {
  const int64_t count = std::min(from.extents[0] - first, kPanelChannels);
  const auto* const kernels =
      from.as<const float>() + first * from.strides[0] + inner * from.strides[1];
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 3; ++x) {
      const float* const tap = kernels + y * from.strides[2] + x * from.strides[3];
      Lanes lanes = {};
      for (int64_t lane = 0; lane < count; ++lane) lanes.values[lane] = tap[lane * from.strides[0]];
      taps[y][x] = lanes;
    }
  }
}

}  // namespace

Status CheckWinograd(Layout layout, DType dtype, int rank, const int64_t* extents) {
  if (dtype != DType::kFloat32) {
    return Error(Code::kInvalid, LayoutName(layout), "found elements of %s, allowed float32",
                 NameOf(dtype));
  }
  if (rank != 4 || extents[2] != 3 || extents[3] != 3) {
    return Error(Code::kInvalid, LayoutName(layout),
                 "found another shape than [M, C, 3, 3], allowed that");
  }
  return {};
}

void PackWinograd(Layout layout, const TensorView& from, void* packed) {
  const int64_t channels = from.extents[1];
  const int64_t panels = (from.extents[0] + kPanelChannels - 1) / kPanelChannels;
  const int64_t step = panels * channels * kPanelChannels;
  auto* to = static_cast<float*>(packed);
  for (int64_t panel = 0; panel < panels; ++panel) {
    for (int64_t inner = 0; inner < channels; ++inner, to += kPanelChannels) {
      Lanes taps[3][3];
      ReadKernels(from, panel * kPanelChannels, inner, taps);
      if (layout == Layout::kWinograd4) {
        TransformPanel(kRows4, taps, to, step);
      } else {
        TransformPanel(kRows2, taps, to, step);
      }
    }
  }
}

}  // namespace stint
