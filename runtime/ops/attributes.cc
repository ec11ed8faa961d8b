#include "runtime/ops/attributes.h"

namespace stint {

namespace {

Status OutOfRange(const Field& field, int64_t found) {
  return Error(Code::kInvalid, field.name, "found %lld, allowed %lld to %lld",
               static_cast<long long>(found), static_cast<long long>(field.minimum),
               static_cast<long long>(field.maximum));
}

Status CheckRange(const Field& field, int64_t value) {
  return value < field.minimum || value > field.maximum ? OutOfRange(field, value) : Status();
}

Status CheckListSize(const Field& field, const void* attributes) {
  const auto size = FieldAs<int64_t>(field, attributes);
  if (size >= 0 && size <= CapacityOf(field.type)) return {};
  return Error(Code::kInvalid, field.name, "found %lld elements, allowed 0 to %d",
               static_cast<long long>(size), CapacityOf(field.type));
}

Status CheckField(const Field& field, const void* attributes) {
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kEnum:
      return CheckRange(field, FieldAs<int64_t>(field, attributes));
    case FieldType::kIntList:
      STINT_TRY(CheckListSize(field, attributes));
      for (const int64_t value : FieldAs<IntList>(field, attributes).span()) {
        STINT_TRY(CheckRange(field, value));
      }
      return {};
    case FieldType::kFloatList:
    case FieldType::kExtents:
    case FieldType::kLongExtents:
    case FieldType::kBytes:
      return CheckListSize(field, attributes);
    case FieldType::kProgram: {
      const auto& program = FieldAs<MapProgram>(field, attributes);
      return program.present() ? VerifyMap(program, field.name) : Status();
    }
    case FieldType::kFloat:
    case FieldType::kFunction:
    case FieldType::kConstant:
      return {};
  }
  return {};
}

}  // namespace

int CapacityOf(FieldType type) {
  switch (type) {
    case FieldType::kIntList:
      return IntList::kCapacity;
    case FieldType::kFloatList:
      return FloatList::kCapacity;
    case FieldType::kExtents:
      return DimList::kCapacity;
    case FieldType::kLongExtents:
      return LongDimList::kCapacity;
    case FieldType::kBytes:
      return SmallBytes::kCapacity;
    default:
      return 1;
  }
}

Status CheckAttributes(std::span<const Field> fields, const void* attributes) {
  for (const Field& field : fields) STINT_TRY(CheckField(field, attributes));
  return {};
}

}  // namespace stint
