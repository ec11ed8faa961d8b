// Loading plans in each way, and what a loaded plan says.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/api/api_testing.h"
#include "tests/api/plans.h"

namespace stint::testing {

namespace {

struct Source {
  std::vector<uint8_t> bytes;
  int fail_after = -1;  // Calls.
  int calls = 0;
};

int ReadSource(void* user, uint64_t offset, void* to, size_t size) {
  auto& source = *static_cast<Source*>(user);
  if (source.calls++ == source.fail_after) return 5;
  std::memcpy(to, source.bytes.data() + offset, size);
  return 0;
}

stint_reader ReaderOf(Source& source) {
  return {sizeof(stint_reader), 0, source.bytes.size(), &source, &ReadSource};
}

TEST_CASE("A plan says what its inputs, outputs, ops and properties are", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  REQUIRE(stint_plan_input_count(plan.get()) == 1);
  REQUIRE(stint_plan_output_count(plan.get()) == 1);
  stint_tensor_info input = STINT_TENSOR_INFO_INIT;
  REQUIRE(stint_plan_input(plan.get(), 0, &input, nullptr) == STINT_OK);
  CHECK(input.dtype == STINT_FLOAT32);
  CHECK(std::string(input.name, input.name_size) == "v0");
  CHECK(input.rank == 2);
  CHECK(input.optional == 0);
  CHECK(input.shape[0] == -1);
  CHECK(input.shape[1] == 2);
  CHECK(std::string(input.symbols[0]) == "s0");
  CHECK(input.symbols[1] == nullptr);
  CHECK(input.symbol_numbers[0] == 1);
  CHECK(input.symbol_numbers[1] == 0);
  stint_tensor_info output = STINT_TENSOR_INFO_INIT;
  REQUIRE(stint_plan_output(plan.get(), 0, &output, nullptr) == STINT_OK);
  CHECK(std::string(output.name) == "out0");
  CHECK(std::string(output.symbols[0]) == "s0");
  CHECK(output.symbol_numbers[0] == 1);
  size_t index = 7;
  CHECK(stint_plan_find_input(plan.get(), "v0", &index, nullptr) == STINT_OK);
  CHECK(index == 0);
  CHECK(stint_plan_find_output(plan.get(), "out0", &index, nullptr) == STINT_OK);
  CHECK(stint_plan_find_output(plan.get(), "v0", &index, nullptr) == STINT_ERROR_INVALID);
  REQUIRE(stint_plan_property_count(plan.get()) == 1);
  stint_property property = STINT_PROPERTY_INIT;
  REQUIRE(stint_plan_property(plan.get(), 0, &property, nullptr) == STINT_OK);
  CHECK(std::string(property.key, property.key_size) == "author");
  CHECK(std::string(property.value, property.value_size) == "a test");
  stint_plan_info info = STINT_PLAN_INFO_INIT;
  REQUIRE(stint_plan_get_info(plan.get(), &info, nullptr) == STINT_OK);
  CHECK(std::string(info.producer) == "test");
  CHECK(std::string(info.min_runtime) == "0.1.0");
  CHECK(info.file_bytes == ProductPlan().size());
  CHECK(info.weights_bytes == 16);
  REQUIRE(info.ops == 2);
  CHECK(info.regions == 1);
  CHECK(info.golden_pairs == 0);
  CHECK(info.golden_bytes == 0);
  stint_op_info op = STINT_OP_INFO_INIT;
  REQUIRE(stint_plan_op(plan.get(), 1, &op, nullptr) == STINT_OK);
  CHECK(std::string(op.kind) == "Map");
  CHECK(std::string(op.name) == "op1");
}

TEST_CASE("Golden pairs are counted, and their bytes", "[api]") {
  const PlanHandle plan = LoadPlan(GoldenPlan());
  stint_plan_info info = STINT_PLAN_INFO_INIT;
  REQUIRE(stint_plan_get_info(plan.get(), &info, nullptr) == STINT_OK);
  CHECK(info.golden_pairs == 2);
  CHECK(info.golden_bytes == 8);
  CHECK(info.weights_bytes == 8);
}

TEST_CASE("An input with a default is optional", "[api]") {
  const PlanHandle plan = LoadPlan(DefaultPlan());
  stint_tensor_info input = STINT_TENSOR_INFO_INIT;
  REQUIRE(stint_plan_input(plan.get(), 1, &input, nullptr) == STINT_OK);
  CHECK(input.optional == 1);
}

TEST_CASE("A plan from a file, from borrowed memory and from a reader is the same", "[api]") {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("stint-api-" + std::to_string(reinterpret_cast<uintptr_t>(&ProductPlan)));
  std::filesystem::create_directory(folder);
  const std::string path = folder / "product.stint";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(ProductPlan().data()),
             static_cast<std::streamsize>(ProductPlan().size()));
  stint_plan* opened = nullptr;
  Failure failure;
  stint_plan_open(path.c_str(), nullptr, &opened, &failure.error);
  std::filesystem::remove_all(folder);
  CHECK(failure.text() == "");
  const PlanHandle from_file(opened);

  const size_t size = ProductPlan().size();
  const std::unique_ptr<void, decltype(&std::free)> memory(
      std::aligned_alloc(64, (size + 63) / 64 * 64), &std::free);
  std::memcpy(memory.get(), ProductPlan().data(), size);
  stint_plan* borrowed = nullptr;
  stint_plan_from_memory(memory.get(), size, nullptr, &borrowed, &failure.error);
  CHECK(failure.text() == "");
  const PlanHandle from_memory(borrowed);

  Source source{ProductPlan()};
  const stint_reader reader = ReaderOf(source);
  stint_plan* read = nullptr;
  stint_plan_read(&reader, nullptr, &read, &failure.error);
  CHECK(failure.text() == "");
  const PlanHandle from_reader(read);

  for (const stint_plan* plan : {opened, borrowed, read}) {
    const SessionHandle session = MakeSession(plan);
    std::vector<float> x = {1, 1};
    const stint_tensor input = View(x, {1, 2});
    REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
    CHECK(OutputOf(session.get()) == std::vector<float>{-4, -6});
  }
}

TEST_CASE("A reader that fails is an I/O error with its number", "[api]") {
  Source source{ProductPlan(), 0};
  const stint_reader reader = ReaderOf(source);
  stint_plan* plan = nullptr;
  Failure failure;
  CHECK(stint_plan_read(&reader, nullptr, &plan, &failure.error) == STINT_ERROR_IO);
  CHECK(failure.text() == "reader: found error 5 at byte 0, allowed 0");
  CHECK(plan == nullptr);
}

TEST_CASE("Limits hold for each way of loading, before anything is read", "[api]") {
  stint_limits limits = STINT_LIMITS_INIT;
  limits.file_bytes = 100;
  stint_plan_options options = STINT_PLAN_OPTIONS_INIT;
  options.limits = &limits;
  options.flags = STINT_PLAN_COPY;
  stint_plan* plan = nullptr;
  Source source{ProductPlan()};
  const stint_reader reader = ReaderOf(source);
  const auto& bytes = ProductPlan();
  CHECK(stint_plan_from_memory(bytes.data(), bytes.size(), &options, &plan, nullptr) ==
        STINT_ERROR_LIMIT);
  CHECK(stint_plan_read(&reader, &options, &plan, nullptr) == STINT_ERROR_LIMIT);
  CHECK(source.calls == 0);
  limits.file_bytes = 0;
  limits.ops = 1;
  CHECK(stint_plan_read(&reader, &options, &plan, nullptr) == STINT_ERROR_LIMIT);
  CHECK(plan == nullptr);
}

TEST_CASE("Damage, foreign files and missing files are told apart", "[api]") {
  std::vector<uint8_t> bytes = ProductPlan();
  bytes[bytes.size() - 1] ^= 1;
  stint_plan* plan = nullptr;
  stint_plan_options options = STINT_PLAN_OPTIONS_INIT;
  options.flags = STINT_PLAN_COPY;
  CHECK(stint_plan_from_memory(bytes.data(), bytes.size(), &options, &plan, nullptr) ==
        STINT_ERROR_INVALID);
  CHECK(stint_plan_from_memory("no plan", 7, &options, &plan, nullptr) == STINT_ERROR_INVALID);
  CHECK(stint_plan_open("/nonexistent/x.stint", nullptr, &plan, nullptr) == STINT_ERROR_IO);
  CHECK(stint_plan_open("/", nullptr, &plan, nullptr) == STINT_ERROR_IO);
  CHECK(plan == nullptr);
}

}  // namespace

}  // namespace stint::testing
