// Map programs as plans store them: four counts (instructions, inputs, outputs, constants), the
// dtypes of inputs and outputs, eight bytes an instruction, eight bytes a constant, little-endian.
#ifndef STINT_RUNTIME_PLAN_PROGRAM_BYTES_H_
#define STINT_RUNTIME_PLAN_PROGRAM_BYTES_H_

#include <cstdint>
#include <span>

#include "runtime/ops/map/program.h"
#include "runtime/plan/path.h"

namespace stint {

inline constexpr size_t kMaxProgramBytes =
    4 + kMapMaxInputs + kMapMaxOutputs + 8 * (kMapMaxInstructions + kMapMaxConstants);

// Returns how many bytes of `out` were written. Counts must be within the program's capacities.
size_t EncodeProgram(const MapProgram& program, std::span<uint8_t, kMaxProgramBytes> out);

// Checks counts and size alone; VerifyMap checks the rest.
Status DecodeProgram(std::span<const uint8_t> bytes, const Path& path, MapProgram* program);

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_PROGRAM_BYTES_H_
