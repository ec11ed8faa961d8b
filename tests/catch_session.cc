#include "tests/catch_session.h"

#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

namespace stint::testing {

namespace {

std::map<std::string, bool> g_passed;

class Outcomes final : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    g_passed[stats.testInfo.name] =
        stats.totals.assertions.allOk() && stats.totals.testCases.allOk();
  }
};
CATCH_REGISTER_LISTENER(Outcomes)

}  // namespace

struct CatchSession::Implementation {
  Catch::Session session;
};

CatchSession::CatchSession() : implementation_(std::make_unique<Implementation>()) {}

CatchSession::~CatchSession() = default;

void CatchSession::AddOption(const std::string& flag, const std::string& type, std::string& value,
                             const std::string& description) {
  Catch::Session& session = implementation_->session;
  session.cli(session.cli() | Catch::clara::Opt(value, type)[flag](description));
}

std::optional<int> CatchSession::Parse(int argc, char** argv) {
  Catch::Session& session = implementation_->session;
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
  if (session.configData().showHelp) return 0;
  return std::nullopt;
}

bool CatchSession::OnlyLists() const {
  const Catch::ConfigData& asked = implementation_->session.configData();
  return asked.listTests || asked.listTags;
}

std::vector<std::string> CatchSession::AllCases() const {
  std::vector<std::string> names;
  for (const Catch::TestCase& test :
       Catch::getAllTestCasesSorted(implementation_->session.config())) {
    names.push_back(test.name);
  }
  return names;
}

std::set<std::string> CatchSession::ChosenCases() const {
  const Catch::Config& config = implementation_->session.config();
  const auto& all = Catch::getAllTestCasesSorted(config);
  std::set<std::string> names;
  for (const Catch::TestCase& test :
       config.hasTestFilters() ? Catch::filterTests(all, config.testSpec(), config) : all) {
    names.insert(test.name);
  }
  return names;
}

int CatchSession::Run() { return implementation_->session.run(); }

std::map<std::string, bool> CatchSession::Run(const std::set<std::string>& cases) {
  Catch::Session& session = implementation_->session;
  for (const Catch::TestCase& test : Catch::getAllTestCasesSorted(session.config())) {
    if (!cases.contains(test.name)) continue;
    std::vector<std::string> tags = test.tags;
    tags.push_back("chosen");
    // Catch gives tags to test cases that are there in the same way.
    Catch::setTags(const_cast<Catch::TestCase&>(test), tags);
  }
  auto data = session.configData();
  data.testsOrTags = {"[chosen]"};
  session.useConfigData(data);
  if (!cases.empty()) session.run();  // Catch2 calls it an error if there are none.
  std::map<std::string, bool> outcomes = g_passed;
  for (const std::string& name : cases) outcomes.try_emplace(name, false);
  return outcomes;
}

}  // namespace stint::testing
