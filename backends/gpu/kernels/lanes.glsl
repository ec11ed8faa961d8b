// Results that one invocation computes, or the 64 of a workgroup, its lanes, where there are few
// results of many terms.
SPECIALIZATION(1, kLanes)  // 1 or 64.

// Declares `result`, which the invocation works on, and what it takes of its terms: from `lane` on,
// every `step`-th. All lanes of a workgroup have one result, so that they may leave together.
#define SHARE_OUT(result)                                                             \
  const uint result = kLanes == 64u ? GROUP_INDEX : GROUP_INDEX * 64u + LOCAL_INDEX;  \
  const uint lane = kLanes == 64u ? LOCAL_INDEX : 0u;                                 \
  const uint step = kLanes == 64u ? 64u : 1u;

// `value` becomes what `combine(a, b)` makes of all lanes', in a tree. Needs SHARED(float, partial,
// 64), which is free again afterwards.
#define COMBINE_LANES(value, combine)                                                        \
  if (kLanes == 64u) {                                                                       \
    partial[LOCAL_INDEX] = value;                                                            \
    BARRIER;                                                                                 \
    for (uint half_ = 32u; half_ > 0u; half_ /= 2u) {                                        \
      if (LOCAL_INDEX < half_) {                                                             \
        partial[LOCAL_INDEX] = combine(partial[LOCAL_INDEX], partial[LOCAL_INDEX + half_]);  \
      }                                                                                      \
      BARRIER;                                                                               \
    }                                                                                        \
    value = partial[0];                                                                      \
    BARRIER;                                                                                 \
  }
#define SUM_OF(a, b) ((a) + (b))
