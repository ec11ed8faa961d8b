// Which neighbours run as one chain, by a count of work: a chain saves writing what passes between
// its kernels and reading it again beyond the nearest cache, and costs reading weights again for
// each step and, at the borders of the threads' parts, lines that two threads compute. Both are
// counted in multiply-accumulates that take as long, so that a rule that holds on one processor is
// about right on another; the chains that save most are taken.
#ifndef STINT_BACKENDS_CPU_CHAINS_CHOOSE_CHAINS_H_
#define STINT_BACKENDS_CPU_CHAINS_CHOOSE_CHAINS_H_

#include <span>

#include "backends/cpu/chains/chain.h"
#include "runtime/hal/device.h"

namespace stint::cpu {

// In multiply-accumulates: what it costs to write and read one float of a result that does not fit
// into the second level of cache, or does, and to bring one weight from there once more. Fitted, so
// that most chains that docs/performance.md lists as faster are chosen; none is measured by itself.
inline constexpr double kFarFloat = 4;
inline constexpr double kNearFloat = 1;
inline constexpr double kWeightRead = 2.5;
// Pixels of a step: fewer make weights a notable part of what a step reads.
inline constexpr int64_t kStepPixels = 112;
// Depthwise kernels compute up to so many lines together; fewer where rings would be too large.
inline constexpr int64_t kUsualLines = 4;
inline constexpr int64_t kLeastLines = 2;
// Of the second level of cache: what rings should take, and at most with the weights. The rest is
// for what goes in and out.
inline constexpr double kRingShare = 0.25;
inline constexpr double kCacheShare = 0.5;

struct ChainMachine {
  int threads = 1;
  int64_t near_cache_bytes = 0;  // Of one core's second level of cache.
};

// The stages of calls [first, first + count), which must all be prepared kernels of lines that read
// the result of the one before; a reason when they cannot be a chain, whatever it costs.
const char* FindStages(std::span<const PlacedCall> calls, uint32_t first, uint32_t count,
                       Stage* stages);

// How many lines of the last result a chain makes at a time: 4, or as many as give weights enough
// pixels; 2, if those are enough, where the rings would take more than a quarter of the cache.
int64_t LinesOf(std::span<const Stage> stages, const ChainMachine& machine);

// What running the stages as a chain of `lines` at a time gains on each thread, in
// multiply-accumulates; where it gains nothing *reason says why.
double GainOf(std::span<const Stage> stages, int64_t lines, const ChainMachine& machine,
              const char** reason);

// Device::Fuse.
Status FuseChains(const ChainMachine& machine, std::span<const PlacedCall> calls,
                  Array<FusedCalls>* fused, std::span<const char*> reasons);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_CHAINS_CHOOSE_CHAINS_H_
