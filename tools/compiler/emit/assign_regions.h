// Which region of its plan each node belongs to: the first one that knows all extents and
// attributes that the node has. As few regions as there are, since each is bound on its own.
#ifndef STINT_TOOLS_COMPILER_EMIT_ASSIGN_REGIONS_H_
#define STINT_TOOLS_COMPILER_EMIT_ASSIGN_REGIONS_H_

#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Nodes of one region keep their order; no node depends on one of a later region. kInternal: a node
// whose extents depend on what it computes.
struct Regions {
  std::vector<uint32_t> of_node;
  uint32_t count = 1;  // The last one knows all dims of the function's outputs and checks.
};
Result<Regions> AssignRegions(Function& function);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_ASSIGN_REGIONS_H_
