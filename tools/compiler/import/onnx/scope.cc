#include "tools/compiler/import/onnx/scope.h"

#include <utility>

#include "tools/compiler/import/onnx/check_node.h"

namespace stint::compiler {

namespace {

constexpr size_t kLongestPrefix = 128;

bool StandsForSomething(const std::string& name, const Scope& scope) {
  return scope.views.count(name) + scope.foreign.count(name) + scope.poisoned.count(name) > 0;
}

// Whether `name` stands for anything in `from`; then `as` does in `to`.
bool Share(const Scope& from, const std::string& name, Scope& to, const std::string& as) {
  if (from.poisoned.count(name) != 0) {
    to.poisoned.insert(as);
    return true;
  }
  if (const auto foreign = from.foreign.find(name); foreign != from.foreign.end()) {
    to.foreign[as] = foreign->second;
    return true;
  }
  const auto view = from.views.find(name);
  if (view == from.views.end()) return false;
  to.views[as] = view->second;
  return true;
}

}  // namespace

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

std::string InnerPrefix(const std::string& around, const std::string& name) {
  std::string prefix = around + name + "/";
  return prefix.size() <= kLongestPrefix ? prefix : around;
}

Status BindOperands(const onnx::NodeProto& call, const onnx::FunctionProto& function,
                    const Scope& around, Scope& inside) {
  const std::string where = Where(call);
  if (call.input_size() > function.input_size() || call.output_size() > function.output_size()) {
    return Error(Code::kInvalid, where.c_str(),
                 "found %d operands and %d results, allowed up to %d and %d of its function",
                 call.input_size(), call.output_size(), function.input_size(),
                 function.output_size());
  }
  for (int i = 0; i < function.input_size(); ++i) {
    const std::string& input = function.input(i);
    if (StandsForSomething(input, inside)) {
      return Error(Code::kInvalid, where.c_str(),
                   "found input '%s' of its function twice, allowed once", input.c_str());
    }
    if (i >= call.input_size() || call.input(i).empty()) {
      inside.views[input] = View();
    } else if (!Share(around, call.input(i), inside, input)) {
      return Error(Code::kInvalid, where.c_str(),
                   "found operand '%s', allowed values that come before it", call.input(i).c_str());
    }
  }
  return {};
}

Status BindResults(const onnx::NodeProto& call, const onnx::FunctionProto& function,
                   const Scope& inside, Scope& around) {
  const std::string where = Where(call);
  for (int i = 0; i < call.output_size(); ++i) {
    const std::string& result = call.output(i);
    if (result.empty()) continue;
    if (around.views.count(result) != 0) {
      return Error(Code::kInvalid, where.c_str(), "found a second value '%s', allowed one",
                   result.c_str());
    }
    const auto view = inside.views.find(function.output(i));
    const bool absent = view != inside.views.end() && !view->second.present();
    if (absent || !Share(inside, function.output(i), around, result)) {
      return Error(Code::kInvalid, where.c_str(),
                   "found no value of output '%s' of its function, allowed one",
                   function.output(i).c_str());
    }
  }
  return {};
}

}  // namespace stint::compiler
