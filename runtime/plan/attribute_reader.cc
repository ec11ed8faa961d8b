#include "runtime/plan/attribute_reader.h"

#include <bit>
#include <cstring>

#include "runtime/plan/program_bytes.h"

namespace stint {

namespace {

const Field* FindField(const OpInfo& op, uint16_t id) {
  for (const Field& field : op.fields) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

bool HoldsBytes(FieldType type) { return type == FieldType::kBytes || type == FieldType::kProgram; }

bool IsList(FieldType type) {
  return type == FieldType::kIntList || type == FieldType::kFloatList ||
         type == FieldType::kExtents || type == FieldType::kLongExtents;
}

// Reads one field. Ids are checked here, ranges by CheckAttributes.
class FieldReader {
 public:
  FieldReader(const Field& field, const schema::Attribute& stored, const Path& path,
              const AttributeScope& scope, void* attributes)
      : field_(field), stored_(stored), path_(path), scope_(scope), attributes_(attributes) {}

  Status Read() {
    STINT_TRY(CheckCounts());
    switch (field_.type) {
      case FieldType::kInt:
      case FieldType::kEnum:
        As<int64_t>() = Integer(0);
        return {};
      case FieldType::kFloat:
        As<double>() = std::bit_cast<double>(Integer(0));
        return {};
      case FieldType::kIntList:
        return ReadList(As<IntList>());
      case FieldType::kFloatList:
        return ReadList(As<FloatList>());
      case FieldType::kExtents:
        return ReadList(As<DimList>());
      case FieldType::kLongExtents:
        return ReadList(As<LongDimList>());
      case FieldType::kBytes:
        return ReadBytes();
      case FieldType::kProgram:
        return DecodeProgram(BytesIn(stored_.bytes()), path_, &As<MapProgram>());
      case FieldType::kFunction:
        return ReadId(scope_.function + 1, scope_.functions);
      case FieldType::kConstant:
        return ReadId(0, scope_.constants);
    }
    return {};
  }

 private:
  template <typename T>
  T& As() {
    return FieldAs<T>(field_, attributes_);
  }
  int64_t Integer(size_t index) const { return ScalarAt(stored_.integers(), index); }

  Status CheckCounts() const {
    const size_t integers = SizeOf(stored_.integers());
    const size_t bytes = SizeOf(stored_.bytes());
    if (HoldsBytes(field_.type)) {
      return CheckCount(path_ / "integers", integers, 0, 0);
    }
    STINT_TRY(CheckCount(path_ / "bytes", bytes, 0, 0));
    if (!IsList(field_.type)) return CheckCount(path_ / "integers", integers, 1, 1);
    return CheckCount(path_ / "integers", integers, 0,
                      static_cast<uint64_t>(CapacityOf(field_.type)));
  }

  Status ReadElement(size_t index, int64_t* out) const {
    *out = Integer(index);
    return {};
  }
  Status ReadElement(size_t index, Dim* out) const {
    const int64_t raw = Integer(index);
    *out = Dim(raw);
    return CheckDimIndex(path_[index], *out, scope_.expressions);
  }
  Status ReadElement(size_t index, Real* out) const {
    Dim bits;
    STINT_TRY(ReadElement(index, &bits));
    *out = Real::FromBits(bits);
    return {};
  }

  template <typename T, int kCapacity>
  Status ReadList(List<T, kCapacity>& list) const {
    list = {};
    const size_t size = SizeOf(stored_.integers());
    for (size_t i = 0; i < size; ++i) STINT_TRY(ReadElement(i, &list.values[i]));
    list.size = static_cast<int64_t>(size);
    return {};
  }

  Status ReadBytes() {
    auto& list = As<SmallBytes>();
    list = {};
    const std::span<const uint8_t> bytes = BytesIn(stored_.bytes());
    STINT_TRY(CheckCount(path_ / "bytes", bytes.size(), 0, SmallBytes::kCapacity));
    if (!bytes.empty()) std::memcpy(list.values, bytes.data(), bytes.size());
    list.size = static_cast<int64_t>(bytes.size());
    return {};
  }

  // -1, or an index from `first` to below `size`.
  Status ReadId(uint64_t first, uint64_t size) {
    const int64_t id = Integer(0);
    const bool known =
        id >= 0 && static_cast<uint64_t>(id) >= first && static_cast<uint64_t>(id) < size;
    if (id != -1 && !known) {
      return Error(Code::kInvalid, path_.text().c_str(),
                   "found %lld, allowed -1 for none, or %llu to below %llu",
                   static_cast<long long>(id), static_cast<unsigned long long>(first),
                   static_cast<unsigned long long>(size));
    }
    As<int64_t>() = id;
    return {};
  }

  const Field& field_;
  const schema::Attribute& stored_;
  const Path& path_;
  const AttributeScope& scope_;
  void* attributes_;
};

// The table's own check, with the path instead of the field's name.
Status CheckField(const Field& field, const Path& path, const void* attributes) {
  Status status = CheckAttributes({&field, 1}, attributes);
  if (status.ok()) return {};
  if (std::strcmp(status.where(), field.name) == 0) {
    return Error(status.code(), path.text().c_str(), "%s", status.message());
  }
  return std::move(status).At(path.text().c_str());
}

}  // namespace

Status CheckDimIndex(const Path& path, Dim dim, uint64_t expressions) {
  if (dim.is_constant() || dim.expression() < expressions) return {};
  return Error(Code::kInvalid, path.text().c_str(), "found expression %u, allowed those below %llu",
               dim.expression(), static_cast<unsigned long long>(expressions));
}

Status ReadAttributes(
    const OpInfo& op,
    const flatbuffers::Vector<flatbuffers::Offset<schema::Attribute>>* stored_attributes,
    const Path& path, const AttributeScope& scope, void* attributes) {
  const Path list = path / "attributes";
  STINT_TRY(CheckCount(list, SizeOf(stored_attributes), 0, op.fields.size()));
  int previous = -1;
  for (size_t i = 0; i < SizeOf(stored_attributes); ++i) {
    const schema::Attribute& stored = TableAt(stored_attributes, i);
    const Field* field = FindField(op, stored.field());
    if (field == nullptr) {
      return Error(Code::kInvalid, list[i].text().c_str(), "found field %u, allowed fields of %s",
                   stored.field(), op.name);
    }
    const Path where = list[field->name];
    if (stored.field() <= previous) {
      return Error(Code::kInvalid, where.text().c_str(),
                   "found field %u after field %d, allowed each once, in ascending order",
                   stored.field(), previous);
    }
    previous = stored.field();
    STINT_TRY(FieldReader(*field, stored, where, scope, attributes).Read());
    STINT_TRY(CheckField(*field, where, attributes));
  }
  return {};
}

}  // namespace stint
