// The passes: one source each, named like the function without its capitals. pipeline.cc says in
// which order they run and why.
#ifndef STINT_TOOLS_COMPILER_PASSES_PASSES_H_
#define STINT_TOOLS_COMPILER_PASSES_PASSES_H_

#include "tools/compiler/passes/pass.h"

namespace stint::compiler {

Result<Patch> AliasConcats(Function& function, PassContext& context);
Result<Patch> AssignLayouts(Function& function, PassContext& context);
Result<Patch> EliminateCommonSubexpressions(Function& function, PassContext& context);
Result<Patch> EliminateDeadNodes(Function& function, PassContext& context);
Result<Patch> FoldChannelScales(Function& function, PassContext& context);
Result<Patch> FoldConstants(Function& function, PassContext& context);
Result<Patch> FoldPads(Function& function, PassContext& context);
Result<Patch> FuseEpilogues(Function& function, PassContext& context);
Result<Patch> FuseMaps(Function& function, PassContext& context);
Result<Patch> FusePrologues(Function& function, PassContext& context);
Result<Patch> HoistMaps(Function& function, PassContext& context);
Result<Patch> MaterializeViews(Function& function, PassContext& context);
Result<Patch> NameLayerNorm(Function& function, PassContext& context);
Result<Patch> NameSoftmax(Function& function, PassContext& context);
Result<Patch> OrientWeights(Function& function, PassContext& context);
Result<Patch> SimplifyCopies(Function& function, PassContext& context);
Result<Patch> SimplifyMaps(Function& function, PassContext& context);
Result<Patch> WidenHalves(Function& function, PassContext& context);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_PASSES_H_
