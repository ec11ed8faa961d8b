// Which constants of a function are stored packed, as kernels read them.
#ifndef STINT_TOOLS_COMPILER_EMIT_PACK_CONSTANTS_H_
#define STINT_TOOLS_COMPILER_EMIT_PACK_CONSTANTS_H_

#include <map>
#include <vector>

#include "runtime/ops/layouts/layout.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Weights of convolutions whose result lies channels last, of matrix products and recurrent layers,
// float32, of which every reader wants the same layout. Others are stored dense.
std::map<ValueId, Layout> ChooseLayouts(Function& function);

// The bytes of the constant in `layout`.
Result<Bytes> PackConstant(const Value& value, Layout layout);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_PACK_CONSTANTS_H_
