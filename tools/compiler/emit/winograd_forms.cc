#include "tools/compiler/emit/winograd_forms.h"

#include "runtime/cost/winograd.h"
#include "runtime/ops/layouts/winograd.h"
#include "tools/compiler/graph/image_layout.h"

namespace stint::compiler {

namespace {

bool AreConstant(std::span<const Dim> dims) {
  for (const Dim dim : dims) {
    if (!dim.is_constant()) return false;
  }
  return true;
}

// Whether the CPU's kernel takes the convolution, whose weights are in panels, and its extents.
bool SeeCall(const Node& node, Function& function, WinogradCall* call) {
  const View& weight = node.operands[1];
  const View& result = node.results[0];
  if (weight.dims.size() != 4 || !AreConstant(weight.dims)) return false;
  if (!AreConstant(std::span(result.dims).subspan(2))) return false;
  const int64_t extents[] = {weight.dims[0].constant(), weight.dims[1].constant(),
                             weight.dims[2].constant(), weight.dims[3].constant()};
  if (!CanBeWinograd(node.attributes.as<ConvAttributes>(), 4, extents)) return false;
  if (!LiesInPixels(node.operands[0], function.dims)) return false;
  *call = {result.dims[2].constant(), result.dims[3].constant(), extents[1], extents[0]};
  return true;
}

}  // namespace

std::map<ValueId, std::set<Layout>> ChooseWinogradForms(
    Function& function, const std::map<ValueId, Layout>& layouts,
    std::span<const CostProfile* const> targets) {
  std::map<ValueId, std::set<Layout>> forms;
  for (const Node& node : function.nodes) {
    if (node.op->kind != OpKind::kConv) continue;
    const auto layout = layouts.find(node.operands[1].value);
    if (layout == layouts.end() || layout->second != Layout::kPanel16) continue;
    WinogradCall call;
    if (!SeeCall(node, function, &call)) continue;
    for (const CostProfile* target : targets) {
      const int outputs = ChooseWinograd(*target, call);
      if (outputs != 0) forms[layout->first].insert(WinogradLayout(outputs));
    }
  }
  return forms;
}

}  // namespace stint::compiler
