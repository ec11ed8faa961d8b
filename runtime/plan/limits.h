// What a loader may spend on bytes that nobody vouches for. An argument of every load.
#ifndef STINT_RUNTIME_PLAN_LIMITS_H_
#define STINT_RUNTIME_PLAN_LIMITS_H_

#include <cstdint>

namespace stint {

struct Limits {
  uint64_t file_bytes = uint64_t{8} << 30;
  uint64_t metadata_bytes = uint64_t{256} << 20;
  uint64_t arena_bytes = uint64_t{4} << 30;
  // Memory for attributes and operand lists, which metadata may hold in far less room.
  uint64_t structure_bytes = uint64_t{1} << 30;
  // Each of all functions together:
  uint32_t functions = 4096;
  uint32_t ops = 1u << 20;
  uint32_t values = 1u << 21;       // With inputs, outputs and views.
  uint32_t expressions = 1u << 20;  // With symbols and checks.
};

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_LIMITS_H_
