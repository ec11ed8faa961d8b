// Places blocks whose lifetimes are known into one arena, so that blocks that live at the same time
// never overlap. Used by the compiler for a plan's target and by a session when it binds.
//
// The result depends on the blocks alone: same blocks, same offsets on every machine.
#ifndef STINT_RUNTIME_MEMORY_PLANNER_H_
#define STINT_RUNTIME_MEMORY_PLANNER_H_

#include <cstdint>
#include <span>

#include "runtime/base/result.h"

namespace stint {

inline constexpr uint64_t kBlockAlignment = 64;

struct MemoryBlock {
  uint64_t bytes = 0;
  uint32_t first_use = 0;  // Step that writes it first.
  uint32_t last_use = 0;   // Step that touches it last; at least first_use.
  uint64_t offset = 0;     // The result, a multiple of kBlockAlignment.
};

// Sets the offsets and returns the arena's bytes. Blocks of no bytes get offset 0. kLimit: the
// arena would need more than `limit_bytes`, or there is no memory to plan with.
Result<uint64_t> PlanMemory(std::span<MemoryBlock> blocks, uint64_t limit_bytes);

// The largest sum of bytes that live at any one step: no arena can be smaller. Saturates.
Result<uint64_t> LiveSetBytes(std::span<const MemoryBlock> blocks);

}  // namespace stint

#endif  // STINT_RUNTIME_MEMORY_PLANNER_H_
