// The kernel table as a whole: that rows are complete, and that they judge calls of every op
// without harm. What passes a shape function and computes something may be asked.
#include <cmath>
#include <set>

#include "tests/hal/hal_testing.h"
#include "tests/hal/random_calls.h"

namespace stint::testing {

namespace {

// What a row may say of a call.
void Ask(const Kernel& row, const KernelCall& call, const DeviceInfo& info) {
  const char* const reason = row.reject(call, info);
  if (reason != nullptr) {
    const std::string text = reason;
    CHECK(text.size() > 3);
    CHECK(text.find('\n') == std::string::npos);
    return;
  }
  const Work work = row.cost(call, info);
  CHECK((std::isfinite(work.operations) && work.operations >= 0));
  CHECK((std::isfinite(work.bytes) && work.bytes >= 0));
}

TEST_CASE("Each row of the kernel table is complete", "[kernels]") {
  const auto device = OpenDevice();
  CHECK(!device->kernels().empty());
  std::set<std::string> seen;
  for (const Kernel& row : device->kernels()) {
    REQUIRE(row.name != nullptr);
    INFO(row.name);
    const OpInfo* const op = FindOp(row.op);
    REQUIRE(op != nullptr);
    CHECK(std::string(row.name) != "");
    CHECK(seen.insert(std::string(row.name) + " of " + op->name).second);
    CHECK(row.reject != nullptr);
    CHECK(row.cost != nullptr);
    CHECK(row.prepare != nullptr);
    CHECK(row.record != nullptr);
  }
}

TEST_CASE("Rows judge random calls of every op", "[kernels]") {
  const auto device = OpenDevice();
  fuzz::Random random(1);
  for (const OpInfo* op : AllOps()) {
    INFO(op->name);
    int made = 0;
    for (int i = 0; i < 60; ++i) {
      const auto call = MakeCall(random, *op);
      if (!call) continue;
      ++made;
      for (const Kernel& row : device->kernels()) {
        if (row.op != op->kind || !RunsPrograms(row, call->Call())) continue;
        Ask(row, call->Call(), device->info());
      }
    }
    CHECK(made > 20);
  }
}

TEST_CASE("Random calls that are accepted can be prepared or are unsupported", "[kernels]") {
  const auto device = OpenDevice();
  fuzz::Random random(2);
  for (const OpInfo* op : AllOps()) {
    for (int i = 0; i < 12; ++i) {
      const auto call = MakeCall(random, *op);
      if (!call) continue;
      for (const Kernel& row : device->kernels()) {
        if (row.op != op->kind || !RunsPrograms(row, call->Call())) continue;
        if (row.reject(call->Call(), device->info()) != nullptr) continue;
        const auto prepared = row.prepare(*device, call->Call());
        INFO(op->name << " by " << row.name << ": " << TextOf(prepared.status()));
        if (!prepared.ok()) {
          CHECK(prepared.status().code() == Code::kUnsupported);
          continue;
        }
        REQUIRE(*prepared != nullptr);
        CHECK((*prepared)->scratch_bytes < kHostileBytes);
        CHECK((*prepared)->commands < 1000);
      }
    }
  }
}

}  // namespace

}  // namespace stint::testing
