#include "tools/compiler/emit/golden.h"

#include "runtime/plan/golden.h"

namespace stint::compiler {

namespace {

void AddTensor(const GoldenTensor& tensor, PlanDescription& plan, FunctionDescription& function) {
  ValueDescription value;
  value.name = tensor.name;
  value.dtype = tensor.dtype;
  for (const int64_t extent : tensor.extents) value.extents.emplace_back(extent);
  value.constant = static_cast<uint32_t>(plan.constants.size());
  plan.constants.push_back({Layout::kDense, tensor.bytes});
  const auto index = static_cast<uint32_t>(function.values.size());
  function.values.push_back(std::move(value));
  function.outputs.push_back({tensor.name, PlanUse{.value = index, .view = kNoIndex}});
}

}  // namespace

void AddGolden(const std::vector<GoldenPair>& pairs, PlanDescription& plan) {
  for (size_t i = 0; i < pairs.size(); ++i) {
    FunctionDescription function;
    function.name = std::string(kGoldenPrefix) + std::to_string(i);
    for (const GoldenTensor& input : pairs[i].inputs) AddTensor(input, plan, function);
    for (const GoldenTensor& output : pairs[i].outputs) AddTensor(output, plan, function);
    function.region_sizes.push_back(0);
    plan.functions.push_back(std::move(function));
  }
}

}  // namespace stint::compiler
