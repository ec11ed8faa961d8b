// State: an output that is the input of the next run, without a copy, committed only on success.
#include <catch2/catch.hpp>

#include "tests/api/api_testing.h"
#include "tests/api/plans.h"

namespace stint::testing {

namespace {

struct Accumulator {
  PlanHandle plan = LoadPlan(AccumulatorPlan());
  SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 2};

  stint_code Run(const stint_run_options* options = nullptr) {
    const stint_tensor inputs[] = {View(x, {2}), {}};
    return stint_session_run(session.get(), inputs, 2, options, nullptr);
  }
  stint_code BindState(std::vector<float>* first) {
    const int64_t shape[] = {2};
    const stint_tensor tensor =
        stint_dense(STINT_FLOAT32, 1, shape, first == nullptr ? nullptr : first->data());
    return stint_session_bind_state(session.get(), 0, 1, &tensor, nullptr);
  }
};

TEST_CASE("State adds up from zeros, and from what it was first after a reset", "[api]") {
  Accumulator sums;
  REQUIRE(sums.BindState(nullptr) == STINT_OK);
  for (int round = 1; round <= 3; ++round) {
    REQUIRE(sums.Run() == STINT_OK);
    const auto scale = static_cast<float>(round);
    CHECK(OutputOf(sums.session.get(), 0) == std::vector<float>{scale, 2 * scale});
    CHECK(OutputOf(sums.session.get(), 1) == std::vector<float>{-scale, -2 * scale});
  }
  REQUIRE(stint_session_reset_state(sums.session.get(), nullptr) == STINT_OK);
  stint_tensor output = {};
  REQUIRE(stint_session_output(sums.session.get(), 0, &output, nullptr) == STINT_OK);
  CHECK(output.data == nullptr);  // What lay there is over.
  REQUIRE(sums.Run() == STINT_OK);
  CHECK(OutputOf(sums.session.get(), 0) == std::vector<float>{1, 2});

  std::vector<float> first = {100, 200};
  REQUIRE(sums.BindState(&first) == STINT_OK);
  first = {0, 0};  // It was copied.
  REQUIRE(sums.Run() == STINT_OK);
  REQUIRE(sums.Run() == STINT_OK);
  CHECK(OutputOf(sums.session.get(), 0) == std::vector<float>{102, 204});
  REQUIRE(stint_session_reset_state(sums.session.get(), nullptr) == STINT_OK);
  REQUIRE(sums.Run() == STINT_OK);
  CHECK(OutputOf(sums.session.get(), 0) == std::vector<float>{101, 202});
}

TEST_CASE("State changes places between two buffers and is not copied", "[api]") {
  Accumulator sums;
  REQUIRE(sums.BindState(nullptr) == STINT_OK);
  std::vector<void*> places;
  for (int round = 0; round < 4; ++round) {
    REQUIRE(sums.Run() == STINT_OK);
    stint_tensor output = {};
    REQUIRE(stint_session_output(sums.session.get(), 0, &output, nullptr) == STINT_OK);
    places.push_back(output.data);
  }
  CHECK(places[0] != places[1]);
  CHECK(places[0] == places[2]);
  CHECK(places[1] == places[3]);
}

TEST_CASE("A run that fails leaves state as it was", "[api]") {
  Accumulator sums;
  REQUIRE(sums.BindState(nullptr) == STINT_OK);
  REQUIRE(sums.Run() == STINT_OK);
  stint_run_options options = STINT_RUN_OPTIONS_INIT;
  options.timeout = 1;
  REQUIRE(sums.Run(&options) == STINT_ERROR_DEADLINE);
  REQUIRE(sums.Run() == STINT_OK);
  CHECK(OutputOf(sums.session.get(), 0) == std::vector<float>{2, 4});
}

TEST_CASE("Unbound, an input is the caller's again", "[api]") {
  Accumulator sums;
  REQUIRE(sums.BindState(nullptr) == STINT_OK);
  REQUIRE(sums.Run() == STINT_OK);
  REQUIRE(stint_session_bind_state(sums.session.get(), 0, 1, nullptr, nullptr) == STINT_OK);
  CHECK(sums.Run() == STINT_ERROR_INVALID);
  std::vector<float> s = {7, 7};
  const stint_tensor inputs[] = {View(sums.x, {2}), View(s, {2})};
  REQUIRE(stint_session_run(sums.session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(sums.session.get(), 0) == std::vector<float>{8, 9});
}

TEST_CASE("State that does not fit, or is bound twice, is refused", "[api]") {
  Accumulator sums;
  stint_session* const session = sums.session.get();
  std::vector<float> values(4);
  Failure failure;
  stint_tensor first = View(values, {4});
  CHECK(stint_session_bind_state(session, 0, 1, &first, &failure.error) == STINT_ERROR_INVALID);
  CHECK(failure.text() == "input v1: found extent 4 on axis 0, allowed 2");
  first = View(values, {2});
  REQUIRE(stint_session_bind_state(session, 0, 1, &first, nullptr) == STINT_OK);
  CHECK(stint_session_bind_state(session, 1, 1, &first, &failure.error) == STINT_ERROR_INVALID);
  CHECK(failure.text() == "state: found input 1 fed by output 0, allowed one output");
  const stint_tensor other = View(sums.x, {2});
  CHECK(stint_session_bind_state(session, 0, 0, &other, &failure.error) == STINT_ERROR_INVALID);
  CHECK(failure.text() ==
        "state: found input 1 fed by output 0, allowed one input: unbind it first");
  const stint_tensor inputs[] = {View(sums.x, {2}), first};
  CHECK(stint_session_run(session, inputs, 2, nullptr, &failure.error) == STINT_ERROR_INVALID);
  CHECK(failure.text() == "input 1: found a tensor, allowed none: it is state");
  REQUIRE(sums.Run() == STINT_OK);
}

TEST_CASE("A state of two outputs and two inputs keeps each with its own", "[api]") {
  Accumulator sums;
  stint_session* const session = sums.session.get();
  std::vector<float> one = {1, 1};
  std::vector<float> two = {2, 2};
  const stint_tensor first = View(one, {2});
  const stint_tensor second = View(two, {2});
  REQUIRE(stint_session_bind_state(session, 0, 0, &first, nullptr) == STINT_OK);
  REQUIRE(stint_session_bind_state(session, 1, 1, &second, nullptr) == STINT_OK);
  const stint_tensor inputs[2] = {};
  REQUIRE(stint_session_run(session, inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session, 0) == std::vector<float>{3, 3});
  CHECK(OutputOf(session, 1) == std::vector<float>{-3, -3});
  REQUIRE(stint_session_run(session, inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session, 0) == std::vector<float>{0, 0});
}

TEST_CASE("An output that is unbound can be the state of another input", "[api]") {
  Accumulator sums;
  stint_session* const session = sums.session.get();
  std::vector<float> first = {10, 20};
  const stint_tensor state = View(first, {2});
  REQUIRE(stint_session_bind_state(session, 0, 1, &state, nullptr) == STINT_OK);
  REQUIRE(stint_session_bind_state(session, 0, 0, nullptr, nullptr) == STINT_OK);
  REQUIRE(stint_session_bind_state(session, 0, 0, &state, nullptr) == STINT_OK);
  const stint_tensor inputs[] = {{}, View(sums.x, {2})};
  REQUIRE(stint_session_run(session, inputs, 2, nullptr, nullptr) == STINT_OK);
  CHECK(OutputOf(session, 0) == std::vector<float>{11, 22});
}

TEST_CASE("State that passes through the model stays what it was", "[api]") {
  const PlanHandle plan = LoadPlan(DefaultPlan());
  const SessionHandle session = MakeSession(plan.get());
  std::vector<float> x = {1, 2};
  const stint_tensor first = View(x, {2});
  // The output is the input itself: what it was first for ever.
  REQUIRE(stint_session_bind_state(session.get(), 1, 0, &first, nullptr) == STINT_OK);
  const stint_tensor inputs[2] = {};
  for (int round = 0; round < 3; ++round) {
    REQUIRE(stint_session_run(session.get(), inputs, 2, nullptr, nullptr) == STINT_OK);
    CHECK(OutputOf(session.get(), 0) == std::vector<float>{11, 12});
    CHECK(OutputOf(session.get(), 1) == x);
  }
}

}  // namespace

}  // namespace stint::testing
