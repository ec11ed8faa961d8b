// Dims and views as people write them: for errors and reports.
#ifndef STINT_TOOLS_COMPILER_GRAPH_DESCRIBE_H_
#define STINT_TOOLS_COMPILER_GRAPH_DESCRIBE_H_

#include <string>

#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// A number, a symbol's name, "?" for an unnamed one, or "..." for an expression.
std::string DescribeDim(Dim dim, const Function& function);
// "float32[1,3,N,?]"; "none" for an absent operand.
std::string DescribeView(const View& view, const Function& function);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_DESCRIBE_H_
