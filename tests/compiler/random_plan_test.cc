// The random plans of the fuzzer and of sweeps over all ops: what they hold is what they test.
#include <catch2/catch.hpp>

#include "tests/compiler/plan_testing.h"
#include "tests/fuzz/random_plan.h"

namespace stint::compiler {

namespace {

TEST_CASE("Random plans load, and some have other forms of their constants", "[plan]") {
  fuzz::Random random(3);
  int made = 0;
  int with_forms = 0;
  for (int i = 0; i < 1000; ++i) {
    const OpInfo& op = *AllOps()[random.Below(AllOps().size())];
    AlignedBytes bytes(fuzz::RandomPlan(random, op, 50));
    if (bytes.span().empty()) continue;
    ++made;
    const auto plan = Plan::FromMemory(bytes.span(), Limits(), Verify::kAll);
    INFO(op.name << ": " << plan.status().where() << ": " << plan.status().message());
    REQUIRE(plan.ok());
    with_forms += (*plan)->main().forms.empty() ? 0 : 1;
  }
  CHECK(made > 500);
  CHECK(with_forms > 5);
}

}  // namespace

}  // namespace stint::compiler
