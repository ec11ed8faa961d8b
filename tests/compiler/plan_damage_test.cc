// Damaged files: whatever is cut, flipped, appended or forged, the loader says so in one line.
#include <catch2/catch.hpp>
#include <cstring>
#include <string>

#include "runtime/plan/header.h"
#include "tests/compiler/plan_testing.h"

namespace stint::compiler {

namespace {

bool Contains(const char* text, const char* part) { return std::strstr(text, part) != nullptr; }

void CheckRefused(std::span<const uint8_t> bytes, Code code, const char* message,
                  Verify verify = Verify::kAll, const Limits& limits = {}) {
  const Status status = Load(bytes, verify, limits);
  INFO(status.where() << ": " << status.message() << " (expected: " << message << ")");
  CHECK(status.code() == code);
  CHECK(Contains(status.message(), message));
}

std::span<const uint8_t> BytesOfText(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Counts what is accepted of all files that differ from `bytes` in one bit of [first, last).
int CountAcceptedFlips(std::span<uint8_t> bytes, size_t first, size_t last, int bits) {
  int accepted = 0;
  for (size_t i = first; i < last; ++i) {
    for (int bit = 0; bit < bits; ++bit) {
      bytes[i] ^= static_cast<uint8_t>(1 << bit);
      accepted += Load(bytes).code() == Code::kOk ? 1 : 0;
      bytes[i] ^= static_cast<uint8_t>(1 << bit);
    }
  }
  return accepted;
}

TEST_CASE("Files that are no plans are named as what they are", "[plan]") {
  CheckRefused({}, Code::kInvalid, "found an empty file");
  CheckRefused(BytesOfText("import numpy"), Code::kInvalid, "starts with 'import n'");
  CheckRefused(BytesOfText("\x08\x07\x12\x07pytorch"), Code::kInvalid, "ONNX model");
  CheckRefused(BytesOfText("STN"), Code::kInvalid, "starts with 'STN'");
  CheckRefused(BytesOfText("STNT"), Code::kInvalid, "truncated to 4 bytes");
}

TEST_CASE("A plan cut at any byte is refused", "[plan]") {
  AlignedBytes bytes = BytesOf(SmallPlan());
  for (size_t size = 0; size < bytes.span().size(); ++size) {
    const Status status = Load(bytes.span().first(size));
    INFO(size);
    REQUIRE(status.code() == Code::kInvalid);
    if (size >= 4) REQUIRE(Contains(status.message(), "truncated"));
  }
}

TEST_CASE("Every single bit of a plan counts", "[plan]") {
  AlignedBytes bytes = BytesOf(SmallPlan());
  REQUIRE(Load(bytes.span()).ok());
  CHECK(CountAcceptedFlips(bytes.span(), 0, bytes.span().size(), 8) == 0);
}

TEST_CASE("Every bit of blobs and of padding counts", "[plan]") {
  std::vector<uint8_t> storage;
  PlanDescription description = PlanWithBlobs(&storage);
  description.functions[0].values.pop_back();
  description.constants.pop_back();
  AlignedBytes bytes = BytesOf(description);
  REQUIRE(Load(bytes.span()).ok());
  CHECK(CountAcceptedFlips(bytes.span(), kBlobSectionAlignment, bytes.span().size(), 8) == 0);
  CHECK(CountAcceptedFlips(bytes.span(), kBlobSectionAlignment - 512, kBlobSectionAlignment, 1) ==
        0);
}

TEST_CASE("Bytes after a plan are refused", "[plan]") {
  AlignedBytes bytes = BytesOf(SmallPlan());
  std::vector<uint8_t> longer(bytes.span().begin(), bytes.span().end());
  longer.push_back(0);
  CheckRefused(AlignedBytes(longer).span(), Code::kInvalid, "bytes, allowed");
}

TEST_CASE("Another format version is refused in one helpful sentence", "[plan]") {
  AlignedBytes bytes = BytesOf(SmallPlan());
  bytes.span()[4] = 1;
  SealPlan(bytes.span());
  CheckRefused(bytes.span(), Code::kInvalid, "found plan format 1, allowed 0: compile");
}

TEST_CASE("Header fields that contradict each other are refused", "[plan]") {
  struct Case {
    size_t offset;
    uint8_t value;
    Code code;
    const char* message;
  };
  const Case cases[] = {
      {8, 65, Code::kInvalid, "allowed 64"},         {19, 0xff, Code::kLimit, "allowed 268435456"},
      {23, 0xff, Code::kLimit, "allowed 268435456"}, {24, 1, Code::kInvalid, "found"},
      {31, 0x80, Code::kInvalid, "found"},           {32, 1, Code::kInvalid, "found"},
      {39, 0xff, Code::kInvalid, "found"},           {47, 0xff, Code::kInvalid, "truncated"},
      {52, 1, Code::kInvalid, "allowed 0"},          {63, 1, Code::kInvalid, "allowed 0"}};
  for (const Case& item : cases) {
    AlignedBytes bytes = BytesOf(SmallPlan());
    bytes.span()[item.offset] = item.value;
    INFO(item.offset);
    CheckRefused(bytes.span(), item.code, item.message);
  }
}

TEST_CASE("Padding that is not zero is refused even under a right checksum", "[plan]") {
  std::vector<uint8_t> storage;
  AlignedBytes bytes = BytesOf(PlanWithBlobs(&storage));
  bytes.span()[kBlobSectionAlignment - 1] = 1;
  SealPlan(bytes.span());
  CheckRefused(bytes.span(), Code::kInvalid, "padding");
  bytes.span()[kBlobSectionAlignment - 1] = 0;
  bytes.span()[kBlobSectionAlignment + 101] = 1;
  SealPlan(bytes.span());
  CheckRefused(bytes.span(), Code::kInvalid, "padding");
}

TEST_CASE("Blob bytes are read under kAll only", "[plan]") {
  std::vector<uint8_t> storage;
  AlignedBytes bytes = BytesOf(PlanWithBlobs(&storage));
  bytes.span()[kBlobSectionAlignment + 3] ^= 1;
  CheckRefused(bytes.span(), Code::kInvalid, "checksum");
  CHECK(Load(bytes.span(), Verify::kMetadata).ok());
  SealPlan(bytes.span());
  CheckRefused(bytes.span(), Code::kInvalid, "another hash");
}

TEST_CASE("A plan in memory whose constants are not aligned is refused", "[plan]") {
  std::vector<uint8_t> storage;
  AlignedBytes bytes = BytesOf(PlanWithBlobs(&storage));
  std::vector<uint8_t> shifted(bytes.span().size() + 128);
  AlignedBytes room(shifted);
  std::memcpy(room.span().data() + 4, bytes.span().data(), bytes.span().size());
  const Status status = Load(room.span().subspan(4, bytes.span().size()));
  CHECK(status.code() == Code::kInvalid);
  CHECK(Contains(status.where(), "alignment"));
}

TEST_CASE("Limits bound what a loader accepts", "[plan]") {
  AlignedBytes bytes = BytesOf(SmallPlan());
  const auto check = [&](auto member, auto value) {
    Limits limits;
    limits.*member = value;
    CHECK(Load(bytes.span(), Verify::kAll, limits).code() == Code::kLimit);
  };
  check(&Limits::file_bytes, uint64_t{100});
  check(&Limits::metadata_bytes, uint64_t{100});
  check(&Limits::structure_bytes, uint64_t{100});
  check(&Limits::functions, uint32_t{0});
  check(&Limits::ops, uint32_t{1});
  check(&Limits::values, uint32_t{3});
  check(&Limits::expressions, uint32_t{3});
}

TEST_CASE("Broken FlatBuffers data under a right checksum is refused or harmless", "[plan]") {
  AlignedBytes bytes = BytesOf(SmallPlan());
  int refused = 0;
  for (size_t i = kPlanHeaderBytes; i < bytes.span().size(); ++i) {
    for (const uint8_t value : {uint8_t{0x00}, uint8_t{0x7f}, uint8_t{0xff}}) {
      AlignedBytes damaged(bytes.span());
      damaged.span()[i] = value;
      SealPlan(damaged.span());
      refused += Load(damaged.span()).ok() ? 0 : 1;
    }
  }
  CHECK(refused > 0);
}

}  // namespace

}  // namespace stint::compiler
