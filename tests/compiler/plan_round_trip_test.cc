// What is written is what is loaded, the same description gives the same bytes, and constants lie
// where the format says.
#include <catch2/catch.hpp>
#include <string>

#include "runtime/ops/map.h"
#include "tests/compiler/plan_testing.h"

namespace stint::compiler {

namespace {

// Of the bytes of SmallPlan when format version 0 was made: a change here changes the format.
constexpr size_t kGoldenSize = 1120;
constexpr Hash128 kGoldenHash = {0x5a4037f86e9a7e39, 0xe3e7d98700b90df4};

std::unique_ptr<Plan> LoadPlan(std::span<const uint8_t> bytes) {
  auto plan = Plan::FromMemory(bytes, Limits(), Verify::kAll);
  INFO(plan.status().where() << ": " << plan.status().message());
  REQUIRE(plan.ok());
  return std::move(*plan);
}

TEST_CASE("A loaded plan holds what was described", "[plan]") {
  const PlanDescription description = SmallPlan();
  AlignedBytes bytes = BytesOf(description);
  const auto plan = LoadPlan(bytes.span());

  CHECK(plan->producer() == "test");
  CHECK(plan->min_runtime() == "0.1.0");
  REQUIRE(plan->properties().size() == 1);
  CHECK(plan->properties()[0].key == "author");
  CHECK(plan->properties()[0].value == "nobody");
  REQUIRE(plan->functions().size() == 1);
  const PlanFunction& function = plan->main();
  CHECK(function.name == "main");
  REQUIRE(function.inputs.size() == 1);
  CHECK(function.inputs[0] == 0);
  REQUIRE(function.symbols.size() == 1);
  CHECK(function.symbols[0].name == "batch");
  REQUIRE(function.expressions.size() == 2);
  CHECK(function.expressions[1].op == DimOp::kMul);
  CHECK(function.expressions[1].a == Dim::Expression(0));
  CHECK(function.expressions[1].b == Dim(2));
  REQUIRE(function.checks.size() == 1);
  REQUIRE(function.views.size() == 1);
  CHECK(function.views[0].extents[0] == Dim::Expression(1));
  CHECK(function.views[0].strides[0] == Dim(1));
  REQUIRE(function.region_sizes.size() == 1);
  CHECK(function.region_sizes[0] == 2);
  REQUIRE(function.outputs.size() == 1);
  CHECK(function.outputs[0].value == 3);
  CHECK(function.outputs[0].view == 0);
  CHECK(function.output_names[0] == "y");
}

TEST_CASE("Loaded values, ops and attributes are typed", "[plan]") {
  const PlanDescription description = SmallPlan();
  AlignedBytes bytes = BytesOf(description);
  const auto plan = LoadPlan(bytes.span());
  const PlanFunction& function = plan->main();

  REQUIRE(function.values.size() == 4);
  CHECK(function.values[0].is_input);
  CHECK(function.values[0].extents[0] == Dim::Expression(0));
  CHECK(function.values[1].name == "w");
  CHECK(function.values[1].constant == 0);
  CHECK_FALSE(function.values[1].is_input);
  REQUIRE(plan->constants().size() == 1);
  const std::span<const uint8_t> weights = plan->constants()[0].bytes;
  CHECK(std::equal(weights.begin(), weights.end(), description.constants[0].bytes.begin(),
                   description.constants[0].bytes.end()));
  CHECK(reinterpret_cast<uintptr_t>(weights.data()) % 16 == 0);
  REQUIRE(function.ops.size() == 2);
  CHECK(function.ops[0].info->kind == OpKind::kMatMul);
  CHECK(function.ops[0].name == "/fc/MatMul");
  REQUIRE(function.ops[0].operands.size() == 2);
  CHECK(function.ops[0].operands[1].value == 1);
  REQUIRE(function.ops[0].results.size() == 1);
  CHECK(function.ops[0].results[0].value == 2);
  const auto& map = *static_cast<const MapAttributes*>(function.ops[1].attributes);
  CHECK(map.program == description.functions[0].ops[1].attributes.as<MapAttributes>().program);
  CHECK(map.has_extents == 0);
}

TEST_CASE("The same description gives the same bytes as ever", "[plan]") {
  AlignedBytes once = BytesOf(SmallPlan());
  AlignedBytes twice = BytesOf(SmallPlan());
  REQUIRE(
      std::equal(once.span().begin(), once.span().end(), twice.span().begin(), twice.span().end()));
  const Hash128 hash = HashBytes(once.span());
  CHECK(once.span().size() == kGoldenSize);
  CHECK(hash.low == kGoldenHash.low);
  CHECK(hash.high == kGoldenHash.high);
}

TEST_CASE("Blobs are aligned and equal constants stored once", "[plan]") {
  std::vector<uint8_t> storage;
  PlanDescription description = PlanWithBlobs(&storage);
  AlignedBytes single = BytesOf(description);
  description.constants.push_back(description.constants[1]);
  description.functions[0].values.push_back({"again", DType::kUInt8, {100}, 3});
  AlignedBytes bytes = BytesOf(description);
  const auto plan = LoadPlan(bytes.span());

  REQUIRE(plan->constants().size() == 3);
  CHECK(plan->main().values[6].constant == 1);
  CHECK(bytes.span().size() == single.span().size());
  CHECK(plan->constants()[1].bytes.data() - bytes.span().data() == 16384);
  CHECK(plan->constants()[2].bytes.data() - bytes.span().data() == 16384 + 4096);
  CHECK(plan->weights_bytes() == 32 + 100 + kLargeBlob);
  CHECK(std::equal(storage.begin(), storage.begin() + kLargeBlob,
                   plan->constants()[2].bytes.begin()));
}

TEST_CASE("Attributes that hold their default take no room", "[plan]") {
  PlanDescription description = SmallPlan();
  auto& map = description.functions[0].ops[1].attributes.as<MapAttributes>();
  const size_t size = BytesOf(description).span().size();
  map.has_extents = 1;
  CHECK(BytesOf(description).span().size() > size);
  map.has_extents = 0;
  CHECK(BytesOf(description).span().size() == size);
}

}  // namespace

}  // namespace stint::compiler
