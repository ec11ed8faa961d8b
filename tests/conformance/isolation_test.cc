// Jobs that crash, hang or leave are one missing answer each.
#include "tools/conformance/isolation.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <stdexcept>

namespace stint::conformance {
namespace {

constexpr size_t kJobs = 40;

// What job 7 does instead of answering; the others say their number.
Result<std::vector<Answer>> RunWithBadJob(const IsolationOptions& options, void (*misbehave)()) {
  return RunIsolated(kJobs, options, [misbehave]() -> Job {
    return [misbehave](size_t i) {
      if (i == 7) misbehave();
      return std::to_string(i);
    };
  });
}

void CheckOthers(const std::vector<Answer>& answers) {
  REQUIRE(answers.size() == kJobs);
  for (size_t i = 0; i < kJobs; ++i) {
    if (i == 7) continue;
    INFO(i);
    CHECK(answers[i].answered);
    CHECK(answers[i].text == std::to_string(i));
  }
  CHECK_FALSE(answers[7].answered);
}

TEST_CASE("A job that kills its process is the only one without an answer") {
  const auto answers = RunWithBadJob({.processes = 3, .batch = 5}, [] { kill(getpid(), SIGKILL); });
  REQUIRE(answers.ok());
  CheckOthers(*answers);
  CHECK(answers->at(7).text.find("ended by signal 9") == 0);
}

TEST_CASE("A job that never ends is stopped at the limit, those behind it run") {
  const auto answers = RunWithBadJob({.processes = 2, .limit_seconds = 0.5, .batch = kJobs}, [] {
    for (;;) pause();
  });
  REQUIRE(answers.ok());
  CheckOthers(*answers);
  CHECK(answers->at(7).text == "no answer within 0.5 s");
}

TEST_CASE("A job that leaves, or throws, is a job without an answer") {
  const auto left = RunWithBadJob({}, [] { _exit(0); });
  REQUIRE(left.ok());
  CheckOthers(*left);
  CHECK(left->at(7).text == "ended with exit status 0 and no answer");
  const auto thrown = RunWithBadJob({}, [] { throw std::runtime_error("on purpose"); });
  REQUIRE(thrown.ok());
  CheckOthers(*thrown);
  CHECK(thrown->at(7).text == "ended with exit status 70 and no answer");
}

TEST_CASE("A process that fails when it ends takes its last answer back") {
  struct Failing {
    Failing() = default;
    Failing(const Failing&) = delete;
    Failing& operator=(const Failing&) = delete;
    ~Failing() { kill(getpid(), SIGKILL); }
  };
  const auto answers = RunIsolated(2, {.batch = 2}, []() -> Job {
    return [failing = std::make_shared<Failing>()](size_t i) { return std::to_string(i); };
  });
  REQUIRE(answers.ok());
  CHECK(answers->at(0).answered);
  CHECK_FALSE(answers->at(1).answered);
  CHECK(answers->at(1).text == "ended by signal 9 (Killed) behind the answer");
}

TEST_CASE("Answers longer than a pipe arrive whole") {
  const auto answers = RunIsolated(3, {.processes = 2, .batch = 2}, []() -> Job {
    return [](size_t) { return std::string(300'000, 'x'); };
  });
  REQUIRE(answers.ok());
  for (const Answer& answer : *answers) CHECK(answer.text == std::string(300'000, 'x'));
}

TEST_CASE("Without jobs there are no answers") {
  const auto answers = RunIsolated(0, {}, []() -> Job { return {}; });
  REQUIRE(answers.ok());
  CHECK(answers->empty());
}

}  // namespace
}  // namespace stint::conformance
