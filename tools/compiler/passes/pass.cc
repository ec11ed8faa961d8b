#include "tools/compiler/passes/pass.h"

#include <algorithm>
#include <map>

#include "tools/compiler/graph/compose_views.h"
#include "tools/compiler/graph/uses.h"

namespace stint::compiler {

namespace {

using Redirections = std::map<ValueId, View>;

// Follows redirections from value to value until a view that stays.
Status Redirect(const Redirections& redirections, Function& function, View& view) {
  for (size_t steps = 0; steps <= redirections.size(); ++steps) {
    const auto found = redirections.find(view.value);
    if (found == redirections.end()) return {};
    std::optional<View> composed = ComposeViews(view, found->second, function.dims);
    if (!composed) {
      return Error(Code::kInternal, function.name.c_str(),
                   "found a view of value %u that does not compose with its redirection, allowed "
                   "views that do",
                   view.value);
    }
    view = std::move(*composed);
  }
  return Error(Code::kInternal, function.name.c_str(),
               "found redirections in a circle, allowed chains");
}

Status RedirectAll(const Redirections& redirections, Function& function) {
  if (redirections.empty()) return {};
  for (Node& node : function.nodes) {
    for (View& operand : node.operands) STINT_TRY(Redirect(redirections, function, operand));
  }
  for (Output& output : function.outputs) {
    STINT_TRY(Redirect(redirections, function, output.view));
  }
  return {};
}

}  // namespace

Status ApplyPatch(Patch patch, Function& function) {
  std::vector<bool> erased(function.nodes.size() + 1, false);
  erased.back() = true;
  for (const size_t index : patch.erase) erased[index] = true;
  for (auto& [index, node] : patch.replace) function.nodes[index] = std::move(node);
  std::stable_sort(patch.insert.begin(), patch.insert.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Node> nodes;
  auto next = patch.insert.begin();
  for (size_t i = 0; i <= function.nodes.size(); ++i) {
    for (; next != patch.insert.end() && next->first == i; ++next) {
      nodes.push_back(std::move(next->second));
    }
    if (!erased[i]) nodes.push_back(std::move(function.nodes[i]));
  }
  function.nodes = std::move(nodes);
  for (auto& [index, view] : patch.outputs) function.outputs[index].view = std::move(view);
  return RedirectAll(Redirections(patch.redirect.begin(), patch.redirect.end()), function);
}

bool CanRedirect(ValueId value, const View& view, const Uses& uses, Function& function) {
  return std::all_of(uses.of(value).begin(), uses.of(value).end(), [&](const Use& use) {
    return ComposeViews(uses.view(use), view, function.dims).has_value();
  });
}

}  // namespace stint::compiler
