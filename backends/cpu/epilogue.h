// Epilogues run by a kernel on pieces of its result while they are in the cache. The result is seen
// as rows of columns: the axes before `column_axis` are rows, the others lie flat as columns.
#ifndef STINT_BACKENDS_CPU_EPILOGUE_H_
#define STINT_BACKENDS_CPU_EPILOGUE_H_

#include <cstddef>
#include <cstdint>

#include "backends/cpu/commands.h"
#include "runtime/ops/map/run_map_tiles.h"

namespace stint::cpu {

// Whether the axes from `first` on can be seen as one axis, and its stride: 0 for one element and
// for one element repeated.
bool FlatStride(const TensorView& view, int first, int64_t* stride);

class Epilogue {
 public:
  // nullptr: a call without an epilogue, or with one that runs on pieces: float32 to float32, no
  // coordinates, operands that lie flat along the columns.
  static const char* Reject(const KernelCall& call, int column_axis);

  // For a call that was not rejected.
  void Init(const KernelCall& call, int column_axis);

  bool present() const { return program_ != nullptr; }
  // Of each thread, aligned to 64.
  uint64_t scratch_bytes() const { return present() ? sizeof(MapTileScratch) : 0; }

  // Looks up the operands' addresses for one execution, and makes the scratch of each thread, which
  // lies at the end of its `thread_bytes`.
  void Begin(const Execution& execution, uint64_t thread_bytes);
  // Replaces `count` elements, from `column` of `row` on, by what the program makes of them.
  // `memory`: the thread's scratch.
  void Run(int64_t row, int64_t column, int64_t count, float* elements, std::byte* memory) const;

 private:
  struct Operand {
    size_t index = 0;  // In the call.
    int64_t element_bytes = 0;
    int64_t row_strides[kMaxRank] = {};  // Bytes.
    int64_t column_stride = 0;           // Elements.
    const std::byte* data = nullptr;
  };

  std::byte* ScratchAt(std::byte* memory) const { return memory + thread_bytes_ - scratch_bytes(); }

  const MapProgram* program_ = nullptr;
  uint64_t thread_bytes_ = 0;
  int row_axes_ = 0;
  int64_t row_extents_[kMaxRank] = {};
  int operand_count_ = 0;
  Operand operands_[kMapMaxInputs];
};

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_EPILOGUE_H_
