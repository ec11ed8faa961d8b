#include "backends/cpu/nhwc/winograd.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/checked.h"

namespace stint::cpu {

namespace {

// Matrices of one block of tiles: about the second level of cache.
constexpr int64_t kBlockBytes = 1 << 20;
// Rows of matrices are this much longer than their channels, so that they do not fall on the same
// lines of the cache.
constexpr int64_t kRowSlack = 16;
constexpr int kMostPositions = 36;

class Runner {
 public:
  Runner(const WinogradPlan& plan, const ConvData& data, float* scratch)
      : plan_(plan), data_(data), side_(plan.outputs + 2), zeros_(scratch) {
    const ConvShape& s = plan.shape;
    const int64_t zero_floats = CeilDivide(s.channels, kPanel) * kPanel;
    std::memset(zeros_, 0, static_cast<size_t>(zero_floats) * sizeof(float));
    v_ = scratch + zero_floats;
    v_step_ = plan.block_tiles * plan.v_row;
    m_ = v_ + side_ * side_ * v_step_;
    m_step_ = plan.block_tiles * plan.m_row;
  }

  void Block(IndexRange tiles) {
    for (int64_t i = 0; i < tiles.size(); ++i) Input(tiles.begin + i, i);
    Products(tiles.size());
    for (int64_t i = 0; i < tiles.size(); ++i) Output(tiles.begin + i, i);
  }

 private:
  void Input(int64_t tile, int64_t row) const {
    const ConvShape& s = plan_.shape;
    const int64_t y0 = tile / plan_.tile_columns * plan_.outputs - s.pad_top;
    const int64_t x0 = tile % plan_.tile_columns * plan_.outputs - s.pad_left;
    const float* pixels[kMostPositions];
    for (int i = 0; i < side_; ++i) {
      for (int j = 0; j < side_; ++j) {
        const int64_t y = y0 + i;
        const int64_t x = x0 + j;
        const bool inside = y >= 0 && y < s.height && x >= 0 && x < s.width;
        pixels[i * side_ + j] = inside ? data_.x + y * s.line + x * s.pixel : zeros_;
      }
    }
    const WinogradInput input = {pixels, s.channels, v_ + row * plan_.v_row, v_step_};
    const SpatialKernels& kernels = *plan_.kernels.spatial;
    plan_.outputs == 4 ? kernels.winograd4_input(input) : kernels.winograd2_input(input);
  }

  void Products(int64_t rows) const {
    const Finish plain = {};
    const int64_t position_floats = plan_.product.panels * kPanel * plan_.shape.channels;
    ConvData product;
    product.finish = &plain;
    for (int i = 0; i < side_ * side_; ++i) {
      product.x = v_ + i * v_step_;
      product.y = m_ + i * m_step_;
      product.weights = data_.weights + i * position_floats;
      product.next_weights = i + 1 < side_ * side_ ? product.weights + position_floats : nullptr;
      RunConv(plan_.product, product, {0, rows}, {0, plan_.product.groups});
    }
  }

  void Output(int64_t tile, int64_t row) const {
    const ConvShape& s = plan_.shape;
    const int64_t y = tile / plan_.tile_columns * plan_.outputs;
    const int64_t x = tile % plan_.tile_columns * plan_.outputs;
    const int64_t pixel = y * s.out_width + x;
    WinogradOutput output = {};
    output.m = m_ + row * plan_.m_row;
    output.step = m_step_;
    output.channels = s.out_channels;
    output.finish = data_.finish;
    if (data_.residual != nullptr) output.residual = data_.residual + pixel * data_.residual_pixel;
    output.residual_pixel = data_.residual_pixel;
    output.residual_line = s.out_width * data_.residual_pixel;
    output.output = data_.y + pixel * s.out_pixel;
    output.output_pixel = s.out_pixel;
    output.output_line = s.out_width * s.out_pixel;
    output.rows = static_cast<int>(std::min<int64_t>(plan_.outputs, s.out_height - y));
    output.columns = static_cast<int>(std::min<int64_t>(plan_.outputs, s.out_width - x));
    const SpatialKernels& kernels = *plan_.kernels.spatial;
    plan_.outputs == 4 ? kernels.winograd4_output(output) : kernels.winograd2_output(output);
  }

  const WinogradPlan& plan_;
  const ConvData& data_;
  int side_;
  float* zeros_;
  float* v_;
  float* m_;
  int64_t v_step_, m_step_;
};

}  // namespace

Result<WinogradPlan> PlanWinograd(const NhwcKernels& kernels, const ConvShape& shape, int outputs) {
  WinogradPlan plan;
  plan.kernels = kernels;
  plan.shape = shape;
  plan.outputs = outputs;
  plan.tile_columns = CeilDivide(shape.out_width, outputs);
  plan.tiles = CeilDivide(shape.out_height, outputs) * plan.tile_columns;
  const int64_t panels = CeilDivide(shape.out_channels, kPanel);
  const int64_t positions = static_cast<int64_t>(outputs + 2) * (outputs + 2);
  plan.v_row = CeilDivide(shape.channels, kPanel) * kPanel + kRowSlack;
  plan.m_row = panels * kPanel + kRowSlack;
  // Whole tiles of the widest kernel.
  constexpr int64_t kRows = 14;
  const int64_t fitting = kBlockBytes / (positions * 4 * (plan.v_row + plan.m_row));
  const int64_t most = std::max(fitting / kRows * kRows, kRows);
  const int64_t blocks = std::max<int64_t>(CeilDivide(plan.tiles, most), 1);
  plan.block_tiles = std::max<int64_t>(CeilDivide(plan.tiles, blocks), 1);
  STINT_ASSIGN(plan.product,
               PlanConv(*kernels.panel, ProductShape(plan.block_tiles, shape.channels,
                                                     panels * kPanel, plan.v_row, plan.m_row)));
  plan.scratch_floats = CeilDivide(shape.channels, kPanel) * kPanel +
                        positions * plan.block_tiles * (plan.v_row + plan.m_row);
  return plan;
}

void RunWinograd(const WinogradPlan& plan, const ConvData& data, IndexRange tiles, float* scratch) {
  Runner runner(plan, data, scratch);
  for (int64_t tile = tiles.begin; tile < tiles.end; tile += plan.block_tiles) {
    runner.Block({tile, std::min(tile + plan.block_tiles, tiles.end)});
  }
}

}  // namespace stint::cpu
