// If, where the compiler knows the condition: the branch that it takes is imported in place, and
// nothing is asked of the other.
#include <optional>
#include <string>
#include <vector>

#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

Status If(NodeContext& node) {
  STINT_TRY(node.Need(0));
  if (node.dtype(0) != DType::kBool) {
    return node.Invalid(std::string("found a condition of ") + NameOf(node.dtype(0)) +
                        ", allowed bool");
  }
  const std::optional<std::vector<Dim>> condition = node.build.Elements(node.input(0));
  if (condition && condition->size() != 1) {
    return node.Invalid("found " + std::to_string(condition->size()) +
                        " elements in the condition, allowed one");
  }
  if (!condition || !(*condition)[0].is_constant()) {
    return node.Unsupported("a condition that is known at run time only");
  }
  const char* const branch = (*condition)[0] != Dim(0) ? "then_branch" : "else_branch";
  STINT_ASSIGN(std::vector<View> results, node.Inline(branch, {}));
  if (static_cast<int>(results.size()) != node.output_count()) {
    return node.Invalid("found " + std::to_string(results.size()) + " outputs of " + branch +
                        ", allowed " + std::to_string(node.output_count()));
  }
  for (int i = 0; i < node.output_count(); ++i) {
    node.SetOutput(i, std::move(results[static_cast<size_t>(i)]));
  }
  return {};
}

constexpr ImportRule kRules[] = {{"If", If}};

}  // namespace

std::span<const ImportRule> BranchRules() { return kRules; }

}  // namespace stint::compiler
