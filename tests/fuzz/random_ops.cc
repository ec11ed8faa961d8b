#include "tests/fuzz/random_ops.h"

#include <algorithm>
#include <initializer_list>

#include "runtime/ops/nms.h"
#include "runtime/ops/recurrent.h"
#include "runtime/ops/roi_pool.h"

namespace stint::fuzz {

namespace {

constexpr int64_t kMaxElements = 512;

DType RandomDType(Random& random) {
  return random.Of({DType::kFloat32, DType::kFloat32, DType::kFloat32, DType::kFloat64,
                    DType::kFloat16, DType::kBFloat16, DType::kInt8, DType::kUInt8, DType::kInt32,
                    DType::kInt64, DType::kUInt32, DType::kUInt64, DType::kBool});
}

// List lengths that mean something for tensors of a rank: one or two entries an axis, or a spatial
// axis.
int64_t RandomLength(Random& random, int rank, int capacity) {
  const int spatial = std::max(rank - 2, 0);
  const int length = random.Of({0, 1, rank, 2 * rank, spatial, 2 * spatial});
  return std::min(length, capacity);
}

int64_t RandomInteger(Random& random, const Field& field) {
  const int64_t value = random.Of<int64_t>({0, 1, 1, 2, 3, -1, field.minimum, field.maximum});
  return std::clamp(value, field.minimum, field.maximum);
}

std::vector<MapOpcode> OpcodesFor(MapType type) {
  std::vector<MapOpcode> opcodes;
  for (int code = 0; code < 256; ++code) {
    const auto opcode = static_cast<MapOpcode>(code);
    const MapOpcodeInfo& info = InfoOf(opcode);
    const bool admits = (info.types & (1 << static_cast<int>(type))) != 0;
    if (info.name != nullptr && info.arity > 0 && !info.makes_bool && admits &&
        opcode != MapOpcode::kStore) {
      opcodes.push_back(opcode);
    }
  }
  return opcodes;
}

void AddInstruction(MapProgram& program, const MapInstruction& instruction) {
  program.instructions[program.instruction_count++] = instruction;
}

template <typename ListType, typename Make>
void FillList(ListType& list, int64_t length, const Make& make) {
  list = {};
  for (int64_t i = 0; i < length; ++i) list.Push(make());
}

TensorShape RandomShape(Random& random, DType dtype, int rank, int64_t extent) {
  TensorShape shape;
  shape.dtype = dtype;
  shape.rank = random.Chance(75) ? rank : static_cast<int>(random.Below(5));
  for (int axis = 0; axis < shape.rank; ++axis) {
    shape.extents[axis] = random.Chance(75) ? extent : random.Between(0, 4);
  }
  return shape;
}

bool IsSmall(const TensorShape& shape) {
  int64_t elements = 1;
  for (int axis = 0; axis < shape.rank; ++axis) {
    elements *= std::min<int64_t>(shape.extents[axis].constant(), kMaxElements + 1);
    if (elements > kMaxElements) return false;
  }
  return true;
}

TensorShape ShapeOf(DType dtype, std::initializer_list<int64_t> extents) {
  TensorShape shape;
  shape.dtype = dtype;
  for (const int64_t extent : extents) shape.extents[shape.rank++] = extent;
  return shape;
}

// Operands of different ranks and types that fit each other, which chance would hardly ever find.
void SuitRoiPool(Random& random, RandomOp* op) {
  auto& attributes = op->attributes.as<RoiPoolAttributes>();
  FillList(attributes.extents, 2, [&] { return Dim(random.Between(0, 3)); });
  const DType dtype = random.Of({DType::kFloat32, DType::kFloat16, DType::kFloat64});
  const DType index = random.Of({DType::kInt32, DType::kInt64});
  const int64_t rois = random.Between(0, 3);
  const auto extent = [&] { return random.Between(0, 4); };
  op->operands = {ShapeOf(dtype, {extent(), extent(), extent(), extent()}),
                  ShapeOf(dtype, {rois, 4}), ShapeOf(index, {rois})};
}

void SuitRecurrent(Random& random, RandomOp* op) {
  auto& attributes = op->attributes.as<RecurrentAttributes>();
  attributes = RecurrentAttributes();
  attributes.kind = random.Of({RecurrentKind::kRnn, RecurrentKind::kGru, RecurrentKind::kLstm});
  attributes.direction = random.Of({RecurrentDirection::kForward, RecurrentDirection::kReverse,
                                    RecurrentDirection::kBidirectional});
  FillList(attributes.activations, attributes.directions() * attributes.functions(),
           [&] { return random.Between(0, kRecurrentActivationCount - 1); });
  const DType dtype = random.Of({DType::kFloat32, DType::kFloat16, DType::kFloat64});
  const int64_t inputs = random.Between(0, 3);
  const int64_t units = random.Between(1, 3);
  const int64_t rows = attributes.directions() * attributes.gates() * units;
  op->operands = {ShapeOf(dtype, {random.Between(0, 3), random.Between(0, 3), inputs}),
                  ShapeOf(dtype, {rows, inputs}), ShapeOf(dtype, {rows, units})};
}

void SuitNms(Random& random, RandomOp* op) {
  auto& attributes = op->attributes.as<NmsAttributes>();
  attributes.most = {};
  attributes.most.Push(random.Between(0, 3));
  attributes.thresholds = {};
  for (const double threshold : {0.5, -0.25}) attributes.thresholds.Push(threshold);
  const int64_t images = random.Between(0, 2);
  const int64_t boxes = random.Between(0, 4);
  op->operands = {ShapeOf(DType::kFloat32, {images, boxes, 4}),
                  ShapeOf(DType::kFloat32, {images, random.Between(0, 3), boxes})};
}

bool TryOp(Random& random, const OpInfo& info, RandomOp* op) {
  const int rank = static_cast<int>(random.Below(5));
  const DType dtype = RandomDType(random);
  const int64_t extent = random.Between(1, 4);
  op->attributes = compiler::Attributes(info);
  for (const Field& field : info.fields) {
    if (random.Chance(60)) RandomizeField(random, field, rank, dtype, op->attributes.data());
  }
  const int limit = OperandLimit(info, op->attributes.data());
  const int least = limit > info.core_operands ? limit : info.required_operands;
  const int64_t count = random.Chance(60) ? least : random.Between(least, limit);
  op->operands.clear();
  for (int64_t i = 0; i < count; ++i) {
    const DType type = random.Chance(70) ? dtype : RandomDType(random);
    const bool optional = i >= info.required_operands && i < info.core_operands && !info.variadic;
    op->operands.push_back(optional && random.Chance(40) ? TensorShape()
                                                         : RandomShape(random, type, rank, extent));
  }
  if (info.kind == OpKind::kRecurrent && random.Chance(80)) SuitRecurrent(random, op);
  if (info.kind == OpKind::kRoiPool && random.Chance(80)) SuitRoiPool(random, op);
  if (info.kind == OpKind::kNms && random.Chance(80)) SuitNms(random, op);
  op->results.assign(kMaxCoreResults, {});
  IntegerDims dims;
  if (!InferOp(info, op->attributes.data(), op->operands, dims, op->results).ok()) return false;
  while (!op->results.empty() && !op->results.back().present()) op->results.pop_back();
  return !op->results.empty() && std::all_of(op->results.begin(), op->results.end(), IsSmall);
}

}  // namespace

MapProgram RandomProgram(Random& random, DType dtype, int inputs) {
  const MapType type = NaturalMapType(dtype);
  const std::vector<MapOpcode> opcodes = OpcodesFor(type);
  MapProgram program;
  program.input_count = static_cast<uint8_t>(inputs);
  program.output_count = 1;
  std::fill_n(program.inputs, inputs, dtype);
  program.outputs[0] = dtype;
  for (int i = 0; i < inputs; ++i) {
    const auto id = static_cast<uint8_t>(i);
    AddInstruction(program, {.opcode = MapOpcode::kLoad, .type = type, .result = id, .a = id});
  }
  auto next = static_cast<uint8_t>(inputs);
  for (int64_t i = random.Between(0, 4); i > 0 && !opcodes.empty() && inputs > 0; --i) {
    MapInstruction instruction = {.opcode = opcodes[random.Below(opcodes.size())], .type = type};
    const int arity = InfoOf(instruction.opcode).arity;
    instruction.result = next;
    instruction.a = static_cast<uint8_t>(random.Below(next));
    if (arity > 1) instruction.b = static_cast<uint8_t>(random.Below(next));
    if (arity > 2) instruction.c = static_cast<uint8_t>(random.Below(next));
    AddInstruction(program, instruction);
    ++next;
  }
  AddInstruction(program, {.opcode = MapOpcode::kStore,
                           .type = type,
                           .a = static_cast<uint8_t>(next == 0 ? 0 : next - 1)});
  return program;
}

void RandomizeField(Random& random, const Field& field, int rank, DType dtype, void* attributes) {
  const auto integer = [&] { return RandomInteger(random, field); };
  const auto length = [&](int capacity) { return RandomLength(random, rank, capacity); };
  const auto real = [&] { return random.Of({0.0, 0.5, 1.0, 2.0, -1.0}); };
  const auto dim = [&] { return Dim(random.Between(0, 3)); };
  switch (field.type) {
    case FieldType::kInt:
      FieldAs<int64_t>(field, attributes) = integer();
      break;
    case FieldType::kEnum:
      FieldAs<int64_t>(field, attributes) = random.Between(field.minimum, field.maximum);
      break;
    case FieldType::kFloat:
      FieldAs<double>(field, attributes) = real();
      break;
    case FieldType::kIntList:
      FillList(FieldAs<IntList>(field, attributes), length(IntList::kCapacity), integer);
      break;
    case FieldType::kFloatList:
      FillList(FieldAs<FloatList>(field, attributes), length(FloatList::kCapacity), real);
      break;
    case FieldType::kExtents:
      FillList(FieldAs<DimList>(field, attributes), length(DimList::kCapacity), dim);
      break;
    case FieldType::kLongExtents:
      FillList(FieldAs<LongDimList>(field, attributes), length(LongDimList::kCapacity), dim);
      break;
    case FieldType::kBytes:
      FillList(FieldAs<SmallBytes>(field, attributes), BytesOf(dtype),
               [&] { return static_cast<uint8_t>(random.Below(2)); });
      break;
    case FieldType::kProgram: {
      const MapProgram program =
          RandomProgram(random, dtype, static_cast<int>(random.Between(1, 3)));
      const bool valid = VerifyMap(program, field.name).ok();
      FieldAs<MapProgram>(field, attributes) = valid ? program : MapProgram();
      break;
    }
    case FieldType::kFunction:
    case FieldType::kConstant:
      break;
  }
}

std::optional<RandomOp> MakeOp(Random& random, const OpInfo& info, int attempts) {
  RandomOp op;
  for (int i = 0; i < attempts; ++i) {
    if (TryOp(random, info, &op)) return op;
  }
  return std::nullopt;
}

}  // namespace stint::fuzz
