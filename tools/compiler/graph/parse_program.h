// Reads Map programs.
#ifndef STINT_TOOLS_COMPILER_GRAPH_PARSE_PROGRAM_H_
#define STINT_TOOLS_COMPILER_GRAPH_PARSE_PROGRAM_H_

#include "runtime/ops/map/program.h"
#include "tools/compiler/graph/text_reader.h"

namespace stint::compiler {

// "map(float32) -> (float32) { ... }", after the word "map". VerifyMap has not seen the result.
Result<MapProgram> ReadProgram(TextReader& reader);
// The name of a dtype.
Result<DType> ReadDType(TextReader& reader);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_PARSE_PROGRAM_H_
