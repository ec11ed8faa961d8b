// What a run says: verdicts in the light of the lists, totals, the JSON document.
#ifndef STINT_TOOLS_CONFORMANCE_REPORT_H_
#define STINT_TOOLS_CONFORMANCE_REPORT_H_

#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/conformance/cases.h"
#include "tools/conformance/lists.h"
#include "tools/stint/console.h"

namespace stint::conformance {

// A float32 output further away than this needs a reason.
inline constexpr double kMaxUlp = 64;
// So near the truth, a result further away than this from what a case expects shows that the
// case's own values are inexact.
inline constexpr double kNearUlp = 10;

struct KnownLists {
  KnownCases failures;
  KnownCases unsupported;
  KnownCases distant;  // Passes with a float32 output beyond kMaxUlp.
  KnownCases inexact;  // Passes whose expected float32 values are not the nearest, see kNearUlp.
};

// Changes the verdicts of `results`, one a case as RunCase gives them, where a list has the case or
// should have it: a listed failure is an EXPECTED FAILURE, with the reason as its detail; one that
// passes, an unsupported case that is in no list though there is one, a distant one likewise are
// FAILs.
void Settle(const std::vector<TestCase>& cases, const KnownLists& lists,
            std::vector<cli::Json>& results);

// Lines for people: failures, or with `all` every case; what is unsupported by operator; totals a
// suite.
std::string Summary(const std::vector<TestCase>& cases, const std::vector<cli::Json>& results,
                    bool all);

// {"SUITE": {"PASS": n, ...}, ...}
cli::Json TotalsOf(const std::vector<TestCase>& cases, const std::vector<cli::Json>& results);

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_REPORT_H_
