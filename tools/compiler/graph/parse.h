// Reads the text form of a graph (docs/text-form.md), as PrintGraph writes it or a person does.
#ifndef STINT_TOOLS_COMPILER_GRAPH_PARSE_H_
#define STINT_TOOLS_COMPILER_GRAPH_PARSE_H_

#include <string_view>

#include "runtime/base/result.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Any bytes may be given. The graph has passed CheckFunction. kInvalid: the text is wrong, with
// line and column, or says something that no graph may say; kLimit: it asks for too much memory.
Result<Graph> ParseGraph(std::string_view text);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_PARSE_H_
