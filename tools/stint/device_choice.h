// -d, -j, --no-fallback and --no-groups: which devices a session may use, and how.
#ifndef STINT_TOOLS_STINT_DEVICE_CHOICE_H_
#define STINT_TOOLS_STINT_DEVICE_CHOICE_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/hal/device.h"
#include "runtime/session/session.h"
#include "tools/stint/arguments.h"

namespace stint::cli {

struct DeviceArguments {
  std::string devices = "auto";
  int threads = 0;
  bool no_fallback = false;
  bool no_groups = false;
};

void AddDeviceOptions(CLI::App& command, DeviceArguments& arguments);

struct DeviceSet {
  std::vector<std::unique_ptr<Device>> owned;
  std::vector<Device*> list;  // In order of preference.
};

// Creates the devices, and the CPU behind them unless --no-fallback. A device that is not on this
// machine is skipped with a note, with --no-fallback it is kUnavailable; one that is not in this
// build always is. kInvalid: no such name.
Result<DeviceSet> OpenDevices(const DeviceArguments& arguments);

// "cpu", "vulkan,cpu": the names in order.
std::string DeviceNames(const DeviceSet& devices);

// Threads of the CPU among them, else 0.
int ThreadsOf(const DeviceSet& devices);

// A session of the plan on the devices.
Result<std::unique_ptr<Session>> CreateSession(const Plan& plan, const DeviceSet& devices,
                                               const DeviceArguments& arguments,
                                               bool timed = false);

// Makes the session list all its steps: binds it, or runs it once where the extents of later
// regions depend on data.
Status ListSteps(Session& session, const PlanFunction& function,
                 const std::vector<TensorView>& inputs);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_DEVICE_CHOICE_H_
