// Reads attributes by the op's field table, and the elements of constants.
#ifndef STINT_TOOLS_COMPILER_GRAPH_PARSE_FIELDS_H_
#define STINT_TOOLS_COMPILER_GRAPH_PARSE_FIELDS_H_

#include <cstdint>
#include <vector>

#include "tools/compiler/graph/graph.h"
#include "tools/compiler/graph/parse_dims.h"
#include "tools/compiler/graph/text_reader.h"

namespace stint::compiler {

// "{ field = value ... }", after the opening brace. Only lists are checked against the table; the
// rest is CheckAttributes' work.
Status ReadFields(TextReader& reader, DimReader& dims, const OpInfo& op, Attributes& attributes);

// "[1, 2]", "all 0" or hex "00ff": what follows "=" in a constant. `budget` is what repeated
// elements may still take in all.
Result<Bytes> ReadData(TextReader& reader, DType dtype, const std::vector<Dim>& extents,
                       uint64_t* budget);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_PARSE_FIELDS_H_
