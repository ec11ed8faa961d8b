#include "tests/compiler/session_testing.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "runtime/ops/map.h"

namespace stint::testing {

PlanBuilder::PlanBuilder() {
  plan.producer = "test";
  plan.min_runtime = "0.1.0";
  plan.functions.resize(1);
  function().name = "main";
  function().region_sizes = {0};
}

Dim PlanBuilder::Symbol(uint32_t input, uint32_t index, SymbolSource source) {
  const auto symbol = static_cast<int64_t>(function().symbols.size());
  function().symbols.push_back({"s" + std::to_string(symbol), source, input, index});
  return Expression(DimOp::kSymbol, symbol, 0);
}

Dim PlanBuilder::Expression(DimOp op, Dim a, Dim b, Dim c) {
  function().expressions.push_back({op, a, b, c});
  return Dim::Expression(static_cast<uint32_t>(function().expressions.size() - 1));
}

void PlanBuilder::Require(Dim a, Dim b) { function().checks.push_back({a, b}); }

uint32_t PlanBuilder::Value(DType dtype, std::vector<Dim> extents) {
  const auto index = static_cast<uint32_t>(function().values.size());
  function().values.push_back({"v" + std::to_string(index), dtype, std::move(extents), kNoIndex});
  return index;
}

uint32_t PlanBuilder::Input(DType dtype, std::vector<Dim> extents) {
  function().inputs.push_back(Value(dtype, std::move(extents)));
  return function().inputs.back();
}

uint32_t PlanBuilder::Constant(const Tensor& tensor) {
  const TensorView view = tensor.view();
  const uint32_t value =
      Value(view.dtype, std::vector<Dim>(view.extents, view.extents + view.rank));
  constants_.push_back(std::make_unique<Tensor>(tensor));
  const TensorView kept = constants_.back()->view();
  function().values[value].constant = static_cast<uint32_t>(plan.constants.size());
  plan.constants.push_back(
      {Layout::kDense,
       {kept.as<const uint8_t>(), static_cast<size_t>(ElementCount(kept) * BytesOf(kept.dtype))}});
  return value;
}

PlanUse PlanBuilder::View(uint32_t value, std::vector<Dim> extents, std::vector<Dim> strides,
                          Dim offset) {
  function().views.push_back({std::move(extents), std::move(strides), offset});
  return {value, static_cast<uint32_t>(function().views.size() - 1)};
}

void PlanBuilder::Op(OpKind kind, Attributes attributes, std::vector<PlanUse> operands,
                     std::vector<PlanUse> results) {
  const std::string name = "op" + std::to_string(function().ops.size());
  function().ops.push_back(
      {FindOp(kind), name, std::move(attributes), std::move(operands), std::move(results)});
  ++function().region_sizes.back();
}

void PlanBuilder::Map(const MapProgram& program, std::vector<PlanUse> operands, PlanUse result) {
  MapAttributes attributes;
  attributes.program = program;
  Op(OpKind::kMap, Attributes::Of(attributes), std::move(operands), {result});
}

void PlanBuilder::Output(PlanUse use) {
  function().outputs.push_back({"out" + std::to_string(function().outputs.size()), use});
}

std::unique_ptr<Device> Cpu(int threads) {
  auto device = CreateDevice("cpu", {.threads = threads});
  REQUIRE(device.ok());
  return std::move(*device);
}

Bound Open(const PlanDescription& description, std::vector<std::unique_ptr<Device>> devices,
           const SessionOptions& options, const Limits& limits) {
  Bound bound;
  bound.bytes = std::make_unique<compiler::AlignedBytes>(compiler::BytesOf(description));
  bound.devices = std::move(devices);
  if (bound.devices.empty()) bound.devices.push_back(Cpu());
  auto plan = Plan::FromMemory(bound.bytes->span(), limits, Verify::kAll);
  if (!plan.ok()) {
    bound.error = "plan: " + TextOf(plan.status());
    bound.code = plan.status().code();
    return bound;
  }
  bound.plan = std::move(*plan);
  std::vector<Device*> pointers;
  for (const auto& device : bound.devices) pointers.push_back(device.get());
  auto session = Session::Create(*bound.plan, pointers, options);
  if (!session.ok()) {
    bound.error = TextOf(session.status());
    bound.code = session.status().code();
    return bound;
  }
  bound.session = std::move(*session);
  return bound;
}

Answer RunSession(Session& session, const std::vector<TensorView>& inputs, size_t outputs) {
  const Status status = session.Run(inputs);
  Answer answer;
  answer.code = status.code();
  answer.error = TextOf(status);
  if (!status.ok()) return answer;
  for (size_t i = 0; i < outputs; ++i) {
    const TensorView& view = session.output(i);
    Tensor tensor(view.dtype, std::vector<int64_t>(view.extents, view.extents + view.rank));
    const auto bytes = static_cast<size_t>(ElementCount(view) * BytesOf(view.dtype));
    if (bytes > 0) std::memcpy(tensor.view().data, view.data, bytes);
    answer.outputs.push_back(std::move(tensor));
  }
  return answer;
}

}  // namespace stint::testing
