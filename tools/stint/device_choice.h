// -d, -j, --no-fallback and --no-groups: which devices a session may use, and how.
#ifndef STINT_TOOLS_STINT_DEVICE_CHOICE_H_
#define STINT_TOOLS_STINT_DEVICE_CHOICE_H_

#include <span>
#include <stint/stint.hpp>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/arguments.h"
#include "tools/stint/command.h"

namespace stint::cli {

struct DeviceArguments {
  std::string devices = "auto";
  int threads = 0;
  bool no_fallback = false;
  bool no_groups = false;
};

void AddDeviceOptions(Command& command, DeviceArguments& arguments);

using DeviceSet = std::vector<api::Device>;  // In order of preference.

// Opens the devices, and the CPU behind them unless --no-fallback. A device that is not on this
// machine is skipped with a note, with --no-fallback it is kUnavailable; one that is not in this
// build always is. kInvalid: no such name.
Result<DeviceSet> OpenDevices(const DeviceArguments& arguments);

// "cpu", "vulkan,cpu": the names in order.
std::string DeviceNames(const DeviceSet& devices);

// Threads of the CPU among them, else 0.
int ThreadsOf(const DeviceSet& devices);

// A session of the plan on the devices. Like all calls of sessions it throws api::Error.
api::Session MakeSession(const api::Plan& plan, const DeviceSet& devices,
                         const DeviceArguments& arguments, bool profile = false);

// Makes the session list all its steps: prepares it, or runs it once where the extents of later
// regions depend on data.
void ListSteps(api::Session& session, const api::Plan& plan, std::span<const api::Tensor> inputs);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_DEVICE_CHOICE_H_
