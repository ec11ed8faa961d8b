#include "runtime/ops/resample_lines.h"

#include "runtime/ops/elements.h"
#include "runtime/ops/store_number.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

// What one run looks at.
struct ResampleRun {
  const TensorView& x;
  const TensorView& y;
  double extrapolation;
  const ResampleTable* tables;
};

bool IsOutside(const ResampleRun& run, const int64_t* at) {
  for (int axis = 0; axis < run.y.rank; ++axis) {
    if (run.tables[axis].taps(at[axis]).empty()) return true;
  }
  return false;
}

// The value at `offset`, interpolated along the axes from `axis` on.
template <typename C>
C Interpolate(const ResampleRun& run, const int64_t* at, int axis, int64_t offset) {
  if (axis == run.x.rank) return Load<C>(run.x, offset);
  const std::span<const ResampleTap> taps = run.tables[axis].taps(at[axis]);
  if (run.tables[axis].is_identity()) {
    return Interpolate<C>(run, at, axis + 1, offset + at[axis] * run.x.strides[axis]);
  }
  C sum{};
  for (const ResampleTap& tap : taps) {
    const C value = Interpolate<C>(run, at, axis + 1, offset + tap.index * run.x.strides[axis]);
    sum += static_cast<C>(tap.weight) * value;
  }
  return sum;
}

void MoveNearest(const ResampleRun& run, const int64_t* at, int64_t offset) {
  int64_t from = 0;
  for (int axis = 0; axis < run.x.rank; ++axis) {
    from += run.tables[axis].taps(at[axis])[0].index * run.x.strides[axis];
  }
  MoveElement(run.x.data, from, run.y.data, offset, BytesOf(run.y.dtype));
}

template <typename C>
void ResampleLine(const ResampleRun& run, bool nearest, int64_t line) {
  const int last = run.y.rank - 1;
  int64_t at[kMaxRank] = {};
  int64_t offset = 0;
  ForCoordinates(line, last, run.y.extents, -1, [&](int axis, int64_t coordinate) {
    at[axis] = coordinate;
    offset += coordinate * run.y.strides[axis];
  });
  const int64_t count = last < 0 ? 1 : run.y.extents[last];
  for (int64_t i = 0; i < count; ++i) {
    if (last >= 0) at[last] = i;
    const int64_t to = last < 0 ? 0 : offset + i * run.y.strides[last];
    if (IsOutside(run, at)) {
      StoreNumber(static_cast<C>(run.extrapolation), run.y, to);
    } else if (nearest) {
      MoveNearest(run, at, to);
    } else {
      StoreNumber(Interpolate<C>(run, at, 0, 0), run.y, to);
    }
  }
}

}  // namespace

ResampleTables::ResampleTables(const OpTensors& op, Scratch& memory) {
  const TensorView& x = op.operands[0];
  const TensorView& y = op.results[0];
  if (ElementCount(y) == 0) return;
  const auto& attributes = op.as<ResampleAttributes>();
  for (int axis = 0; axis < x.rank; ++axis) {
    axes[axis] = ResampleTable(attributes, axis, x.extents[axis], y.extents[axis], memory);
  }
}

void ResampleTables::Fill(const OpTensors& op) {
  if (ElementCount(op.results[0]) == 0) return;
  for (int axis = 0; axis < op.operands[0].rank; ++axis) {
    axes[axis].Fill(op.as<ResampleAttributes>(), axis);
  }
}

int64_t ResampleLineCount(const TensorView& y) {
  int64_t count = ElementCount(y) == 0 ? 0 : 1;
  for (int axis = 0; count > 0 && axis + 1 < y.rank; ++axis) count *= y.extents[axis];
  return count;
}

void ResampleLines(const OpTensors& op, const ResampleTables& tables, int64_t begin, int64_t end) {
  const auto& attributes = op.as<ResampleAttributes>();
  const ResampleRun run = {op.operands[0], op.results[0], attributes.extrapolation, tables.axes};
  const bool nearest = attributes.mode == ResampleMode::kNearest;
  const bool in_double = NeedsDouble(run.x.dtype);
  for (int64_t line = begin; line < end; ++line) {
    in_double ? ResampleLine<double>(run, nearest, line) : ResampleLine<float>(run, nearest, line);
  }
}

}  // namespace stint
