// Views of views: what remains when a Copy that only moved elements goes away.
#ifndef STINT_TOOLS_COMPILER_GRAPH_COMPOSE_VIEWS_H_
#define STINT_TOOLS_COMPILER_GRAPH_COMPOSE_VIEWS_H_

#include <optional>

#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// `outer` is a view of a dense value whose elements are those that `inner` shows, in row-major
// order. The result shows through `inner` what `outer` shows; nothing when strides cannot say it or
// when it cannot be proved for all extents.
std::optional<View> ComposeViews(const View& outer, const View& inner, SymbolicDims& dims);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_COMPOSE_VIEWS_H_
