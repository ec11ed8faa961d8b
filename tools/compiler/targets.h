// The processors that a plan can be made for. This table is the only place that knows them.
#ifndef STINT_TOOLS_COMPILER_TARGETS_H_
#define STINT_TOOLS_COMPILER_TARGETS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace stint::compiler {

struct Target {
  const char* name;
  const char* description;
  // Of one core, data only, as the manufacturer's manual or the usual part has them; 0: unknown.
  int32_t vector_bytes;
  int64_t first_cache_bytes;
  int64_t second_cache_bytes;
};

// "generic" is the first.
std::span<const Target> Targets();

// "generic, a53, ...".
std::string TargetNames();

// Targets by name, with commas between. kInvalid: an unknown name, one twice, or generic beside
// others; the error lists the allowed ones.
Result<std::vector<const Target*>> ParseTargets(const std::string& text);

// The key of the plan property that holds the names; generic plans have none.
inline constexpr char kTargetProperty[] = "stint.target";

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_TARGETS_H_
