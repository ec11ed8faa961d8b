// Hostile arguments: each is an error with a text, none a crash.
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/api/api_testing.h"
#include "tests/api/plans.h"

namespace stint::testing {

namespace {

TEST_CASE("Every call refuses NULL where it needs something", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  Failure failure;
  stint_error* const error = &failure.error;
  const auto refuses = [&](stint_code code, const char* where) {
    CHECK(code == STINT_ERROR_INVALID);
    CHECK(failure.text() == std::string(where) + ": found NULL, allowed an address");
  };
  stint_plan* loaded = nullptr;
  refuses(stint_plan_open(nullptr, nullptr, &loaded, error), "path");
  refuses(stint_plan_open("x", nullptr, nullptr, error), "plan");
  refuses(stint_plan_from_memory(nullptr, 3, nullptr, &loaded, error), "bytes");
  refuses(stint_plan_from_memory("abc", 3, nullptr, nullptr, error), "plan");
  refuses(stint_plan_read(nullptr, nullptr, &loaded, error), "reader");
  const stint_reader reader = {sizeof(reader), 0, 10, nullptr, nullptr};
  refuses(stint_plan_read(&reader, nullptr, &loaded, error), "stint_reader: read");
  stint_plan_info plan_info = STINT_PLAN_INFO_INIT;
  refuses(stint_plan_get_info(nullptr, &plan_info, error), "plan");
  refuses(stint_plan_get_info(plan.get(), nullptr, error), "stint_plan_info");
  stint_tensor_info tensor_info = STINT_TENSOR_INFO_INIT;
  refuses(stint_plan_input(nullptr, 0, &tensor_info, error), "plan");
  refuses(stint_plan_input(plan.get(), 0, nullptr, error), "stint_tensor_info");
  refuses(stint_plan_output(nullptr, 0, &tensor_info, error), "plan");
  refuses(stint_plan_output(plan.get(), 0, nullptr, error), "stint_tensor_info");
  size_t index = 0;
  refuses(stint_plan_find_input(nullptr, "x", &index, error), "plan");
  refuses(stint_plan_find_input(plan.get(), nullptr, &index, error), "name");
  refuses(stint_plan_find_output(plan.get(), "x", nullptr, error), "index");
  refuses(stint_plan_property(plan.get(), 0, nullptr, error), "stint_property");
  refuses(stint_plan_op(nullptr, 0, nullptr, error), "plan");
  stint_device* device = nullptr;
  refuses(stint_device_open(nullptr, nullptr, &device, error), "name");
  refuses(stint_device_open("cpu", nullptr, nullptr, error), "device");
  refuses(stint_device_check_name(nullptr, error), "name");
  refuses(stint_device_get_info(nullptr, nullptr, error), "device");
  refuses(stint_device_get_counters(nullptr, nullptr, error), "device");
  refuses(stint_device_rules(nullptr, nullptr, nullptr, error), "device");
  refuses(stint_list_devices(nullptr, nullptr, error), "visit");
  stint_session* made = nullptr;
  refuses(stint_session_create(nullptr, nullptr, &made, error), "plan");
  refuses(stint_session_create(plan.get(), nullptr, nullptr, error), "session");
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.device_count = 1;
  refuses(stint_session_create(plan.get(), &options, &made, error), "devices");
  options.devices = &device;
  refuses(stint_session_create(plan.get(), &options, &made, error), "devices");
  refuses(stint_session_prepare(nullptr, nullptr, 0, error), "session");
  refuses(stint_session_prepare(session.get(), nullptr, 1, error), "inputs");
  refuses(stint_session_run(nullptr, nullptr, 0, nullptr, error), "session");
  refuses(stint_session_run(session.get(), nullptr, 1, nullptr, error), "inputs");
  refuses(stint_session_run_async(nullptr, nullptr, 0, nullptr, nullptr, nullptr, error),
          "session");
  refuses(stint_session_wait(nullptr, error), "session");
  refuses(stint_session_output(session.get(), 0, nullptr, error), "output");
  refuses(stint_session_bind_output(nullptr, 0, nullptr, error), "session");
  refuses(stint_session_bind_state(nullptr, 0, 0, nullptr, error), "session");
  refuses(stint_session_reset_state(nullptr, error), "session");
  refuses(stint_session_placement(nullptr, 0, nullptr, error), "session");
  refuses(stint_session_step(nullptr, 0, nullptr, error), "session");
  refuses(stint_session_group(nullptr, 0, nullptr, error), "session");
  refuses(stint_session_refusal(nullptr, 0, nullptr, error), "session");
  refuses(stint_session_get_statistics(nullptr, nullptr, error), "session");
  CHECK((loaded == nullptr && made == nullptr));
  // What has nothing to say about NULL takes it.
  stint_plan_destroy(nullptr);
  stint_device_destroy(nullptr);
  stint_session_destroy(nullptr);
  stint_session_cancel(nullptr);
  CHECK(stint_plan_input_count(nullptr) == 0);
  CHECK(stint_plan_output_count(nullptr) == 0);
  CHECK(stint_plan_property_count(nullptr) == 0);
  CHECK(stint_session_device_count(nullptr) == 0);
  CHECK(stint_session_step_count(nullptr) == 0);
  CHECK(stint_session_refusal_count(nullptr) == 0);
}

TEST_CASE("Structures of an impossible size are refused", "[api]") {
  for (const uint32_t size : {0u, 3u, 7u, 22u, 4097u, 0xffffffffu}) {
    stint_plan_options options = STINT_PLAN_OPTIONS_INIT;
    options.struct_size = size;
    stint_plan* plan = nullptr;
    Failure failure;
    CHECK(stint_plan_open("x", &options, &plan, &failure.error) == STINT_ERROR_INVALID);
    CHECK(failure.text() == "stint_plan_options: found struct_size " + std::to_string(size) +
                                ", allowed sizeof(stint_plan_options)");
  }
}

TEST_CASE("A newer structure is taken if what is new in it is zero", "[api]") {
  struct Newer {
    stint_session_options known = STINT_SESSION_OPTIONS_INIT;
    uint64_t unknown = 0;
  } newer;
  newer.known.struct_size = sizeof(newer);
  const PlanHandle plan = LoadPlan(ProductPlan());
  MakeSession(plan.get(), &newer.known);
  newer.unknown = 1;
  stint_session* session = nullptr;
  CHECK(stint_session_create(plan.get(), &newer.known, &session, nullptr) ==
        STINT_ERROR_UNSUPPORTED);
}

TEST_CASE("An older, shorter structure is written as far as it goes", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  stint_plan_info info = STINT_PLAN_INFO_INIT;
  info.struct_size = offsetof(stint_plan_info, weights_bytes);
  info.weights_bytes = 77;
  REQUIRE(stint_plan_get_info(plan.get(), &info, nullptr) == STINT_OK);
  CHECK(info.file_bytes == ProductPlan().size());
  CHECK(info.weights_bytes == 77);
  CHECK(info.struct_size == offsetof(stint_plan_info, weights_bytes));
}

TEST_CASE("An error structure of another size is left alone", "[api]") {
  stint_error error = STINT_ERROR_INIT;
  error.struct_size = 8;
  error.code = 123;
  CHECK(stint_plan_open(nullptr, nullptr, nullptr, &error) == STINT_ERROR_INVALID);
  CHECK(error.code == 123);
}

TEST_CASE("Flags and indices that there are not are refused", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  stint_plan_options plan_options = STINT_PLAN_OPTIONS_INIT;
  plan_options.flags = 1u << 31;
  stint_plan* loaded = nullptr;
  CHECK(stint_plan_open("x", &plan_options, &loaded, nullptr) == STINT_ERROR_UNSUPPORTED);
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.flags = 8;
  stint_session* made = nullptr;
  CHECK(stint_session_create(plan.get(), &options, &made, nullptr) == STINT_ERROR_UNSUPPORTED);
  stint_tensor_info info = STINT_TENSOR_INFO_INIT;
  CHECK(stint_plan_input(plan.get(), 1, &info, nullptr) == STINT_ERROR_INVALID);
  CHECK(stint_plan_output(plan.get(), SIZE_MAX, &info, nullptr) == STINT_ERROR_INVALID);
  stint_op_info op = STINT_OP_INFO_INIT;
  CHECK(stint_plan_op(plan.get(), 2, &op, nullptr) == STINT_ERROR_INVALID);
  stint_property property = STINT_PROPERTY_INIT;
  CHECK(stint_plan_property(plan.get(), 1, &property, nullptr) == STINT_ERROR_INVALID);
  stint_tensor output = {};
  Failure failure;
  CHECK(stint_session_output(session.get(), 1, &output, &failure.error) == STINT_ERROR_INVALID);
  CHECK(failure.text() == "output: found index 1, allowed 0 to 0 of 1");
  CHECK(stint_session_bind_output(session.get(), 1, &output, nullptr) == STINT_ERROR_INVALID);
  CHECK(stint_session_bind_state(session.get(), 1, 0, nullptr, nullptr) == STINT_ERROR_INVALID);
  CHECK(stint_session_bind_state(session.get(), 0, 1, nullptr, nullptr) == STINT_ERROR_INVALID);
  stint_placement placement = STINT_PLACEMENT_INIT;
  CHECK(stint_session_placement(session.get(), 1, &placement, nullptr) == STINT_ERROR_INVALID);
}

TEST_CASE("Inputs that no tensor can be, or that the plan does not take, are refused", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x(8, 1);
  const stint_tensor good = View(x, {1, 2});
  const auto fails = [&](const stint_tensor& input, stint_code code, const char* part) {
    Failure failure;
    CHECK(stint_session_run(session.get(), &input, 1, nullptr, &failure.error) == code);
    INFO(failure.text());
    CHECK(failure.text().find(part) != std::string::npos);
    CHECK(stint_session_run(session.get(), &good, 1, nullptr, nullptr) == STINT_OK);
  };
  stint_tensor bad = good;
  bad.dtype = 99;
  fails(bad, STINT_ERROR_INVALID, "found dtype 99");
  bad.dtype = -1;
  fails(bad, STINT_ERROR_INVALID, "found dtype -1");
  bad.dtype = STINT_STRING;
  fails(bad, STINT_ERROR_UNSUPPORTED, "found strings");
  bad.dtype = STINT_INT32;
  fails(bad, STINT_ERROR_INVALID, "input v0: found int32, allowed float32");
  bad.dtype = STINT_NONE;
  fails(bad, STINT_ERROR_INVALID, "input v0: found no tensor, allowed one");
  bad = good;
  bad.rank = 9;
  fails(bad, STINT_ERROR_INVALID, "found rank 9");
  bad.rank = -1;
  fails(bad, STINT_ERROR_INVALID, "found rank -1");
  bad.rank = 1;
  fails(bad, STINT_ERROR_INVALID, "input v0: found rank 1, allowed 2");
  bad = View(x, {1, 3});
  fails(bad, STINT_ERROR_INVALID, "input v0: found extent 3 on axis 1, allowed 2");
  bad = View(x, {-1, 2});
  fails(bad, STINT_ERROR_INVALID, "found extent -1 on axis 0");
  bad = View(x, {INT64_MAX, 2});
  fails(bad, STINT_ERROR_LIMIT, "beyond 2^63 bytes");
  bad = View(x, {int64_t{1} << 40, 2});
  bad.strides[0] = 0;  // Every row the same: the copy would not fit.
  fails(bad, STINT_ERROR_LIMIT, "bytes to copy");
  bad = good;
  bad.data = nullptr;
  fails(bad, STINT_ERROR_INVALID, "found data at");
  Failure failure;
  CHECK(stint_session_run(session.get(), &good, 2, nullptr, &failure.error) == STINT_ERROR_INVALID);
  CHECK(failure.text() == "inputs: found 2, allowed 1");
}

TEST_CASE("Names of codes and dtypes are defined for every number", "[api]") {
  CHECK(std::string(stint_code_name(STINT_ERROR_CANCELLED)) == "cancelled");
  CHECK(std::string(stint_code_name(STINT_ERROR_DEADLINE)) == "deadline");
  CHECK(std::string(stint_code_name(-5)) == "internal");
  CHECK(std::string(stint_code_name(1 << 20)) == "internal");
  CHECK(std::string(stint_dtype_name(STINT_BFLOAT16)) == "bfloat16");
  CHECK(std::string(stint_dtype_name(27)) == std::string(stint_dtype_name(STINT_NONE)));
  CHECK(stint_dtype_size(STINT_COMPLEX128) == 16);
  CHECK(stint_dtype_size(-1) == 0);
  CHECK(stint_dtype_size(STINT_NONE) == 0);
  CHECK(stint_dense(STINT_FLOAT32, 2, nullptr, nullptr).rank == -1);
}

}  // namespace

}  // namespace stint::testing
