// Names, strings and bytes in the text form: any content goes in and comes out again.
#ifndef STINT_TOOLS_COMPILER_GRAPH_TEXT_NAMES_H_
#define STINT_TOOLS_COMPILER_GRAPH_TEXT_NAMES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace stint::compiler {

// Letters, digits, "_" and ".", not starting with a digit or dot: a name that needs no quotes.
bool IsPlainName(std::string_view name);
// In double quotes; quotes and backslashes after a backslash, bytes outside printable ASCII as
// \xNN.
std::string Quoted(std::string_view text);
// Lower-case hexadecimal digits.
std::string Hex(std::span<const uint8_t> bytes);
// The value of a hexadecimal digit, -1 for other characters.
int HexDigit(char digit);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_TEXT_NAMES_H_
