// A plan in neutral, growable form, and its bytes. The structures mirror those of a loaded plan
// (runtime/plan/plan.h); docs/plan-format.md describes the bytes.
//
// The writer checks nothing: a description that breaks the format's rules gives a plan that the
// loader refuses, which is what tests of the loader are made of. Same description, same bytes, on
// every machine.
#ifndef STINT_TOOLS_COMPILER_EMIT_PLAN_WRITER_H_
#define STINT_TOOLS_COMPILER_EMIT_PLAN_WRITER_H_

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/plan/plan.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

struct ValueDescription {
  std::string name;
  DType dtype = DType::kNone;
  std::vector<Dim> extents;
  uint32_t constant = kNoIndex;  // Index into PlanDescription::constants.
};

struct ViewDescription {
  std::vector<Dim> extents;
  std::vector<Dim> strides;
  Dim offset;
};

struct SymbolDescription {
  std::string name;
  SymbolSource source = SymbolSource::kExtent;
  uint32_t input = 0;  // Position in FunctionDescription::inputs.
  uint32_t index = 0;
};

struct OpDescription {
  const OpInfo* info = nullptr;
  std::string name;
  Attributes attributes;  // Of `info`; Dims are the function's expressions, constants the plan's.
  std::vector<PlanUse> operands;
  std::vector<PlanUse> results;
};

struct OutputDescription {
  std::string name;
  PlanUse use;
};

struct FormDescription {
  uint32_t value = 0;
  uint32_t constant = 0;  // Index into PlanDescription::constants.
};

struct FunctionDescription {
  std::string name;
  std::vector<uint32_t> inputs;
  std::vector<OutputDescription> outputs;
  std::vector<ValueDescription> values;
  std::vector<ViewDescription> views;
  std::vector<SymbolDescription> symbols;
  std::vector<PlanExpression> expressions;
  std::vector<PlanCheck> checks;
  std::vector<OpDescription> ops;
  std::vector<uint32_t> region_sizes;
  std::vector<FormDescription> forms;
};

struct ConstantDescription {
  Layout layout = Layout::kDense;
  std::span<const uint8_t> bytes;  // Borrowed until the plan is written.
  // Of a packed one: tensors of other shapes may have the same bytes, and are not equal.
  DType dtype = DType::kNone;
  std::vector<Dim> extents = {};
};

struct PlanDescription {
  std::string producer;
  std::string min_runtime;
  std::vector<FunctionDescription> functions;  // The first is the model.
  std::vector<ConstantDescription> constants;  // Equal ones are written once.
  std::deque<std::vector<uint8_t>> packed;     // Bytes of constants that were made for the plan.
  std::vector<std::pair<std::string, std::string>> properties;
};

// The bytes of a plan file. kLimit: the metadata would pass 2 GiB.
Result<std::vector<uint8_t>> WritePlan(const PlanDescription& plan);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_PLAN_WRITER_H_
