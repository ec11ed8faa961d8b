// A run that is asked to stop: the CPU's command list asks before each command, and no later.
#include "runtime/base/run_control.h"

#include <catch2/catch.hpp>

#include "backends/cpu/commands.h"

namespace stint::cpu {

namespace {

// What each command of a list of three does, behind the call's attributes.
struct Script {
  RunControl control;
  int commands = 0;
  int stop_in = 0;  // Which command asks to stop; 0: none.
  bool by_deadline = false;
};

Status RunScript(const Execution& execution) {
  // Attributes are const for kernels; this one is the test's own.
  auto& script = *static_cast<Script*>(const_cast<void*>(execution.call.attributes));
  if (++script.commands != script.stop_in) return {};
  if (script.by_deadline) {
    script.control.Start(0);  // In the past of a clock that only goes forward.
  } else {
    script.control.Cancel();
  }
  return {};
}

Status SubmitThree(Script& script) {
  STINT_ASSIGN(const auto device, CpuDevice::Create({.threads = 1}));
  STINT_ASSIGN(const auto list, device->CreateCommandList({.capacity = 3}));
  PreparedKernel kernel;
  KernelCall call;
  call.attributes = &script;
  for (int i = 0; i < 3; ++i) {
    STINT_TRY(static_cast<CpuCommandList&>(*list).Add(&RunScript, kernel, call, {}));
  }
  return list->Run(&script.control);
}

TEST_CASE("The CPU's list runs all commands of a run that nobody stops", "[cpu]") {
  Script script;
  REQUIRE(SubmitThree(script).ok());
  CHECK(script.commands == 3);
}

TEST_CASE("The CPU's list runs nothing more once a run is cancelled", "[cpu]") {
  Script script;
  script.stop_in = 2;
  CHECK(SubmitThree(script).code() == Code::kCancelled);
  CHECK(script.commands == 2);
}

TEST_CASE("The CPU's list runs nothing more once the deadline has passed", "[cpu]") {
  Script script;
  script.stop_in = 1;
  script.by_deadline = true;
  CHECK(SubmitThree(script).code() == Code::kDeadline);
  CHECK(script.commands == 1);
}

TEST_CASE("A control that starts anew forgets that it was cancelled", "[base]") {
  RunControl control;
  CHECK(control.Check().ok());
  control.Cancel();
  CHECK(control.Check().code() == Code::kCancelled);
  control.Start(RunControl::kNever);
  CHECK(control.Check().ok());
  control.Start(0);
  CHECK(control.Check().code() == Code::kDeadline);
}

}  // namespace

}  // namespace stint::cpu
