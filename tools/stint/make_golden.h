// Making golden pairs: the plan is run on seeded inputs.
#ifndef STINT_TOOLS_STINT_MAKE_GOLDEN_H_
#define STINT_TOOLS_STINT_MAKE_GOLDEN_H_

#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "tools/compiler/compile.h"

namespace stint::cli {

// `count` pairs of the plan on the CPU; the inputs of pair i are those of --seed i. kInvalid: a
// dynamic dim other than a batch that nothing fixes.
Result<std::vector<compiler::GoldenPair>> MakeGolden(const std::vector<uint8_t>& bytes, int count);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_MAKE_GOLDEN_H_
