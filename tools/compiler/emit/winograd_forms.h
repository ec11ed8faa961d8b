// Which weights a plan holds transformed for Winograd's method: those of convolutions for which a
// named target chooses it, so that loading on that target transforms nothing.
#ifndef STINT_TOOLS_COMPILER_EMIT_WINOGRAD_FORMS_H_
#define STINT_TOOLS_COMPILER_EMIT_WINOGRAD_FORMS_H_

#include <map>
#include <set>
#include <span>

#include "runtime/cost/profile.h"
#include "runtime/ops/layouts/layout.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Further layouts of constants, beside those of `layouts` (pack_constants.h). A convolution whose
// extents are not known has none: it is chosen for where the plan is loaded.
std::map<ValueId, std::set<Layout>> ChooseWinogradForms(
    Function& function, const std::map<ValueId, Layout>& layouts,
    std::span<const CostProfile* const> targets);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_WINOGRAD_FORMS_H_
