// Sums, means and extremes of float32, eight results at a time: each is combined in the reference's
// order, and eight independent ones hide the latency of the additions.
#include <algorithm>

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

ReducedAxes AxesOf(const ReduceAttributes& attributes, const TensorView& x) {
  bool is_reduced[kMaxRank] = {};
  for (const Dim axis : attributes.axes.span()) {
    is_reduced[axis.constant() < 0 ? axis.constant() + x.rank : axis.constant()] = true;
  }
  ReducedAxes axes;
  for (int axis = 0; axis < x.rank; ++axis) {
    if (!is_reduced[axis]) continue;
    const bool joins =
        axes.rank > 0 && axes.strides[axes.rank - 1] == x.strides[axis] * x.extents[axis];
    if (!joins) ++axes.rank;
    axes.extents[axes.rank - 1] =
        joins ? axes.extents[axes.rank - 1] * x.extents[axis] : x.extents[axis];
    axes.strides[axes.rank - 1] = x.strides[axis];
  }
  if (axes.rank > 0) {
    --axes.rank;
    axes.count = axes.extents[axes.rank];
    axes.stride = axes.strides[axes.rank];
  }
  return axes;
}

// Where the elements of eight results start. `together`: one after the other.
struct Lanes {
  int64_t offsets[kLanes] = {};
  bool together = false;
};

// Calls `combine(values)` for each element of the eight results at once, in the reference's order.
template <typename Combine>
void ForEachElement(const float* x, const ReducedAxes& axes, const Lanes& lanes,
                    const Combine& combine) {
  for (Walk<1> walk(axes.rank, axes.extents, {axes.strides}); !walk.done(); walk.Next()) {
    const float* const start = x + walk.offset(0);
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
  ForEachElement(x, axes, lanes, [&](const float(&values)[kLanes]) {
    for (int lane = 0; lane < kLanes; ++lane) best[lane] = choose(best[lane], values[lane]);
  });
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
  ForEachElement(x, axes, lanes, [&](const float(&values)[kLanes]) {
    for (int lane = 0; lane < kLanes; ++lane) sums[lane] += double{values[lane]};
  });
  const double divisor = kind == ReduceKind::kSum ? 1.0 : static_cast<double>(axes.elements());
  for (int lane = 0; lane < kLanes; ++lane) {
    results[lane] = static_cast<float>(sums[lane] / divisor);
  }
}

void RunTask(const Execution& execution, const ReducedAxes& axes, int64_t task) {
  const TensorView x = execution.Operand(0);
  const TensorView y = execution.Result(0);
  const int64_t first = task * kLanes;
  const auto used = static_cast<int>(std::min<int64_t>(kLanes, ElementCount(y) - first));
  Lanes lanes;
  int64_t places[kLanes] = {};
  for (int lane = 0; lane < used; ++lane) {
    int64_t index = first + lane;
    for (int axis = y.rank - 1; axis >= 0; --axis) {
      const int64_t at = index % y.extents[axis];
      index /= y.extents[axis];
      lanes.offsets[lane] += at * x.strides[axis];  // Reduced axes have extent 1 in y.
      places[lane] += at * y.strides[axis];
    }
  }
  lanes.together = used == kLanes;
  for (int lane = 0; lane < kLanes; ++lane) {
    if (lane >= used) lanes.offsets[lane] = lanes.offsets[0];
    lanes.together = lanes.together && lanes.offsets[lane] == lanes.offsets[0] + lane;
  }
  float results[kLanes];
  Combine(execution.as<ReduceAttributes>().kind, x.as<const float>(), axes, lanes, results);
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
