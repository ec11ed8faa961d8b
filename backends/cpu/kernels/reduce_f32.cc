// Sums, means and extremes of float32: eight results at a time, or eight elements of a result that
// follow each other. Eight independent ones hide the latency of the additions, which are in float64
// and so in any order.
#include <algorithm>
#include <cstdlib>

#include "backends/cpu/kernel_table.h"
#include "backends/cpu/kernels/float_call.h"
#include "runtime/ops/elements.h"
#include "runtime/ops/reduce.h"
#include "runtime/ops/walk.h"

namespace stint::cpu::reduce_f32 {

namespace {

constexpr int kLanes = 8;

// Which elements a result combines: all axes but the innermost in `extents`, that one apart.
struct ReducedAxes {
  int rank = 0;
  int64_t extents[kMaxRank] = {};
  int64_t strides[kMaxRank] = {};
  int64_t count = 1;  // Of the innermost reduced axis.
  int64_t stride = 0;

  int64_t elements() const {
    int64_t elements = count;
    for (int axis = 0; axis < rank; ++axis) elements *= extents[axis];
    return elements;
  }
};

// Adds an axis where the steps are in descending order, so that memory is read as it lies.
void Insert(int64_t extent, int64_t stride, ReducedAxes* axes) {
  int at = axes->rank++;
  for (; at > 0 && std::abs(axes->strides[at - 1]) < std::abs(stride); --at) {
    axes->extents[at] = axes->extents[at - 1];
    axes->strides[at] = axes->strides[at - 1];
  }
  axes->extents[at] = extent;
  axes->strides[at] = stride;
}

void JoinAxes(ReducedAxes* axes) {
  int kept = 0;
  for (int axis = 1; axis < axes->rank; ++axis) {
    const bool joins = axes->strides[kept] == axes->strides[axis] * axes->extents[axis];
    const int64_t extent = axes->extents[axis] * (joins ? axes->extents[kept] : 1);
    if (!joins) ++kept;
    axes->extents[kept] = extent;
    axes->strides[kept] = axes->strides[axis];
  }
  axes->rank = std::min(axes->rank, kept + 1);
}

ReducedAxes AxesOf(const ReduceAttributes& attributes, const TensorView& x) {
  bool is_reduced[kMaxRank] = {};
  for (const Dim axis : attributes.axes.span()) {
    is_reduced[axis.constant() < 0 ? axis.constant() + x.rank : axis.constant()] = true;
  }
  ReducedAxes axes;
  for (int axis = 0; axis < x.rank; ++axis) {
    if (is_reduced[axis] && x.extents[axis] != 1) Insert(x.extents[axis], x.strides[axis], &axes);
  }
  JoinAxes(&axes);
  if (axes.rank > 0) {
    --axes.rank;
    axes.count = axes.extents[axes.rank];
    axes.stride = axes.strides[axes.rank];
  }
  return axes;
}

// Where the elements of eight results start. `together`: one after the other. `along`: the first
// result alone, eight of whose elements are taken at once.
struct Lanes {
  int64_t offsets[kLanes] = {};
  bool together = false;
  bool along = false;
};

template <typename Combine>
void ForEachRun(const float* x, int64_t count, float neutral, const Combine& combine) {
  for (int64_t i = 0; i < count; i += kLanes) {
    float values[kLanes];
    const int64_t valid = std::min<int64_t>(kLanes, count - i);
    if (valid < kLanes) std::fill(values, values + kLanes, neutral);
    std::copy_n(x + i, valid == kLanes ? kLanes : valid, values);
    combine(values);
  }
}

// Calls `combine(values)` for each element of the eight results at once. `neutral` changes nothing.
template <typename Combine>
void ForEachElement(const float* x, const ReducedAxes& axes, const Lanes& lanes, float neutral,
                    const Combine& combine) {
  for (Walk<1> walk(axes.rank, axes.extents, {axes.strides}); !walk.done(); walk.Next()) {
    const float* const start = x + walk.offset(0);
    if (lanes.along) {
      ForEachRun(start + lanes.offsets[0], axes.count, neutral, combine);
      continue;
    }
    for (int64_t i = 0; i < axes.count; ++i) {
      const float* const from = start + i * axes.stride;
      float values[kLanes];
      if (lanes.together) {
        for (int lane = 0; lane < kLanes; ++lane) values[lane] = from[lanes.offsets[0] + lane];
      } else {
        for (int lane = 0; lane < kLanes; ++lane) values[lane] = from[lanes.offsets[lane]];
      }
      combine(values);
    }
  }
}

template <typename Choose>
void Extreme(const float* x, const ReducedAxes& axes, const Lanes& lanes, float start,
             const Choose& choose, float* results) {
  float best[kLanes];
  std::fill(best, best + kLanes, start);
  ForEachElement(x, axes, lanes, start, [&](const float(&values)[kLanes]) {
    for (int lane = 0; lane < kLanes; ++lane) best[lane] = choose(best[lane], values[lane]);
  });
  for (int lane = 1; lanes.along && lane < kLanes; ++lane) best[0] = choose(best[0], best[lane]);
  std::copy(best, best + kLanes, results);
}

void Combine(ReduceKind kind, const float* x, const ReducedAxes& axes, const Lanes& lanes,
             float* results) {
  if (kind == ReduceKind::kMax) {
    return Extreme(x, axes, lanes, LowestOf<float>(DType::kFloat32), Larger<float>, results);
  }
  if (kind == ReduceKind::kMin) {
    return Extreme(x, axes, lanes, HighestOf<float>(DType::kFloat32), Smaller<float>, results);
  }
  double sums[kLanes] = {};
  ForEachElement(x, axes, lanes, 0.0F, [&](const float(&values)[kLanes]) {
    for (int lane = 0; lane < kLanes; ++lane) sums[lane] += double{values[lane]};
  });
  for (int lane = 1; lanes.along && lane < kLanes; ++lane) sums[0] += sums[lane];
  const double divisor = kind == ReduceKind::kSum ? 1.0 : static_cast<double>(axes.elements());
  for (int lane = 0; lane < kLanes; ++lane) {
    results[lane] = static_cast<float>(sums[lane] / divisor);
  }
}

// Results from `first` on, `used` of them, and where they lie in y.
Lanes LanesOf(const TensorView& x, const TensorView& y, int64_t first, int used, int64_t* places) {
  Lanes lanes;
  lanes.together = used == kLanes;
  for (int lane = 0; lane < used; ++lane) {
    // Reduced axes have extent 1 in y.
    const auto [from, to] = OffsetsAt<2>(first + lane, y.rank, y.extents, {x.strides, y.strides});
    lanes.offsets[lane] = from;
    places[lane] = to;
    lanes.together = lanes.together && from == lanes.offsets[0] + lane;
  }
  std::fill(lanes.offsets + used, lanes.offsets + kLanes, lanes.offsets[0]);
  return lanes;
}

void RunTask(const Execution& execution, const ReducedAxes& axes, int64_t task) {
  const TensorView y = execution.Result(0);
  const int64_t first = task * kLanes;
  const auto used = static_cast<int>(std::min<int64_t>(kLanes, ElementCount(y) - first));
  int64_t places[kLanes] = {};
  const Lanes lanes = LanesOf(execution.Operand(0), y, first, used, places);
  const ReduceKind kind = execution.as<ReduceAttributes>().kind;
  const auto* const x = execution.Operand(0).as<const float>();
  float results[kLanes];
  if (!lanes.together && axes.stride == 1 && axes.count >= kLanes) {
    for (int lane = 0; lane < used; ++lane) {
      float result[kLanes];
      Combine(kind, x, axes, {{lanes.offsets[lane]}, false, true}, result);
      results[lane] = result[0];
    }
  } else {
    Combine(kind, x, axes, lanes, results);
  }
  for (int lane = 0; lane < used; ++lane) y.as<float>()[places[lane]] = results[lane];
}

}  // namespace

const char* Reject(const KernelCall& call, const DeviceInfo&) {
  if (!IsFloat32(call, 1)) return "needs float32";
  const auto& attributes = call.as<ReduceAttributes>();
  const ReduceKind kind = attributes.kind;
  if (kind != ReduceKind::kSum && kind != ReduceKind::kMean && kind != ReduceKind::kMax &&
      kind != ReduceKind::kMin) {
    return "needs a sum, mean, maximum or minimum";
  }
  return AxesOf(attributes, call.operands[0].view).elements() > 0 ? nullptr : "needs elements";
}

Work Cost(const KernelCall& call, const DeviceInfo&) {
  return {static_cast<double>(ElementCount(call.operands[0].view)), BytesMoved(call)};
}

Result<std::unique_ptr<PreparedKernel>> Prepare(Device&, const KernelCall&) {
  return Make<PreparedKernel>();
}

Status Run(const Execution& execution) {
  const ReducedAxes axes = AxesOf(execution.as<ReduceAttributes>(), execution.Operand(0));
  const int64_t tasks = (ElementCount(execution.Result(0)) + kLanes - 1) / kLanes;
  execution.threads.ForEach(tasks, [&](int64_t task, int) { RunTask(execution, axes, task); });
  return {};
}

}  // namespace stint::cpu::reduce_f32
