#include "tools/compiler/import/onnx/heads.h"

#include <string>

namespace stint::compiler {

Result<View> SplitHeads(const NodeContext& node, const View& x, int64_t heads) {
  if (heads < 1 || x.rank() != 3) {
    return node.Invalid("found " + std::to_string(heads) + " heads and rank " +
                        std::to_string(x.rank()) + ", allowed 1 and above, and rank 3");
  }
  const Dim size = node.build.dims().FloorDiv(x.dims[2], heads);
  STINT_ASSIGN(const View split, node.build.Reshape(x, {x.dims[0], x.dims[1], heads, size}));
  return node.build.Transpose(split, {0, 2, 1, 3});
}

Result<View> JoinHeads(Builder& build, const View& x) {
  const Dim width = build.dims().Mul(x.dims[1], x.dims[3]);
  return build.Reshape(build.Transpose(x, {0, 2, 1, 3}), {x.dims[0], x.dims[2], width});
}

}  // namespace stint::compiler
