// Eight threads with sessions of their own over one plan, plans loaded and dropped in between; the
// thread sanitizer watches (preset tsan).
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/api/api_testing.h"
#include "tests/api/plans.h"

namespace stint::testing {

namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 12;

// Catch2's checks are for one thread: others return what went wrong.
bool RunOnce(stint_session* session, float scale) {
  std::vector<float> x = {scale, 0, 0, scale};
  const stint_tensor input = View(x, {2, 2});
  if (stint_session_run(session, &input, 1, nullptr, nullptr) != STINT_OK) return false;
  stint_tensor output = {};
  if (stint_session_output(session, 0, &output, nullptr) != STINT_OK) return false;
  return Floats(output) == std::vector<float>{-scale, -2 * scale, -3 * scale, -4 * scale};
}

bool RunSession(const stint_plan* plan, stint_device* device, float scale) {
  stint_session_options options = STINT_SESSION_OPTIONS_INIT;
  options.devices = &device;
  options.device_count = device == nullptr ? 0 : 1;
  options.threads = 2;
  stint_session* made = nullptr;
  if (stint_session_create(plan, &options, &made, nullptr) != STINT_OK) return false;
  const SessionHandle session(made);
  return RunOnce(made, scale) && RunOnce(made, scale + 1);
}

bool LoadAndRun(stint_device* device, float scale) {
  stint_plan_options options = STINT_PLAN_OPTIONS_INIT;
  options.flags = STINT_PLAN_COPY;
  stint_plan* loaded = nullptr;
  const auto& bytes = ProductPlan();
  if (stint_plan_from_memory(bytes.data(), bytes.size(), &options, &loaded, nullptr) != STINT_OK) {
    return false;
  }
  const PlanHandle plan(loaded);
  return RunSession(loaded, device, scale);
}

// Calls body(thread, round) on each thread; how many returned false.
template <typename Body>
int FailuresOf(const Body& body) {
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([thread, &body, &failures] {
      for (int round = 0; round < kRounds; ++round) {
        if (!body(thread, round)) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return failures;
}

TEST_CASE("Eight threads share a plan and a device, each with its own sessions", "[api][threads]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const DeviceHandle cpu = OpenDevice("cpu");
  const SessionHandle first = MakeSession(plan.get());
  CHECK(FailuresOf([&](int thread, int round) {
          const auto scale = static_cast<float>(100 * thread + round);
          return RunSession(plan.get(), cpu.get(), scale) && LoadAndRun(cpu.get(), scale);
        }) == 0);
  CHECK(RunOnce(first.get(), 3));
}

TEST_CASE("Eight threads share a plan, each with a device of its own", "[api][threads]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  CHECK(FailuresOf([&](int thread, int round) {
          return RunSession(plan.get(), nullptr, static_cast<float>(thread + round));
        }) == 0);
}

TEST_CASE("The last of plan, device and sessions to go may be any of them", "[api][threads]") {
  for (int round = 0; round < kRounds; ++round) {
    PlanHandle plan = LoadPlan(ProductPlan());
    DeviceHandle cpu = OpenDevice("cpu");
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    std::atomic<int> made = 0;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        stint_device* const device = cpu.get();
        stint_session_options options = STINT_SESSION_OPTIONS_INIT;
        options.devices = &device;
        options.device_count = 1;
        stint_session* session = nullptr;
        stint_session_create(plan.get(), &options, &session, nullptr);
        ++made;
        if (session == nullptr || !RunOnce(session, 2)) ++failures;
        stint_session_destroy(session);
      });
    }
    while (made < 4) std::this_thread::yield();
    plan.reset();
    cpu.reset();
    for (std::thread& thread : threads) thread.join();
    CHECK(failures == 0);
  }
}

TEST_CASE("Cancels from other threads leave a run that succeeded or was cancelled",
          "[api][threads]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x(4000, 1);
  const stint_tensor input = View(x, {2000, 2});
  for (int round = 0; round < 4 * kRounds; ++round) {
    REQUIRE(stint_session_run_async(session.get(), &input, 1, nullptr, nullptr, nullptr, nullptr) ==
            STINT_OK);
    std::thread canceller([&] { stint_session_cancel(session.get()); });
    const stint_code code = stint_session_wait(session.get(), nullptr);
    canceller.join();
    CHECK((code == STINT_OK || code == STINT_ERROR_CANCELLED));
  }
  CHECK(RunOnce(session.get(), 1));
}

TEST_CASE("Two threads in one session: one of them is told, and nothing breaks", "[api][threads]") {
  const PlanHandle plan = LoadPlan(ProductPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x(4000, 1);
  const stint_tensor input = View(x, {2000, 2});
  std::atomic<int> succeeded = 0;
  CHECK(FailuresOf([&](int, int) {
          const stint_code code = stint_session_run(session.get(), &input, 1, nullptr, nullptr);
          if (code == STINT_OK) ++succeeded;
          return code == STINT_OK || code == STINT_ERROR_INVALID;
        }) == 0);
  CHECK(succeeded > 0);
}

}  // namespace

}  // namespace stint::testing
