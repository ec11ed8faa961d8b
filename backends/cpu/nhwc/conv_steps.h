// What planning and running a convolution share.
#ifndef STINT_BACKENDS_CPU_NHWC_CONV_STEPS_H_
#define STINT_BACKENDS_CPU_NHWC_CONV_STEPS_H_

#include <algorithm>

#include "backends/cpu/nhwc/conv.h"
#include "runtime/base/checked.h"

namespace stint::cpu {

// From one channel, pixel and line of what tiles read to the next: the input, or its copy.
struct InputSteps {
  int64_t channel, pixel, line;
};

inline InputSteps StepsOf(const ConvPlan& plan) {
  const ConvShape& s = plan.shape;
  if (!plan.bordered) return {plan.planar ? s.plane : 1, s.pixel, s.line};
  if (plan.planar) return {plan.border_height * plan.border_width, 1, plan.border_width};
  return {1, s.channels, plan.border_width * s.channels};
}

// One row of the result streams weights: wide groups keep more of memory's parallelism busy.
inline bool IsRow(const ConvPlan& plan) {
  return plan.flat && plan.shape.out_height * plan.shape.out_width == 1;
}

struct Group {
  int64_t panel;
  int panels;
};

// An odd rest joins the last pair.
inline Group GroupAt(const ConvPlan& plan, int64_t group) {
  const bool row = IsRow(plan);
  const int usual = row ? plan.kernels->row_panels : plan.kernels->group_panels;
  const int64_t panel = group * usual;
  const bool last = group == plan.groups - 1;
  return {panel, last ? static_cast<int>(plan.panels - panel) : usual};
}

inline int64_t GroupsOf(const ConvPlan& plan) {
  if (IsRow(plan)) return CeilDivide(plan.panels, plan.kernels->row_panels);
  return std::max<int64_t>(plan.panels / plan.kernels->group_panels, 1);
}

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_NHWC_CONV_STEPS_H_
