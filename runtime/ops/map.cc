#include "runtime/ops/map.h"

#include <algorithm>
#include <cstddef>

#include "runtime/base/text.h"
#include "runtime/ops/map/run_map.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "program", FieldType::kProgram, offsetof(MapAttributes, program)},
    {2, "extents", FieldType::kExtents, offsetof(MapAttributes, extents)},
    {3, "has_extents", FieldType::kInt, offsetof(MapAttributes, has_extents), 0, 1},
};

Status CheckInputs(const MapProgram& program, std::span<const TensorShape> operands) {
  if (operands.size() != program.input_count) {
    return Error(Code::kInvalid, "operands", "found %zu, allowed %d as the program has inputs",
                 operands.size(), program.input_count);
  }
  for (size_t i = 0; i < operands.size(); ++i) {
    const Formatted<> where("operand %zu", i);
    STINT_TRY(CheckDType(where.c_str(), operands[i], program.inputs[i]));
  }
  return {};
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const MapAttributes*>(op.attributes);
  const MapProgram& program = attributes.program;
  if (!program.present()) {
    return Error(Code::kInvalid, "program", "found none, allowed 1 to %d instructions",
                 kMapMaxInstructions);
  }
  STINT_TRY(CheckInputs(program, op.operands));
  TensorShape shape;
  if (attributes.has_extents != 0) {
    shape.rank = static_cast<int>(attributes.extents.size);
    std::copy_n(attributes.extents.values, shape.rank, shape.extents);
    STINT_TRY(CheckExtents("extents", shape));
    for (const TensorShape& operand : op.operands) {
      STINT_TRY(RequireBroadcast("extents", operand, shape, dims));
    }
  } else {
    if (attributes.extents.size != 0) {
      return Error(Code::kInvalid, "extents", "found some, allowed none while has_extents is 0");
    }
    for (const TensorShape& operand : op.operands) shape = Broadcast(shape, operand, dims);
  }
  STINT_TRY(CheckIota(program, "program", shape.rank));
  for (int i = 0; i < program.output_count; ++i) {
    results[i] = shape;
    results[i].dtype = program.outputs[i];
  }
  return {};
}

Status Run(const OpTensors& op) {
  const MapProgram& program = op.as<MapAttributes>().program;
  TensorView inputs[kMapMaxInputs];
  for (int i = 0; i < program.input_count; ++i) {
    inputs[i] = BroadcastTo(op.operands[i], op.results[0]);
  }
  RunMapTensors(program, {inputs, program.input_count}, op.results.first(program.output_count));
  return {};
}

}  // namespace

constinit const OpInfo kMapOp = {
    .kind = OpKind::kMap,
    .name = "Map",
    .summary = "One program run for every element of inputs that broadcast.",
    .fields = kFields,
    .attributes_size = sizeof(MapAttributes),
    .construct = ConstructAttributes<MapAttributes>,
    .required_operands = 0,
    .core_operands = kMapMaxInputs,
    .variadic = true,
    .core_results = kMapMaxOutputs,
    .strided_operands = 0xffff,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
