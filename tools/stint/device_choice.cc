#include "tools/stint/device_choice.h"

#include <algorithm>

#include "tools/stint/command.h"
#include "tools/stint/console.h"

namespace stint::cli {

namespace {

// STINT_OK, or what stint_device_check_name says.
stint_code CheckName(const std::string& name) {
  return stint_device_check_name(name.c_str(), nullptr);
}

Result<std::vector<std::string>> ParseNames(const DeviceArguments& arguments) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (size_t start = 0; start != std::string::npos;) {
    const size_t comma = arguments.devices.find(',', start);
    const std::string name = arguments.devices.substr(start, comma - start);
    if (CheckName(name) == STINT_ERROR_INVALID) {
      return Error(Code::kInvalid, "--device",
                   "found '%s', allowed auto, cpu, vulkan[:n], opencl[:n], metal, null",
                   name.c_str());
    }
    add(name == "auto" ? "cpu" : name);
    start = comma == std::string::npos ? comma : comma + 1;
  }
  if (!arguments.no_fallback) add("cpu");
  return names;
}

}  // namespace

void AddDeviceOptions(Command& command, DeviceArguments& arguments) {
  command
      .AddOption("-d,--device", arguments.devices,
                 "Devices in order of preference: auto, cpu, vulkan[:n], opencl[:n], metal, null",
                 "DEVICE[,DEVICE...]")
      .ShowDefault();
  command
      .AddOption("-j,--threads", arguments.threads,
                 "CPU threads; default: the cores that this process may use", "THREADS")
      .Range(1, 1024);
  command.AddFlag("--no-fallback", arguments.no_fallback,
                  "Fail instead of running on the CPU what the device refuses");
  command.AddFlag("--no-groups", arguments.no_groups,
                  "Run each op alone, where a device would run several as one; same bits");
}

Result<DeviceSet> OpenDevices(const DeviceArguments& arguments) {
  STINT_ASSIGN(const std::vector<std::string> names, ParseNames(arguments));
  DeviceSet devices;
  for (const std::string& name : names) {
    if (CheckName(name) != STINT_OK) {
      return Error(Code::kUnavailable, "--device",
                   "found '%s', which is not in this build, "
                   "allowed what 'stint devices' lists",
                   name.c_str());
    }
    try {
      devices.emplace_back(name, arguments.threads);
    } catch (const api::Error& error) {
      const bool may_skip = error.code() == STINT_ERROR_UNAVAILABLE && name != "cpu";
      if (arguments.no_fallback || !may_skip) return StatusOf(error);
      PrintNote("skipped " + name + ": " + error.message());
    }
  }
  return devices;
}

std::string DeviceNames(const DeviceSet& devices) {
  std::string names;
  for (const api::Device& device : devices) {
    names += (names.empty() ? "" : ",") + std::string(device.info().name);
  }
  return names;
}

int ThreadsOf(const DeviceSet& devices) {
  int threads = 0;
  for (const api::Device& device : devices) threads = std::max(threads, device.info().threads);
  return threads;
}

api::Session MakeSession(const api::Plan& plan, const DeviceSet& devices,
                         const DeviceArguments& arguments, bool profile) {
  api::SessionOptions options;
  options.devices.assign(devices.begin(), devices.end());
  options.no_fallback = arguments.no_fallback;
  options.no_groups = arguments.no_groups;
  options.profile = profile;
  return api::Session(plan, options);
}

void ListSteps(api::Session& session, const api::Plan& plan, std::span<const api::Tensor> inputs) {
  if (plan.info().regions > 1) return session.Run(inputs);
  session.Prepare(inputs);
}

}  // namespace stint::cli
