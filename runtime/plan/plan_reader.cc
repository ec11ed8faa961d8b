#include "runtime/plan/plan_reader.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/checked.h"
#include "runtime/plan/function_reader.h"

namespace stint {

namespace {

using Unsigned = unsigned long long;

Status CrcError(const char* where, uint32_t found, uint32_t stored) {
  return Error(Code::kInvalid, where, "found checksum %08x, allowed %08x: the file is damaged",
               found, stored);
}

Status CheckZero(std::span<const uint8_t> padding, const char* where) {
  for (const uint8_t byte : padding) {
    if (byte != 0) return Error(Code::kInvalid, where, "found padding %u, allowed 0", byte);
  }
  return {};
}

// What the metadata of a function may take at most: plan, function, op, attribute.
constexpr uint32_t kMaxMetadataDepth = 4;

}  // namespace

Status PlanReader::Read(Verify verify) {
  const std::span<const uint8_t> file = plan_.file_;
  STINT_TRY(DecodeHeader(file.first(std::min<size_t>(file.size(), kPlanHeaderBytes)), file.size(),
                         plan_.limits_, &header_));
  STINT_TRY(CopyMetadata());
  if (verify == Verify::kAll) STINT_TRY(VerifyBlobs());
  STINT_TRY(VerifyMetadata());
  plan_.producer_ = TextIn(root_->producer());
  plan_.min_runtime_ = TextIn(root_->min_runtime());
  STINT_TRY(ReadConstants());
  STINT_TRY(ReadProperties());
  STINT_TRY(ReadFunctions());
  return verify == Verify::kAll ? VerifyContents() : Status();
}

// The checksum is taken of the private copy, so that the file cannot change in between.
Status PlanReader::CopyMetadata() {
  const std::span<const uint8_t> file = plan_.file_;
  uint8_t start[kPlanHeaderBytes];
  EncodeHeader(header_, start);
  std::memset(start + kMetadataCrcAt, 0, sizeof(header_.metadata_crc));
  STINT_TRY(plan_.metadata_.Resize(header_.metadata_bytes));
  std::copy_n(file.begin() + kPlanHeaderBytes, header_.metadata_bytes, plan_.metadata_.begin());
  const size_t end = kPlanHeaderBytes + header_.metadata_bytes;
  const std::span<const uint8_t> padding = file.subspan(end, header_.blob_offset - end);
  const uint32_t crc = Crc32c(padding, Crc32c(plan_.metadata_.span(), Crc32c(start)));
  if (crc != header_.metadata_crc) return CrcError("metadata", crc, header_.metadata_crc);
  return CheckZero(padding, "metadata");
}

std::span<const uint8_t> PlanReader::Blobs() const {
  return plan_.file_.subspan(header_.blob_offset, header_.blob_bytes);
}

Status PlanReader::VerifyBlobs() const {
  const uint32_t crc = Crc32c(Blobs());
  return crc == header_.blob_crc ? Status() : CrcError("blobs", crc, header_.blob_crc);
}

// Content hashes, and zeros between blobs.
Status PlanReader::VerifyContents() const {
  const Path list("constants");
  const std::span<const PlanConstant> constants = plan_.constants();
  const uint8_t* end = Blobs().data();
  for (size_t i = 0; i < constants.size(); ++i) {
    const std::span<const uint8_t> bytes = constants[i].bytes;
    if (HashBytes(bytes) != constants[i].hash) {
      return Error(Code::kInvalid, list[i].text().c_str(),
                   "found content of another hash, allowed the one that the plan states");
    }
    if (bytes.size() < kSmallestBlobBytes) continue;
    STINT_TRY(CheckZero({end, bytes.data()}, list[i].text().c_str()));
    end = bytes.data() + bytes.size();
  }
  return {};
}

Status PlanReader::VerifyMetadata() {
  flatbuffers::Verifier::Options options;
  options.max_depth = kMaxMetadataDepth;
  // A table takes its own offset and the one that refers to it. Tables that share memory would
  // allow work out of proportion to the size.
  options.max_tables = static_cast<flatbuffers::uoffset_t>(plan_.metadata_.size() / 8 + 1);
  flatbuffers::Verifier verifier(plan_.metadata_.data(), plan_.metadata_.size(), options);
  if (!schema::VerifyPlanBuffer(verifier)) {
    return Error(Code::kInvalid, "metadata",
                 "found broken FlatBuffers data, allowed a plan's tables");
  }
  root_ = schema::GetPlan(plan_.metadata_.data());
  return {};
}

Status PlanReader::ReadConstants() {
  const Path list("constants");
  const size_t count = SizeOf(root_->constants());
  STINT_TRY(CheckCount(list, count, 0, plan_.limits_.values, Code::kLimit));
  STINT_TRY(plan_.constants_.Resize(count));
  uint64_t blob_end = 0;
  for (size_t i = 0; i < count; ++i) {
    STINT_TRY(
        ReadConstant(TableAt(root_->constants(), i), list[i], &blob_end, &plan_.constants_[i]));
  }
  STINT_TRY(CheckCount(Path("header.blob_bytes"), header_.blob_bytes, blob_end, blob_end));
  if (header_.blob_bytes == 0) return {};
  const auto address = reinterpret_cast<uintptr_t>(Blobs().data());
  return CheckCount(Path("blobs alignment"), address % kBlobAlignment, 0, 0);
}

Status PlanReader::ReadConstant(const schema::Constant& stored, const Path& path,
                                uint64_t* blob_end, PlanConstant* constant) const {
  STINT_TRY(CheckCount(path / "layout", stored.layout(), 0, kLayoutCount - 1));
  constant->layout = static_cast<Layout>(stored.layout());
  constant->hash = {stored.hash_low(), stored.hash_high()};
  if (stored.size() < kSmallestBlobBytes) return ReadInlined(stored, path, constant);

  STINT_TRY(CheckCount(path / "inlined", BytesIn(stored.inlined()).size(), 0, 0));
  STINT_TRY(CheckCount(path / "size", stored.size(), kSmallestBlobBytes, header_.blob_bytes));
  const uint64_t offset = AlignUp(*blob_end, AlignmentOfBlob(stored.size()));
  STINT_TRY(CheckCount(path / "offset", stored.offset(), offset, offset));
  if (offset > header_.blob_bytes || stored.size() > header_.blob_bytes - offset) {
    return Error(Code::kInvalid, path.text().c_str(),
                 "found %llu bytes at %llu, allowed those within the %llu of the section",
                 Unsigned{stored.size()}, Unsigned{offset}, Unsigned{header_.blob_bytes});
  }
  constant->bytes = Blobs().subspan(offset, stored.size());
  *blob_end = offset + stored.size();
  return {};
}

Status PlanReader::ReadInlined(const schema::Constant& stored, const Path& path,
                               PlanConstant* constant) const {
  const std::span<const uint8_t> bytes = BytesIn(stored.inlined());
  STINT_TRY(CheckCount(path / "offset", stored.offset(), 0, 0));
  STINT_TRY(CheckCount(path / "inlined", bytes.size(), stored.size(), stored.size()));
  if (bytes.empty()) return {};
  const auto position = static_cast<uint64_t>(bytes.data() - plan_.metadata_.data());
  STINT_TRY(CheckCount(path / "inlined alignment", position % kInlineAlignment, 0, 0));
  constant->bytes = bytes;
  return {};
}

Status PlanReader::ReadProperties() {
  const Path list("properties");
  const size_t count = SizeOf(root_->properties());
  STINT_TRY(plan_.properties_.Resize(count));
  for (size_t i = 0; i < count; ++i) {
    const schema::Property& stored = TableAt(root_->properties(), i);
    STINT_TRY(ReadName(stored.key(), list[i] / "key", &plan_.properties_[i].key));
    plan_.properties_[i].value = TextIn(stored.value());
  }
  return {};
}

Status PlanReader::Measure(Totals* totals) const {
  const Path list("functions");
  const size_t count = SizeOf(root_->functions());
  STINT_TRY(CheckCount(list, count, 1, UINT32_MAX));
  STINT_TRY(CheckCount(list, count, 1, plan_.limits_.functions, Code::kLimit));
  for (size_t i = 0; i < count; ++i) {
    STINT_TRY(MeasureFunction(TableAt(root_->functions(), i), list[i], totals));
  }
  return {};
}

Status PlanReader::MeasureFunction(const schema::Function& stored, const Path& path,
                                   Totals* totals) const {
  const Limits& limits = plan_.limits_;
  totals->ops += SizeOf(stored.ops());
  totals->values += SizeOf(stored.values()) + SizeOf(stored.views()) + SizeOf(stored.inputs()) +
                    SizeOf(stored.outputs()) + SizeOf(stored.forms());
  totals->expressions +=
      SizeOf(stored.expressions()) + SizeOf(stored.symbols()) + SizeOf(stored.checks());
  STINT_TRY(CheckCount(path / "ops", totals->ops, 0, limits.ops, Code::kLimit));
  STINT_TRY(CheckCount(path / "values", totals->values, 0, limits.values, Code::kLimit));
  STINT_TRY(
      CheckCount(path / "expressions", totals->expressions, 0, limits.expressions, Code::kLimit));
  const Path list = path / "ops";
  for (size_t i = 0; i < SizeOf(stored.ops()); ++i) {
    uint64_t attribute_bytes = 0;
    uint64_t uses = 0;
    STINT_TRY(MeasureOp(TableAt(stored.ops(), i), list[i], &attribute_bytes, &uses));
    totals->attribute_bytes += attribute_bytes;
    totals->uses += uses;
  }
  return CheckCount(list / "structures", totals->attribute_bytes + totals->uses * sizeof(PlanUse),
                    0, limits.structure_bytes, Code::kLimit);
}

Status PlanReader::ReadFunctions() {
  Totals totals;
  STINT_TRY(Measure(&totals));
  STINT_TRY(plan_.attribute_pool_.Resize(totals.attribute_bytes + kAttributeAlignment));
  STINT_TRY(plan_.use_pool_.Resize(totals.uses));
  const auto address = reinterpret_cast<uintptr_t>(plan_.attribute_pool_.data());
  OpRoom room = {plan_.attribute_pool_.data() + (AlignUp(address, kAttributeAlignment) - address),
                 plan_.use_pool_.data()};
  const Path list("functions");
  STINT_TRY(plan_.functions_.Resize(SizeOf(root_->functions())));
  AttributeScope scope;
  scope.constants = plan_.constants_.size();
  scope.functions = plan_.functions_.size();
  for (size_t i = 0; i < plan_.functions_.size(); ++i) {
    scope.function = i;
    const Path path = list[i];
    FunctionReader reader(TableAt(root_->functions(), i), path, plan_.constants(), scope, &room,
                          &plan_.functions_[i]);
    STINT_TRY(reader.Read());
  }
  return {};
}

}  // namespace stint
