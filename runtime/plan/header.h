// The fixed header in front of a plan's metadata, and where the sections of a plan file lie.
//
// A file is header, metadata, zero bytes up to the blob section, blob section; nothing else. All
// numbers are little-endian. docs/plan-format.md has the table.
#ifndef STINT_RUNTIME_PLAN_HEADER_H_
#define STINT_RUNTIME_PLAN_HEADER_H_

#include <cstdint>
#include <span>

#include "runtime/base/status.h"
#include "runtime/plan/limits.h"

namespace stint {

inline constexpr uint32_t kPlanFormatVersion = 0;
inline constexpr uint64_t kPlanHeaderBytes = 64;
// The blob section starts on a multiple of kBlobSectionAlignment. Each constant in it starts at the
// first multiple of its alignment after the one before it.
inline constexpr uint64_t kBlobSectionAlignment = 16384;
inline constexpr uint64_t kBlobAlignment = 64;
inline constexpr uint64_t kLargeBlobAlignment = 4096;
inline constexpr uint64_t kLargeBlobBytes = uint64_t{1} << 20;
// Smaller constants are inlined in the metadata.
inline constexpr uint64_t kSmallestBlobBytes = 64;
inline constexpr uint64_t kInlineAlignment = 16;
// FlatBuffers addresses 31 bits.
inline constexpr uint64_t kLargestMetadataBytes = (uint64_t{1} << 31) - 1;

constexpr uint64_t AlignmentOfBlob(uint64_t bytes) {
  return bytes >= kLargeBlobBytes ? kLargeBlobAlignment : kBlobAlignment;
}

// The checksum of header and metadata, which is taken with its own bytes as zero.
inline constexpr uint64_t kMetadataCrcAt = 12;

struct PlanHeader {
  uint32_t metadata_crc = 0;  // CRC-32C of all before the blob section, this field taken as zero.
  uint32_t blob_crc = 0;      // CRC-32C of the blob section.
  uint64_t metadata_bytes = 0;
  uint64_t blob_offset =
      0;  // From the file's start; the end of the metadata if there are no blobs.
  uint64_t blob_bytes = 0;
  uint64_t file_bytes = 0;
};

// Where the blob section of a plan starts.
uint64_t BlobOffset(uint64_t metadata_bytes, uint64_t blob_bytes);

// Writes the header to the first kPlanHeaderBytes of `out`.
void EncodeHeader(const PlanHeader& header, std::span<uint8_t> out);

// Sets the header's checksums in `file`, a whole plan whose other bytes are final.
void SealPlan(std::span<uint8_t> file);

// Reads the header of a file of `file_bytes` bytes whose first min(file_bytes, kPlanHeaderBytes)
// are `start`. The sections are checked to fill the file; checksums are not. kInvalid: no plan, a
// plan of another format version, a truncated or a lengthened one; kLimit: beyond `limits`.
Status DecodeHeader(std::span<const uint8_t> start, uint64_t file_bytes, const Limits& limits,
                    PlanHeader* header);

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_HEADER_H_
