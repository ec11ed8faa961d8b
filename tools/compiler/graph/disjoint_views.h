// Whether views of one value may meet: what decides if one part of a value may be written after
// another was read.
#ifndef STINT_TOOLS_COMPILER_GRAPH_DISJOINT_VIEWS_H_
#define STINT_TOOLS_COMPILER_GRAPH_DISJOINT_VIEWS_H_

#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Whether it can be shown, for all extents, that no element of a value is in both views of it. They
// are compared by the range of their elements, and by that of what remains of them modulo each
// stride: boxes of a larger value are told apart, however they are permuted.
bool AreDisjoint(const View& a, const View& b, SymbolicDims& dims);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_DISJOINT_VIEWS_H_
