#include "runtime/plan/header.h"

#include <cstring>

#include "runtime/base/checked.h"
#include "runtime/base/hash.h"

namespace stint {

namespace {

constexpr char kMagic[] = {'S', 'T', 'N', 'T'};

// Byte offsets of the header's fields.
enum : size_t {
  kVersionAt = 4,
  kHeaderBytesAt = 8,
  kMetadataBytesAt = 16,
  kBlobOffsetAt = 24,
  kBlobBytesAt = 32,
  kFileBytesAt = 40,
  kBlobCrcAt = 48,
  kReservedAt = 52,
};

template <typename T>
T LoadAt(std::span<const uint8_t> bytes, size_t offset) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(bytes[offset + i]) << (8 * i);
  return value;
}

template <typename T>
void StoreAt(T value, std::span<uint8_t> bytes, size_t offset) {
  for (size_t i = 0; i < sizeof(T); ++i) bytes[offset + i] = static_cast<uint8_t>(value >> (8 * i));
}

using Unsigned = unsigned long long;

Status NoPlan(std::span<const uint8_t> start) {
  if (start.empty()) return Error(Code::kInvalid, "header", "found an empty file, allowed a plan");
  // An ONNX file is a protobuf message whose first field is the IR version.
  if (start.size() > 2 && start[0] == 0x08 && start[1] < 0x20) {
    return Error(Code::kInvalid, "header",
                 "found what looks like an ONNX model, allowed a plan: compile it first");
  }
  char text[9] = {};
  std::memcpy(text, start.data(), start.size() < 8 ? start.size() : 8);
  return Error(Code::kInvalid, "header", "found a file that starts with '%s', allowed a plan: STNT",
               text);
}

Status CheckSections(const PlanHeader& header, const Limits& limits) {
  if (header.metadata_bytes > limits.metadata_bytes ||
      header.metadata_bytes > kLargestMetadataBytes) {
    return Error(Code::kLimit, "header.metadata_bytes", "found %llu, allowed %llu",
                 Unsigned{header.metadata_bytes},
                 Unsigned{limits.metadata_bytes < kLargestMetadataBytes ? limits.metadata_bytes
                                                                        : kLargestMetadataBytes});
  }
  const uint64_t blob_offset = BlobOffset(header.metadata_bytes, header.blob_bytes);
  if (header.blob_offset != blob_offset) {
    return Error(Code::kInvalid, "header.blob_offset", "found %llu, allowed %llu",
                 Unsigned{header.blob_offset}, Unsigned{blob_offset});
  }
  // No overflow: both are at most the file's size by now, or the sum is wrong.
  if (header.blob_bytes > header.file_bytes ||
      header.file_bytes - header.blob_bytes != header.blob_offset) {
    return Error(Code::kInvalid, "header.blob_bytes", "found %llu at %llu, allowed all up to %llu",
                 Unsigned{header.blob_bytes}, Unsigned{header.blob_offset},
                 Unsigned{header.file_bytes});
  }
  return {};
}

}  // namespace

uint64_t BlobOffset(uint64_t metadata_bytes, uint64_t blob_bytes) {
  const uint64_t end = kPlanHeaderBytes + metadata_bytes;
  return blob_bytes == 0 ? end : AlignUp(end, kBlobSectionAlignment);
}

void EncodeHeader(const PlanHeader& header, std::span<uint8_t> out) {
  std::memset(out.data(), 0, kPlanHeaderBytes);
  std::memcpy(out.data(), kMagic, sizeof(kMagic));
  StoreAt(kPlanFormatVersion, out, kVersionAt);
  StoreAt(static_cast<uint32_t>(kPlanHeaderBytes), out, kHeaderBytesAt);
  StoreAt(header.metadata_crc, out, kMetadataCrcAt);
  StoreAt(header.metadata_bytes, out, kMetadataBytesAt);
  StoreAt(header.blob_offset, out, kBlobOffsetAt);
  StoreAt(header.blob_bytes, out, kBlobBytesAt);
  StoreAt(header.file_bytes, out, kFileBytesAt);
  StoreAt(header.blob_crc, out, kBlobCrcAt);
}

void SealPlan(std::span<uint8_t> file) {
  const uint64_t blob_offset = LoadAt<uint64_t>(file, kBlobOffsetAt);
  if (blob_offset > file.size()) return;
  StoreAt(Crc32c(file.subspan(blob_offset)), file, kBlobCrcAt);
  StoreAt(uint32_t{0}, file, kMetadataCrcAt);
  StoreAt(Crc32c(file.first(blob_offset)), file, kMetadataCrcAt);
}

Status DecodeHeader(std::span<const uint8_t> start, uint64_t file_bytes, const Limits& limits,
                    PlanHeader* header) {
  if (start.size() < sizeof(kMagic) || std::memcmp(start.data(), kMagic, sizeof(kMagic)) != 0) {
    return NoPlan(start);
  }
  if (file_bytes < kPlanHeaderBytes || start.size() < kPlanHeaderBytes) {
    return Error(Code::kInvalid, "header", "found a plan truncated to %llu bytes, allowed %llu up",
                 Unsigned{file_bytes}, Unsigned{kPlanHeaderBytes});
  }
  if (const auto version = LoadAt<uint32_t>(start, kVersionAt); version != kPlanFormatVersion) {
    return Error(Code::kInvalid, "header.version",
                 "found plan format %u, allowed %u: compile the model again with this version",
                 version, kPlanFormatVersion);
  }
  if (const auto bytes = LoadAt<uint32_t>(start, kHeaderBytesAt); bytes != kPlanHeaderBytes) {
    return Error(Code::kInvalid, "header.header_bytes", "found %u, allowed %llu", bytes,
                 Unsigned{kPlanHeaderBytes});
  }
  for (size_t i = kReservedAt; i < kPlanHeaderBytes; ++i) {
    if (start[i] == 0) continue;
    return Error(Code::kInvalid, "header.reserved", "found %u, allowed 0", start[i]);
  }
  header->metadata_crc = LoadAt<uint32_t>(start, kMetadataCrcAt);
  header->blob_crc = LoadAt<uint32_t>(start, kBlobCrcAt);
  header->metadata_bytes = LoadAt<uint64_t>(start, kMetadataBytesAt);
  header->blob_offset = LoadAt<uint64_t>(start, kBlobOffsetAt);
  header->blob_bytes = LoadAt<uint64_t>(start, kBlobBytesAt);
  header->file_bytes = LoadAt<uint64_t>(start, kFileBytesAt);
  if (header->file_bytes != file_bytes) {
    return Error(Code::kInvalid, "header.file_bytes",
                 file_bytes < header->file_bytes
                     ? "found a plan truncated to %llu bytes, allowed %llu"
                     : "found %llu bytes, allowed %llu",
                 Unsigned{file_bytes}, Unsigned{header->file_bytes});
  }
  return CheckSections(*header, limits);
}

}  // namespace stint
