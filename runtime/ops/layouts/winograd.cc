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

// The kernels of up to 16 channels and one inner channel; absent ones are zeros.
void ReadKernels(const TensorView& from, int64_t inner, Lanes (&taps)[3][3]) {
  const auto* const kernels = from.as<const float>() + inner * from.strides[1];
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 3; ++x) {
      const float* const tap = kernels + y * from.strides[2] + x * from.strides[3];
      Lanes lanes = {};
      for (int64_t lane = 0; lane < from.extents[0]; ++lane) {
        lanes.values[lane] = tap[lane * from.strides[0]];
      }
      taps[y][x] = lanes;
    }
  }
}

int64_t PanelsOf(const TensorView& weights) {
  return (weights.extents[0] + kPanelChannels - 1) / kPanelChannels;
}

// Panel `panel` of the transforms of `weights`, whose channels of that panel `part` has.
void PackPanel(Layout layout, const TensorView& weights, const TensorView& part, int64_t panel,
               float* packed) {
  const int64_t panel_floats = weights.extents[1] * kPanelChannels;
  const int64_t step = PanelsOf(weights) * panel_floats;
  float* to = packed + panel * panel_floats;
  for (int64_t inner = 0; inner < weights.extents[1]; ++inner, to += kPanelChannels) {
    Lanes taps[3][3];
    ReadKernels(part, inner, taps);
    if (layout == Layout::kWinograd4) {
      TransformPanel(kRows4, taps, to, step);
    } else {
      TransformPanel(kRows2, taps, to, step);
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
  for (int64_t panel = 0; panel < PanelsOf(from); ++panel) {
    const int64_t first = panel * kPanelChannels;
    TensorView part = from;
    part.data = from.as<float>() + first * from.strides[0];
    part.extents[0] = std::min(from.extents[0] - first, kPanelChannels);
    PackPanel(layout, from, part, panel, static_cast<float*>(packed));
  }
}

void PackWinogradPanels(Layout layout, const TensorView& shape, const void* panels, void* packed) {
  const int64_t tap = shape.extents[1] * kPanelChannels;
  TensorView part = shape;
  part.extents[0] = kPanelChannels;
  const int64_t strides[] = {1, kPanelChannels, 3 * tap, tap};
  std::copy_n(strides, 4, part.strides);
  for (int64_t panel = 0; panel < PanelsOf(shape); ++panel) {
    part.data = const_cast<float*>(static_cast<const float*>(panels) + panel * 9 * tap);
    PackPanel(layout, shape, part, panel, static_cast<float*>(packed));
  }
}

}  // namespace stint
