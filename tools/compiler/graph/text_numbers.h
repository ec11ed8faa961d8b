// Numbers in the text form: exactly the bits of an element, in decimal.
#ifndef STINT_TOOLS_COMPILER_GRAPH_TEXT_NUMBERS_H_
#define STINT_TOOLS_COMPILER_GRAPH_TEXT_NUMBERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/dtype.h"
#include "runtime/ops/map/program.h"

namespace stint::compiler {

// The element at `data`, as the shortest decimal that reads back to the same bits; nothing for
// other types than float32, float64, bool and the integers of 8 bits and more, and for NaNs but the
// usual one.
std::optional<std::string> NumberText(DType dtype, const uint8_t* data);

// Reads a number ("-1.5e-3", "inf", "nan", "42") into the element at `data`; false when it is none
// of the type.
bool ReadNumber(DType dtype, std::string_view text, uint8_t* data);

// The element type that a constant of a Map program is written as.
DType DTypeOf(MapType type);
// The bits of a Map program's constant as a number ("bits 0x7fc00001" where no number says them),
// and back.
std::string MapConstantText(MapType type, uint64_t bits);
bool ReadMapConstant(MapType type, std::string_view text, uint64_t* bits);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_TEXT_NUMBERS_H_
