#include "tools/compiler/import/onnx/scope.h"

#include <utility>

namespace stint::compiler {

std::string DomainOf(const std::string& domain) {
  return domain == "ai.onnx" ? std::string() : domain;
}

std::vector<HiddenName> HideNames(const onnx::GraphProto& graph, Scope& scope) {
  std::vector<HiddenName> hidden;
  const auto hide = [&](const std::string& name) {
    hidden.push_back({name, scope.views.extract(name), scope.foreign.extract(name),
                      scope.poisoned.extract(name)});
  };
  for (const auto& input : graph.input()) hide(input.name());
  for (const auto& tensor : graph.initializer()) hide(tensor.name());
  for (const auto& tensor : graph.sparse_initializer()) hide(tensor.values().name());
  for (const auto& node : graph.node()) {
    for (const auto& output : node.output()) hide(output);
  }
  return hidden;
}

void RestoreNames(std::vector<HiddenName> hidden, Scope& scope) {
  for (size_t i = hidden.size(); i > 0; --i) {
    HiddenName& last = hidden[i - 1];
    scope.views.erase(last.name);
    scope.foreign.erase(last.name);
    scope.poisoned.erase(last.name);
    scope.views.insert(std::move(last.view));
    scope.foreign.insert(std::move(last.foreign));
    scope.poisoned.insert(std::move(last.poisoned));
  }
}

}  // namespace stint::compiler
