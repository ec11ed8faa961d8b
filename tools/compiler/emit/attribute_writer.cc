#include "tools/compiler/emit/attribute_writer.h"

#include <algorithm>
#include <bit>

#include "runtime/plan/program_bytes.h"

namespace stint::compiler {

namespace {

// What an attribute table holds.
struct Stored {
  std::vector<int64_t> integers;
  std::vector<uint8_t> bytes;
  friend bool operator==(const Stored&, const Stored&) = default;
};

int64_t IntegerOf(int64_t value) { return value; }
int64_t IntegerOf(double value) { return std::bit_cast<int64_t>(value); }
int64_t IntegerOf(Dim value) { return value.raw(); }
int64_t IntegerOf(Real value) { return value.bits().raw(); }

template <typename ListType>
std::vector<int64_t> IntegersOf(const Field& field, const void* attributes) {
  const auto& list = FieldAs<ListType>(field, attributes);
  const int64_t size = std::clamp<int64_t>(list.size, 0, ListType::kCapacity);
  std::vector<int64_t> integers;
  for (int64_t i = 0; i < size; ++i) integers.push_back(IntegerOf(list[i]));
  return integers;
}

std::vector<uint8_t> BytesOf(const SmallBytes& list) {
  const int64_t size = std::clamp<int64_t>(list.size, 0, SmallBytes::kCapacity);
  return {list.values, list.values + size};
}

std::vector<uint8_t> BytesOf(const MapProgram& program) {
  if (!program.present()) return {};
  MapProgram bounded = program;
  bounded.instruction_count = std::min<uint8_t>(program.instruction_count, kMapMaxInstructions);
  bounded.input_count = std::min<uint8_t>(program.input_count, kMapMaxInputs);
  bounded.output_count = std::min<uint8_t>(program.output_count, kMapMaxOutputs);
  bounded.constant_count = std::min<uint8_t>(program.constant_count, kMapMaxConstants);
  std::vector<uint8_t> bytes(kMaxProgramBytes);
  bytes.resize(EncodeProgram(bounded, std::span<uint8_t, kMaxProgramBytes>(bytes)));
  return bytes;
}

Stored StoredField(const Field& field, const void* attributes) {
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kEnum:
    case FieldType::kFunction:
    case FieldType::kConstant:
      return {{FieldAs<int64_t>(field, attributes)}, {}};
    case FieldType::kFloat:
      return {{IntegerOf(FieldAs<double>(field, attributes))}, {}};
    case FieldType::kIntList:
      return {IntegersOf<IntList>(field, attributes), {}};
    case FieldType::kFloatList:
      return {IntegersOf<FloatList>(field, attributes), {}};
    case FieldType::kExtents:
      return {IntegersOf<DimList>(field, attributes), {}};
    case FieldType::kLongExtents:
      return {IntegersOf<LongDimList>(field, attributes), {}};
    case FieldType::kBytes:
      return {{}, BytesOf(FieldAs<SmallBytes>(field, attributes))};
    case FieldType::kProgram:
      return {{}, BytesOf(FieldAs<MapProgram>(field, attributes))};
  }
  return {};
}

}  // namespace

AttributeOffsets WriteAttributes(const OpDescription& op, const std::vector<uint32_t>& constant_ids,
                                 flatbuffers::FlatBufferBuilder& builder) {
  const Attributes defaults(*op.info);
  std::vector<const Field*> fields;
  for (const Field& field : op.info->fields) fields.push_back(&field);
  std::sort(fields.begin(), fields.end(),
            [](const Field* a, const Field* b) { return a->id < b->id; });
  AttributeOffsets offsets;
  for (const Field* field : fields) {
    Stored stored = StoredField(*field, op.attributes.data());
    if (stored == StoredField(*field, defaults.data())) continue;
    if (field->type == FieldType::kConstant) {
      const auto id = static_cast<uint64_t>(stored.integers[0]);
      if (id < constant_ids.size()) stored.integers[0] = constant_ids[id];
    }
    const auto integers = stored.integers.empty() ? 0 : builder.CreateVector(stored.integers);
    const auto bytes = stored.bytes.empty() ? 0 : builder.CreateVector(stored.bytes);
    offsets.push_back(schema::CreateAttribute(builder, field->id, integers, bytes));
  }
  return offsets;
}

}  // namespace stint::compiler
