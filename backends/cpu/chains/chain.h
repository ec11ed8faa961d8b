// A chain: kernels that follow each other run as one command, a few lines of the last result at a
// time. What passes between them lies in rings of lines, which stay in the cache, instead of in
// memory; lines are computed when the next kernel needs them, and once a thread. Threads share out
// the lines of the last result, so that only lines at the borders of their parts are computed
// twice.
//
// Kernels, tiles and the order of sums are those of the kernels alone: so are the bits.
#ifndef STINT_BACKENDS_CPU_CHAINS_CHAIN_H_
#define STINT_BACKENDS_CPU_CHAINS_CHAIN_H_

#include <memory>
#include <span>

#include "backends/cpu/kernels/line_kernel.h"

namespace stint::cpu {

// So many kernels at most.
inline constexpr int kMaxStages = 24;

// One kernel of a chain. Its first operand is the result of the stage before it.
struct Stage {
  LineKernel* kernel = nullptr;
  int residual = -1;  // The stage whose result is its residual; -1: another tensor, or none.
};

// What a chain needs of its stages. False: windows that are not those of any network.
bool IsSane(const ConvShape& shape);

// Lines of each stage's result that `lines` of the last one need, all stages together.
void FindLines(std::span<const Stage> stages, IndexRange lines, IndexRange* needed);
// How many lines the ring behind each stage but the last has to hold for `lines` at a time.
void RingLines(std::span<const Stage> stages, int64_t lines, int64_t* rings);

// Prepares a chain that makes `lines` lines at a time, on `threads` threads. The stages' kernels
// must outlive it and take part in one chain at most. Each stage: IsSane, no RejectLines, the same
// batch, results and operands without gaps between lines; a residual from a stage has no stride
// between.
Result<std::unique_ptr<PreparedKernel>> PrepareChain(std::span<const Stage> stages, int64_t lines,
                                                     int threads);
// FusedCalls::record for it.
Status RecordChain(CommandList& commands, PreparedKernel& chain,
                   std::span<const KernelCall* const> calls, const DeviceTensor& scratch);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_CHAINS_CHAIN_H_
