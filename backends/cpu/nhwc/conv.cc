// Runs a convolution: walks over tiles of rows and groups of panels.
#include "backends/cpu/nhwc/conv.h"

#include <algorithm>

#include "backends/cpu/nhwc/conv_steps.h"

namespace stint::cpu {

namespace {

// A run of output pixels in one tile.
struct RowTile {
  int64_t unit;   // Pixel when flat, else line.
  int64_t x;      // First column; 0 when flat.
  int64_t pixel;  // First pixel of the result.
  int rows;
  bool pair;  // Two lines of rows / 2.
};

// `count` things cut into `parts` that differ by one at most.
struct EvenParts {
  int64_t least = 0;
  int64_t larger = 0;  // So many first parts have one more.

  EvenParts(int64_t count, int64_t parts) : least(count / parts), larger(count % parts) {}
  int64_t Size(int64_t part) const { return least + (part < larger ? 1 : 0); }
};

// Walks over the tiles that a range of units is cut into, as even as can be.
class Tiles {
 public:
  Tiles(const ConvPlan& plan, IndexRange units, int max_rows)
      : units_(units),
        width_(plan.shape.out_width),
        kind_(plan.flat    ? kFlat
              : plan.pairs ? kPairs
                           : kLines),
        columns_(std::max<int64_t>(CeilDivide(ExtentOf(), max_rows), 1)),
        parts_(ExtentOf(), columns_),
        unit_(units.begin) {}

  int64_t count() const {
    if (kind_ == kPairs) return CeilDivide(units_.size(), 2);
    return kind_ == kFlat ? columns_ : units_.size() * columns_;
  }

  // The next tile; false: there is none.
  bool Next(RowTile* tile) {
    if (unit_ >= units_.end) return false;
    const int64_t first = unit_ * (kind_ == kFlat ? 1 : width_);
    if (kind_ == kPairs) {
      const bool two = unit_ + 1 < units_.end;
      *tile = {unit_, 0, first, static_cast<int>(two ? 2 * width_ : width_), two};
      unit_ += 2;
      return true;
    }
    const int64_t rows = parts_.Size(column_++);
    if (kind_ == kFlat) {
      *tile = {unit_, 0, first, static_cast<int>(rows), false};
      unit_ += rows;
      return true;
    }
    *tile = {unit_, x_, first + x_, static_cast<int>(rows), false};
    x_ += rows;
    if (column_ == columns_) {
      column_ = x_ = 0;
      ++unit_;
    }
    return true;
  }

 private:
  enum Kind { kFlat, kPairs, kLines };

  // What is cut into columns_ parts.
  int64_t ExtentOf() const { return kind_ == kFlat ? units_.size() : width_; }

  IndexRange units_;
  int64_t width_;
  Kind kind_;
  int64_t columns_;
  EvenParts parts_;
  int64_t unit_;
  int64_t column_ = 0;
  int64_t x_ = 0;
};

// Hands out the weights of the next group to the tiles of this one, to be pulled into the cache.
class PrefetchStream {
 public:
  // `next`: nullptr when there is none. A tile pulls `steps` times.
  PrefetchStream(const PanelKernels& kernels, const float* weights, const float* next,
                 int64_t next_bytes, int64_t steps, int64_t tiles)
      : idle_(reinterpret_cast<const char*>(weights)),
        at_(reinterpret_cast<const char*>(next)),
        left_(next == nullptr ? 0 : next_bytes),
        step_(kernels.prefetch_lines > 1 && tiles >= 4 ? 32 * kernels.prefetch_lines
                                                       : 64 * kernels.prefetch_lines),
        tile_bytes_(steps * step_) {}

  void Give(ConvTile* tile) {
    if (left_ <= 0) {
      tile->prefetch = idle_;
      tile->prefetch_step = 0;
      return;
    }
    tile->prefetch = at_;
    tile->prefetch_step = step_;
    at_ += tile_bytes_;
    left_ -= tile_bytes_;
  }

 private:
  const char* idle_;
  const char* at_;
  int64_t left_;
  int64_t step_;
  int64_t tile_bytes_;
};

class Runner {
 public:
  Runner(const ConvPlan& plan, const ConvData& data) : plan_(plan), data_(data) {
    const ConvShape& s = plan.shape;
    const InputSteps steps = StepsOf(plan);
    a_ = plan.bordered ? data.border : data.x - s.pad_top * s.line - s.pad_left * s.pixel;
    pixel_ = steps.pixel * s.stride_x;
    line_ = steps.line * s.stride_y;
    const int64_t inner = plan.planar ? 1 : s.channels;
    depth_ = static_cast<int64_t>(plan.tap_offsets.size()) * inner;
    tile_ = {};
    tile_.a_row = pixel_;
    tile_.a_second = line_;
    tile_.tap_offsets = plan.tap_offsets.data();
    tile_.taps = static_cast<int64_t>(plan.tap_offsets.size());
    tile_.channels = inner;
    tile_.panel_step = depth_ * kPanel;
    tile_.finish = data.finish;
    tile_.residual_row = data.residual_pixel;
    tile_.c_row = s.out_pixel;
  }

  void WeightsOuter(IndexRange units, IndexRange groups) {
    for (int64_t g = groups.begin; g < groups.end; ++g) {
      const Group group = GroupAt(plan_, g);
      Tiles tiles(plan_, units, MostRows(group.panels));
      const int64_t steps = tile_.taps * (plan_.shape.channels / 4);
      const bool more = g + 1 < groups.end;
      const Group next = GroupAt(plan_, more ? g + 1 : 0);
      const float* const next_weights = more ? WeightsOf(next) : data_.next_weights;
      PrefetchStream stream(*plan_.kernels, WeightsOf(group), next_weights,
                            next.panels * depth_ * kPanel * 4, steps, tiles.count());
      for (RowTile rows; tiles.Next(&rows);) {
        stream.Give(&tile_);
        Run(rows, group);
      }
    }
  }

  void RowsOuter(IndexRange units, IndexRange groups) {
    tile_.prefetch = reinterpret_cast<const char*>(data_.weights);
    tile_.prefetch_step = 0;
    const Group first = GroupAt(plan_, groups.begin);
    const bool alone = groups.size() == 1;
    const int usual = alone ? first.panels : std::min(first.panels, plan_.kernels->group_panels);
    Tiles tiles(plan_, units, MostRows(usual));
    for (RowTile rows; tiles.Next(&rows);) {
      for (int64_t g = groups.begin; g < groups.end; ++g) Run(rows, GroupAt(plan_, g));
    }
  }

  // Kernels like full tiles: the last of a line moves left, where nothing stands against computing
  // some pixels twice.
  void Planar(IndexRange units, IndexRange groups) {
    tile_.prefetch = reinterpret_cast<const char*>(data_.weights);
    const int64_t width = plan_.shape.out_width;
    const int64_t most = plan_.kernels->max_rows[plan_.kernels->group_panels];
    const bool moves = data_.residual == nullptr && width >= most;
    for (int64_t line = units.begin; line < units.end; ++line) {
      for (int64_t x = 0; x < width; x += most) {
        const int64_t first = moves ? std::min(x, width - most) : x;
        const int rows = static_cast<int>(std::min(most, width - first));
        RunPlanar({line, first, line * width + first, rows, false}, groups);
      }
    }
  }

  void Row(IndexRange groups) {
    tile_.prefetch = reinterpret_cast<const char*>(data_.weights);
    for (int64_t g = groups.begin; g < groups.end; ++g) {
      const Group group = GroupAt(plan_, g);
      plan_.kernels->row(group.panels, TileOf({0, 0, 0, 1, false}, group));
    }
  }

 private:
  int MostRows(int panels) const {
    return std::min(plan_.kernels->max_rows[panels], plan_.most_rows);
  }

  const float* WeightsOf(const Group& group) const {
    return data_.weights + group.panel * tile_.panel_step;
  }

  const ConvTile& TileOf(const RowTile& rows, const Group& group) {
    ConvTile& tile = tile_;
    tile.a = a_ + rows.unit * (plan_.flat ? pixel_ : line_) + rows.x * pixel_;
    tile.weights = WeightsOf(group);
    tile.column = group.panel * kPanel;
    tile.columns = std::min<int64_t>(group.panels * kPanel, plan_.shape.out_channels - tile.column);
    tile.c = data_.y + rows.pixel * plan_.shape.out_pixel + tile.column;
    if (data_.residual != nullptr) {
      tile.residual = data_.residual + rows.pixel * data_.residual_pixel + tile.column;
    }
    return tile;
  }

  void RunPlanar(const RowTile& rows, IndexRange groups) {
    const int usual = plan_.kernels->group_panels;
    for (int64_t g = groups.begin; g < groups.end; ++g) {
      const Group group = GroupAt(plan_, g);
      for (int done = 0; done < group.panels; done += usual) {
        const int panels = std::min(usual, group.panels - done);
        const Group part = {group.panel + done, panels};
        plan_.kernels->planar(rows.rows, panels, TileOf(rows, part));
      }
    }
  }

  void Run(const RowTile& rows, const Group& group) {
    const PanelKernels& kernels = *plan_.kernels;
    if (rows.pair && group.panels != kernels.group_panels) {
      const int64_t width = plan_.shape.out_width;
      const int half = rows.rows / 2;
      RunLine({rows.unit, 0, rows.pixel, half, false}, group);
      RunLine({rows.unit + 1, 0, rows.pixel + width, half, false}, group);
    } else if (rows.pair) {
      kernels.conv_pair(rows.rows, TileOf(rows, group));
    } else {
      RunLine(rows, group);
    }
  }

  // Rows may be more than a tile of so many panels has: they are cut into even parts.
  void RunLine(const RowTile& rows, const Group& group) {
    const int most = plan_.kernels->max_rows[group.panels];
    if (rows.rows <= most) return plan_.kernels->conv(rows.rows, group.panels, TileOf(rows, group));
    const int parts = (rows.rows + most - 1) / most;
    for (int i = 0; i < parts; ++i) {
      const int begin = rows.rows * i / parts;
      RowTile part = rows;
      part.rows = rows.rows * (i + 1) / parts - begin;
      part.pixel += begin;
      (plan_.flat ? part.unit : part.x) += begin;
      plan_.kernels->conv(part.rows, group.panels, TileOf(part, group));
    }
  }

  const ConvPlan& plan_;
  const ConvData& data_;
  const float* a_;
  int64_t pixel_;  // From one output pixel's input to the next one's.
  int64_t line_;
  int64_t depth_;
  ConvTile tile_;
};

}  // namespace

void RunConv(const ConvPlan& plan, const ConvData& data, IndexRange units, IndexRange groups) {
  if (units.size() <= 0 || groups.size() <= 0 || plan.shape.out_width == 0) return;
  Runner runner(plan, data);
  if (plan.planar) return runner.Planar(units, groups);
  if (IsRow(plan)) return runner.Row(groups);
  plan.weights_outer ? runner.WeightsOuter(units, groups) : runner.RowsOuter(units, groups);
}

void ConvNhwc(const ConvPlan& plan, const ConvData& data) {
  const IndexRange units = {0, plan.units};
  CopyBorder(plan, data, BorderLines(plan, units), 0);
  RunConv(plan, data, units, {0, plan.groups});
}

void ConvLines(const ConvPlan& plan, const ConvData& data, IndexRange lines) {
  const ConvShape& s = plan.shape;
  const IndexRange groups = {0, plan.groups};
  ConvData part = data;
  if (!plan.bordered) {
    const int64_t first = PlaceOfLine(lines.begin, data.x_ring);
    part.x += (plan.flat ? first : first * s.stride_y) * s.line;
    return RunConv(plan, part, {0, lines.size() * (plan.flat ? s.out_width : 1)}, groups);
  }
  for (int64_t line = lines.begin; line < lines.end; line += plan.border_lines) {
    const IndexRange units = {line, std::min(line + plan.border_lines, lines.end)};
    const IndexRange copied = BorderLines(plan, units);
    CopyBorder(plan, data, copied, copied.begin);
    RunConv(plan, part, {0, units.size()}, groups);
    part.y += units.size() * s.out_width * s.out_pixel;
    if (part.residual != nullptr) {
      part.residual += units.size() * s.out_width * part.residual_pixel;
    }
  }
}

}  // namespace stint::cpu
