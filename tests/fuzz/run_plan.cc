#include "tests/fuzz/run_plan.h"

#include <cstdio>

#include "runtime/hal/backends.h"
#include "runtime/session/session.h"
#include "tests/fuzz/plan_inputs.h"

namespace stint::fuzz {

namespace {

Device* Cpu() {
  static const std::unique_ptr<Device> device = [] {
    auto created = CreateDevice("cpu", {.threads = 1});
    CheckStatus(created.status());
    return std::move(*created);
  }();
  return device.get();
}

}  // namespace

Limits TinyLimits() {
  Limits limits;
  limits.file_bytes = 1 << 20;
  limits.metadata_bytes = 1 << 16;
  limits.arena_bytes = 1 << 20;
  limits.structure_bytes = 1 << 18;
  limits.functions = 8;
  limits.ops = 64;
  limits.values = 512;
  limits.expressions = 512;
  return limits;
}

void RunPlan(const Plan& plan) {
  PlanInputs inputs;
  if (!inputs.Make(plan.main()) || !IsCheap(plan.main(), inputs)) return;
  Device* const devices[] = {Cpu()};
  auto session = Session::Create(plan, devices, SessionOptions());
  CheckStatus(session.status());
  if (!session.ok()) return;
  for (int i = 0; i < 2; ++i) {
    const Status status = (*session)->Run(inputs.views);
    CheckStatus(status);
    if (!status.ok()) return;
  }
}

void CheckStatus(const Status& status) {
  if (status.ok() || (status.code() != Code::kInternal && status.message()[0] != '\0')) return;
  std::fprintf(stderr, "%s: %s: %s\n", CodeName(status.code()), status.where(), status.message());
  __builtin_trap();
}

}  // namespace stint::fuzz
