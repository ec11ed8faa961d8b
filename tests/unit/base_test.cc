// The base layer: errors, arrays, dims, hashes.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <string>

#include "runtime/base/array.h"
#include "runtime/base/checked.h"
#include "runtime/base/dim.h"
#include "runtime/base/dtype.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace stint {
namespace {

std::span<const uint8_t> BytesOfText(const char* text) {
  return {reinterpret_cast<const uint8_t*>(text), std::strlen(text)};
}

TEST_CASE("an error says where, what was found and what is allowed") {
  const Status status = Error(Code::kInvalid, "input 'x'", "found rank %d, allowed %d", 3, 4);
  CHECK_FALSE(status.ok());
  CHECK(status.code() == Code::kInvalid);
  CHECK(std::string(status.where()) == "input 'x'");
  CHECK(std::string(status.message()) == "found rank 3, allowed 4");
  CHECK(std::string(CodeName(status.code())) == "invalid");
}

TEST_CASE("an error escapes foreign bytes and stays one line") {
  const Status status = Error(Code::kInvalid, "a\nb\x1b[31m", "found %s, allowed text", "\xff\r");
  CHECK(std::string(status.where()) == "a\\x0ab\\x1b[31m");
  CHECK(std::string(status.message()) == "found \\xff\\x0d, allowed text");
}

TEST_CASE("an error cuts long texts") {
  const std::string text(10000, 'x');
  const Status status = Error(Code::kInvalid, text.c_str(), "%s", text.c_str());
  CHECK(std::strlen(status.where()) < 160);
  CHECK(std::strlen(status.message()) < 256);
}

TEST_CASE("an error seen from further out names both places") {
  Status status = Error(Code::kLimit, "ops[3]", "found 2, allowed 1");
  const Status outer = std::move(status).At("plan.stint");
  CHECK(outer.code() == Code::kLimit);
  CHECK(std::string(outer.where()) == "plan.stint: ops[3]");
}

TEST_CASE("an array grows, moves and keeps its elements") {
  Array<std::unique_ptr<int>> array;
  for (int i = 0; i < 100; ++i) REQUIRE(array.Push(std::make_unique<int>(i)).ok());
  const Array<std::unique_ptr<int>> moved = std::move(array);
  REQUIRE(moved.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(*moved[static_cast<size_t>(i)] == i);
}

TEST_CASE("an array that cannot be allocated is a limit error and stays as it was") {
  Array<uint64_t> array;
  REQUIRE(array.Push(7).ok());
  CHECK(array.Reserve(SIZE_MAX / 4).code() == Code::kLimit);
  CHECK(array.size() == 1);
  CHECK(array[0] == 7);
}

TEST_CASE("text is copied and terminated") {
  Result<Text> text = Text::Copy("stint");
  REQUIRE(text.ok());
  CHECK(std::string(text->c_str()) == "stint");
  CHECK(text->size() == 5);
}

TEST_CASE("dtype names are found again") {
  for (int i = 1; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    CHECK(DTypeFromName(NameOf(dtype)) == dtype);
    CHECK(BytesOf(dtype) > 0);
  }
  CHECK(DTypeFromName("float12") == DType::kNone);
  CHECK(BytesOf(static_cast<DType>(200)) == 0);
}

TEST_CASE("integer dims compute exactly") {
  IntegerDims dims;
  CHECK(dims.Add(2, 3) == Dim(5));
  CHECK(dims.FloorDiv(-7, 2) == Dim(-4));
  CHECK(dims.CeilDiv(7, 2) == Dim(4));
  CHECK(dims.Apply(DimOp::kTruncDiv, -7, 2, 0) == Dim(-3));
  CHECK(dims.Mod(-7, 3) == Dim(2));
  CHECK(dims.Mod(INT64_MAX, -4940139457486236780) == Dim(-656906878117697753));
  CHECK(dims.Broadcast(1, 5) == Dim(5));
  CHECK(dims.Broadcast(0, 1) == Dim(0));
  CHECK(dims.Select(dims.Less(1, 2), 10, 20) == Dim(10));
  CHECK(dims.ok());
}

TEST_CASE("reals are dims that hold the bits of a float64") {
  IntegerDims integers;
  DimContext& dims = integers;
  CHECK(dims.Apply(DimOp::kRealDiv, dims.ToReal(7), 2.0).value() == 3.5);
  CHECK(dims.Floor(-0.5) == Dim(-1));
  CHECK(dims.Ceil(2.5) == Dim(3));
  CHECK(dims.Ceil(-3.0) == Dim(-3));
  CHECK(Real::FromBits(dims.Apply(DimOp::kFloat32, Real(0.1).bits(), 0, 0)).value() ==
        static_cast<double>(0.1F));
  CHECK(Real(-0.0) == Real(0.0));
  CHECK(Real(-5e-324) == Real(0.0));
  CHECK(Real(-1e-300).value() == -1e-300);
  CHECK(Real(-HUGE_VAL).is_constant());
  CHECK(Real(NAN) == Real(-NAN));
  CHECK(std::isnan(dims.Apply(DimOp::kRealMin, 1.0, NAN).value()));
  CHECK(std::isnan(dims.Apply(DimOp::kRealMax, NAN, 1.0).value()));
  CHECK(dims.ok());
}

TEST_CASE("a real without an integer below it is an error") {
  for (const double real : {static_cast<double>(NAN), HUGE_VAL, -HUGE_VAL, 0x1p63, -1e300}) {
    IntegerDims dims;
    dims.Floor(real);
    CHECK(dims.TakeStatus().code() == Code::kInvalid);
  }
}

TEST_CASE("integer dims keep the first error") {
  IntegerDims dims;
  dims.Mul(INT64_MAX, 2);
  dims.FloorDiv(1, 0);
  const Status status = dims.TakeStatus();
  CHECK(status.code() == Code::kInvalid);
  CHECK(std::string(status.message()).find("mul") != std::string::npos);
  CHECK(dims.ok());
  dims.Broadcast(2, 3);
  CHECK(dims.TakeStatus().code() == Code::kInvalid);
  dims.Apply(DimOp::kAdd, Dim::Expression(1), 2, 0);
  CHECK(dims.TakeStatus().code() == Code::kInternal);
  dims.Require(1, 2, "rule");
  CHECK(std::string(dims.TakeStatus().message()).find("rule") != std::string::npos);
}

TEST_CASE("constants and expressions are told apart over the whole range") {
  CHECK(Dim(Dim::kSmallestConstant).is_constant());
  CHECK_FALSE(Dim::Expression(0xffffffff).is_constant());
  CHECK(Dim::Expression(0xffffffff).expression() == 0xffffffff);
  CHECK(Dim(INT64_MAX).constant() == INT64_MAX);
}

TEST_CASE("CRC-32C gives the published check values and continues") {
  CHECK(Crc32c(BytesOfText("123456789")) == 0xe3069283);
  CHECK(Crc32c(BytesOfText("")) == 0);
  CHECK(Crc32c(BytesOfText("456789"), Crc32c(BytesOfText("123"))) == 0xe3069283);
}

TEST_CASE("the content hash gives the published value and depends on every byte") {
  const Hash128 hash = HashBytes(BytesOfText("The quick brown fox jumps over the lazy dog"));
  CHECK(hash.low == 0xe34bbc7bbc071b6cU);
  CHECK(hash.high == 0x7a433ca9c49a9347U);
  std::string text(40, 'a');
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = 'b';
    CHECK_FALSE(HashBytes(BytesOfText(changed.c_str())) == HashBytes(BytesOfText(text.c_str())));
  }
}

TEST_CASE("checked integers") {
  int64_t out = 0;
  CHECK(CheckedMul<int64_t>(1 << 20, 1 << 20, &out));
  CHECK(out == int64_t{1} << 40);
  CHECK_FALSE(CheckedMul<int64_t>(INT64_MAX, 2, &out));
  CHECK_FALSE(CheckedAdd<int64_t>(INT64_MAX, 1, &out));
  CHECK_FALSE(CheckedSub<uint64_t>(0, 1, reinterpret_cast<uint64_t*>(&out)));
  CHECK(AlignUp(65, 64) == 128);
  CHECK(AlignUp(64, 64) == 64);
}

}  // namespace
}  // namespace stint
