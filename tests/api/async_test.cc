// Runs on the session's thread, and runs that are stopped.
#include <catch2/catch.hpp>

#include "tests/api/api_testing.h"
#include "tests/api/plans.h"

namespace stint::testing {

namespace {

struct Seen {
  int calls = 0;
  stint_code code = -1;
  std::vector<float> output;
  stint_code run_inside = STINT_OK;
  stint_code wait_inside = STINT_OK;
};

// Reads the output, and tries what a callback may not do.
void Look(void* user, stint_session* session, const stint_error* error) {
  auto& seen = *static_cast<Seen*>(user);
  ++seen.calls;
  seen.code = error->code;
  stint_tensor output = {};
  if (stint_session_output(session, 0, &output, nullptr) == STINT_OK) seen.output = Floats(output);
  seen.run_inside = stint_session_run(session, nullptr, 0, nullptr, nullptr);
  seen.wait_inside = stint_session_wait(session, nullptr);
  stint_session_destroy(session);  // Does nothing here.
}

TEST_CASE("An asynchronous run calls back once, with outputs that can be read", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  CHECK(stint_session_wait(session.get(), nullptr) == STINT_OK);
  for (int round = 1; round <= 3; ++round) {
    Seen seen;
    std::vector<float> x = {static_cast<float>(round), 0};
    const stint_tensor input = View(x, {1, 2});
    REQUIRE(stint_session_run_async(session.get(), &input, 1, nullptr, &Look, &seen, nullptr) ==
            STINT_OK);
    CHECK(stint_session_wait(session.get(), nullptr) == STINT_OK);
    CHECK(seen.calls == 1);
    CHECK(seen.code == STINT_OK);
    CHECK(seen.output == std::vector<float>{-x[0], -2 * x[0]});
    CHECK(seen.run_inside == STINT_ERROR_INVALID);
    CHECK(seen.wait_inside == STINT_ERROR_INVALID);
  }
}

TEST_CASE("An asynchronous run with bad inputs fails at once and calls nobody", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  Seen seen;
  std::vector<float> x(3);
  const stint_tensor input = View(x, {1, 3});
  CHECK(stint_session_run_async(session.get(), &input, 1, nullptr, &Look, &seen, nullptr) ==
        STINT_ERROR_INVALID);
  CHECK(stint_session_wait(session.get(), nullptr) == STINT_OK);
  CHECK(seen.calls == 0);
}

TEST_CASE("What an asynchronous run fails with is what wait and the callback say", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.arena_bytes = 64;
  const SessionHandle session = MakeSession(plan.get(), &options);
  Seen seen;
  std::vector<float> x(2000);
  const stint_tensor input = View(x, {1000, 2});
  REQUIRE(stint_session_run_async(session.get(), &input, 1, nullptr, &Look, &seen, nullptr) ==
          STINT_OK);
  Failure failure;
  CHECK(stint_session_wait(session.get(), &failure.error) == STINT_ERROR_LIMIT);
  CHECK(failure.text() != "");
  CHECK(seen.code == STINT_ERROR_LIMIT);
  CHECK(seen.output.empty());
}

TEST_CASE("A session can be destroyed while it runs; the callback has been called then", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  Seen seen;
  std::vector<float> x(20000);
  const stint_tensor input = View(x, {10000, 2});
  {
    const SessionHandle session = MakeSession(plan.get());
    REQUIRE(stint_session_run_async(session.get(), &input, 1, nullptr, &Look, &seen, nullptr) ==
            STINT_OK);
  }
  CHECK(seen.calls == 1);
}

// Log lines are written in the midst of a run: after it was prepared, before its first op.
struct Canceller {
  stint_session* session = nullptr;
  int lines = 0;
};

SessionHandle CancellingSession(const stint_plan* plan, stint_device* device,
                                Canceller* canceller) {
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.devices = &device;
  options.device_count = 1;
  options.log.level = STINT_LOG_INFO;
  options.log.user = canceller;
  options.log.write = [](void* user, int32_t, const char*) {
    auto& own = *static_cast<Canceller*>(user);
    ++own.lines;
    stint_session_cancel(own.session);
  };
  SessionHandle session = MakeSession(plan, &options);
  canceller->session = session.get();
  return session;
}

uint64_t DispatchesOf(const stint_device* device) {
  stint_device_counters counters = STINT_DEVICE_COUNTERS_INIT;
  REQUIRE(stint_device_get_counters(device, &counters, nullptr) == STINT_OK);
  return counters.dispatches;
}

TEST_CASE("Cancel stops a run before its next op, and the session goes on", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const DeviceHandle cpu = OpenDevice("cpu");
  Canceller canceller;
  const SessionHandle session = CancellingSession(plan.get(), cpu.get(), &canceller);
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  Failure failure;
  CHECK(stint_session_run(session.get(), &input, 1, nullptr, &failure.error) ==
        STINT_ERROR_CANCELLED);
  CHECK(failure.text() == "run: found a request to stop, allowed none");
  CHECK(canceller.lines == 1);
  CHECK(DispatchesOf(cpu.get()) == 0);
  stint_tensor output = {};
  CHECK(stint_session_output(session.get(), 0, &output, nullptr) == STINT_ERROR_INVALID);
  REQUIRE(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session.get()) == std::vector<float>{-4, -6});
}

TEST_CASE("A cancel without a run in flight stops no later run", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  stint_session_cancel(session.get());
  CHECK(stint_session_run(session.get(), &input, 1, nullptr, nullptr) == STINT_OK);
}

TEST_CASE("A deadline that has passed stops a run before its next op", "[api]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const DeviceHandle cpu = OpenDevice("cpu");
  stint_device* const devices[] = {cpu.get()};
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.devices = devices;
  options.device_count = 1;
  const SessionHandle session = MakeSession(plan.get(), &options);
  std::vector<float> x = {1, 1};
  const stint_tensor input = View(x, {1, 2});
  stint_run_options run = STINT_RUN_OPTIONS_INIT;
  run.timeout = 1;
  Failure failure;
  CHECK(stint_session_run(session.get(), &input, 1, &run, &failure.error) == STINT_ERROR_DEADLINE);
  CHECK(DispatchesOf(cpu.get()) == 0);
  run.timeout = UINT64_MAX;
  CHECK(stint_session_run(session.get(), &input, 1, &run, nullptr) == STINT_OK);
  run.timeout = 0;
  CHECK(stint_session_run(session.get(), &input, 1, &run, nullptr) == STINT_OK);
}

}  // namespace

}  // namespace stint::testing
