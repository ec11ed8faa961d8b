#include "tests/compiler/plan_testing.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "runtime/base/checked.h"
#include "runtime/ops/map.h"

namespace stint::compiler {

namespace {

constexpr float kWeights[8] = {1, 2, 3, 4, 5, 6, 7, 8};

MapProgram Relu() {
  MapProgram program;
  program.instruction_count = 4;
  program.input_count = 1;
  program.output_count = 1;
  program.constant_count = 1;
  program.inputs[0] = DType::kFloat32;
  program.outputs[0] = DType::kFloat32;
  program.instructions[0] = {.opcode = MapOpcode::kLoad, .result = 0};
  program.instructions[1] = {.opcode = MapOpcode::kImmediate, .result = 1};
  program.instructions[2] = {.opcode = MapOpcode::kMax, .result = 2, .a = 0, .b = 1};
  program.instructions[3] = {.opcode = MapOpcode::kStore, .result = 0, .a = 2};
  return program;
}

std::vector<ValueDescription> SmallValues(Dim n) {
  return {{"x", DType::kFloat32, {n, 4}, kNoIndex},
          {"w", DType::kFloat32, {4, 2}, 0},
          {"product", DType::kFloat32, {n, 2}, kNoIndex},
          {"y", DType::kFloat32, {n, 2}, kNoIndex}};
}

}  // namespace

AlignedBytes::AlignedBytes(std::span<const uint8_t> bytes)
    : size_(bytes.size()), memory_(new uint8_t[bytes.size() + 64]) {
  const auto address = reinterpret_cast<uintptr_t>(memory_.get());
  start_ = AlignUp(address, 64) - address;
  std::copy(bytes.begin(), bytes.end(), span().begin());
}

PlanDescription SmallPlan() {
  const Dim n = Dim::Expression(0);
  FunctionDescription function;
  function.name = "main";
  function.inputs = {0};
  function.outputs = {{"y", {3, 0}}};
  function.values = SmallValues(n);
  function.views = {{{Dim::Expression(1)}, {1}, 0}};
  function.symbols = {{"batch", SymbolSource::kExtent, 0, 0}};
  function.expressions = {{DimOp::kSymbol, 0, 0, 0}, {DimOp::kMul, n, 2, 0}};
  function.checks = {{n, n}};
  MapAttributes map;
  map.program = Relu();
  const OpInfo* matmul = FindOp(OpKind::kMatMul);
  function.ops = {
      {matmul, "/fc/MatMul", Attributes(*matmul), {{0, kNoIndex}, {1, kNoIndex}}, {{2, kNoIndex}}},
      {FindOp(OpKind::kMap), "/Relu", Attributes::Of(map), {{2, kNoIndex}}, {{3, kNoIndex}}}};
  function.region_sizes = {2};

  PlanDescription plan;
  plan.producer = "test";
  plan.min_runtime = "0.1.0";
  plan.functions = {function};
  plan.constants.push_back({Layout::kDense, {reinterpret_cast<const uint8_t*>(kWeights), 32}});
  plan.properties = {{"author", "nobody"}};
  return plan;
}

PlanDescription PlanWithBlobs(std::vector<uint8_t>* storage) {
  storage->resize(kLargeBlob + 100);
  for (size_t i = 0; i < storage->size(); ++i)
    (*storage)[i] = static_cast<uint8_t>(i * 7 + i / 256);
  const std::span<const uint8_t> bytes = *storage;
  PlanDescription plan = SmallPlan();
  plan.constants.push_back({Layout::kDense, bytes.first(100)});
  plan.constants.push_back({Layout::kDense, bytes.first(kLargeBlob)});
  FunctionDescription& function = plan.functions[0];
  function.values.push_back({"small", DType::kUInt8, {100}, 1});
  function.values.push_back({"large", DType::kUInt8, {int64_t{kLargeBlob}}, 2});
  return plan;
}

AlignedBytes BytesOf(const PlanDescription& description) {
  auto bytes = WritePlan(description);
  REQUIRE(bytes.ok());
  return AlignedBytes(*bytes);
}

Status Load(std::span<const uint8_t> bytes, Verify verify, const Limits& limits) {
  auto plan = Plan::FromMemory(bytes, limits, verify);
  return plan.ok() ? Status() : plan.TakeStatus();
}

}  // namespace stint::compiler
