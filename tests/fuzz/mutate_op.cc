#include <algorithm>
#include <bit>

#include "runtime/plan/program_bytes.h"
#include "tests/fuzz/mutate_plan.h"
#include "tests/fuzz/random_ops.h"

namespace stint::fuzz {

namespace {

const Field* FindField(const OpInfo& info, uint16_t id) {
  for (const Field& field : info.fields) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

bool HoldsDims(const Field* field) {
  return field != nullptr &&
         (field->type == FieldType::kExtents || field->type == FieldType::kLongExtents);
}

int64_t IntegerFor(Random& random, const Field* field, size_t expressions) {
  if (field == nullptr) return InterestingInteger(random);
  if (HoldsDims(field)) return InterestingDim(random, expressions);
  if (field->type == FieldType::kFloatList || field->type == FieldType::kFloat) {
    return std::bit_cast<int64_t>(random.Of({0.0, 0.25, 1.0, 3.0, -1.0, 1e300, 1e-300}));
  }
  if (random.Chance(20)) return InterestingInteger(random);
  const int64_t near = random.Between(-1, 3);
  const uint64_t above = static_cast<uint64_t>(field->maximum) + random.Below(2);
  const uint64_t below = static_cast<uint64_t>(field->minimum) - random.Below(2);
  return random.Of({near, near, near, static_cast<int64_t>(above), static_cast<int64_t>(below)});
}

void MutateIntegers(Random& random, const Field* field, size_t expressions,
                    std::vector<int64_t>& integers) {
  switch (random.Below(4)) {
    case 0:
      integers.push_back(IntegerFor(random, field, expressions));
      break;
    case 1:
      if (!integers.empty()) integers.pop_back();
      break;
    case 2:
      if (integers.empty()) break;
      std::swap(integers[random.Below(integers.size())], integers[random.Below(integers.size())]);
      break;
    default:
      if (integers.empty()) break;
      integers[random.Below(integers.size())] = IntegerFor(random, field, expressions);
  }
}

void MutateBytes(Random& random, std::vector<uint8_t>& bytes) {
  if (bytes.empty() || random.Chance(10)) {
    bytes.push_back(static_cast<uint8_t>(random.Next()));
  } else if (random.Chance(10)) {
    bytes.pop_back();
  } else if (random.Chance(50)) {
    bytes[random.Below(bytes.size())] = static_cast<uint8_t>(random.Below(80));
  } else {
    bytes[random.Below(bytes.size())] ^= static_cast<uint8_t>(1 << random.Below(8));
  }
}

void MutateAttribute(Random& random, const OpInfo* info, size_t expressions,
                     schema::AttributeT& attribute) {
  const Field* field = info == nullptr ? nullptr : FindField(*info, attribute.field);
  if (random.Chance(3)) {
    attribute.field = static_cast<uint16_t>(random.Below(16));
  } else if (!attribute.bytes.empty()) {
    MutateBytes(random, attribute.bytes);
  } else {
    MutateIntegers(random, field, expressions, attribute.integers);
  }
}

DType RandomNumberType(Random& random) {
  return random.Of({DType::kFloat32, DType::kFloat16, DType::kInt64, DType::kInt32, DType::kUInt8,
                    DType::kBool});
}

void AddAttribute(Random& random, const OpInfo& info, schema::OpT& op) {
  if (info.fields.empty()) return;
  const Field& field = info.fields[random.Below(info.fields.size())];
  auto attribute = std::make_unique<schema::AttributeT>();
  attribute->field = field.id;
  if (field.type == FieldType::kProgram) {
    const MapProgram program =
        RandomProgram(random, RandomNumberType(random), static_cast<int>(random.Between(1, 3)));
    attribute->bytes.resize(kMaxProgramBytes);
    attribute->bytes.resize(
        EncodeProgram(program, std::span<uint8_t, kMaxProgramBytes>(attribute->bytes)));
  } else if (field.type == FieldType::kBytes) {
    attribute->bytes.assign(size_t{1} << random.Below(5), 1);
  } else {
    attribute->integers.push_back(IntegerFor(random, &field, 0));
  }
  op.attributes.push_back(std::move(attribute));
  if (random.Chance(10)) return;
  std::sort(op.attributes.begin(), op.attributes.end(),
            [](const auto& a, const auto& b) { return a->field < b->field; });
  const auto repeated =
      std::unique(op.attributes.begin(), op.attributes.end(),
                  [](const auto& a, const auto& b) { return a->field == b->field; });
  op.attributes.erase(repeated, op.attributes.end());
}

void MutateUses(Random& random, const schema::FunctionT& function, std::vector<schema::Use>& uses) {
  const size_t values = function.values.size();
  const bool whole = function.views.empty() || random.Chance(60);
  const uint32_t view = whole ? 0xffffffff : InterestingIndex(random, function.views.size());
  const schema::Use use(InterestingIndex(random, values), view);
  if (uses.empty() || random.Chance(20)) {
    uses.push_back(use);
  } else if (random.Chance(20)) {
    uses.pop_back();
  } else if (random.Chance(10)) {
    std::swap(uses[random.Below(uses.size())], uses[random.Below(uses.size())]);
  } else {
    uses[random.Below(uses.size())] = use;
  }
}

}  // namespace

void MutateOp(Random& random, const schema::FunctionT& function, schema::OpT& op) {
  const OpInfo* info = FindOp(static_cast<OpKind>(op.kind));
  const size_t choice = random.Below(20);
  if (choice < 9 && !op.attributes.empty()) {
    MutateAttribute(random, info, function.expressions.size(),
                    *op.attributes[random.Below(op.attributes.size())]);
  } else if (choice < 12 && info != nullptr) {
    AddAttribute(random, *info, op);
  } else if (choice < 13 && !op.attributes.empty()) {
    op.attributes.erase(op.attributes.begin() +
                        static_cast<ptrdiff_t>(random.Below(op.attributes.size())));
  } else if (choice < 16) {
    MutateUses(random, function, op.operands);
  } else if (choice < 18) {
    MutateUses(random, function, op.results);
  } else if (choice < 19) {
    op.kind = static_cast<uint16_t>(AllOps()[random.Below(AllOps().size())]->kind);
  } else {
    op.kind = static_cast<uint16_t>(random.Below(64));
  }
}

}  // namespace stint::fuzz
