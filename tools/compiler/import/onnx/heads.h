// Attention heads: tensors packed as [B, S, H * D] and spread as [B, H, S, D].
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_HEADS_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_HEADS_H_

#include "tools/compiler/import/onnx/node_context.h"

namespace stint::compiler {

// [B, S, H * D] seen as [B, H, S, D]; kInvalid for another rank or no heads.
Result<View> SplitHeads(const NodeContext& node, const View& x, int64_t heads);

// [B, H, S, D] as [B, S, H * D].
Result<View> JoinHeads(Builder& build, const View& x);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_HEADS_H_
