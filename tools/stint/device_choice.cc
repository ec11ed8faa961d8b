#include "tools/stint/device_choice.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "runtime/hal/backends.h"
#include "tools/stint/console.h"

namespace stint::cli {

namespace {

constexpr std::string_view kKnownBackends[] = {"cpu", "vulkan", "opencl", "metal", "null"};

bool InThisBuild(std::string_view backend) {
  const auto backends = Backends();
  return std::any_of(backends.begin(), backends.end(),
                     [&](const Backend& entry) { return backend == entry.name; });
}

// A backend's name, optionally with ":n".
bool IsDeviceName(std::string_view name) {
  const size_t colon = name.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view index = name.substr(colon + 1);
    int number = 0;
    const auto parsed = std::from_chars(index.data(), index.data() + index.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != index.data() + index.size() || number < 0) {
      return false;
    }
  }
  const std::string_view backend = name.substr(0, colon);
  return std::find(std::begin(kKnownBackends), std::end(kKnownBackends), backend) !=
         std::end(kKnownBackends);
}

Result<std::vector<std::string>> ParseNames(const DeviceArguments& arguments) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (size_t start = 0; start != std::string::npos;) {
    const size_t comma = arguments.devices.find(',', start);
    const std::string name = arguments.devices.substr(start, comma - start);
    if (name != "auto" && !IsDeviceName(name)) {
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

void AddDeviceOptions(CLI::App& command, DeviceArguments& arguments) {
  AddOption(command, "-d,--device", arguments.devices,
            "Devices in order of preference: auto, cpu, vulkan[:n], opencl[:n], metal, null",
            "DEVICE[,DEVICE...]")
      ->capture_default_str();
  AddOption(command, "-j,--threads", arguments.threads,
            "CPU threads; default: the cores that this process may use", "THREADS")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--no-fallback", arguments.no_fallback,
                   "Fail instead of running on the CPU what the device refuses");
  command.add_flag("--no-groups", arguments.no_groups,
                   "Run each op alone, where a device would run several as one; same bits");
}

Result<DeviceSet> OpenDevices(const DeviceArguments& arguments) {
  STINT_ASSIGN(const std::vector<std::string> names, ParseNames(arguments));
  DeviceOptions options;
  options.threads = arguments.threads;
  DeviceSet devices;
  for (const std::string& name : names) {
    if (!InThisBuild(std::string_view(name).substr(0, name.find(':')))) {
      return Error(Code::kUnavailable, "--device",
                   "found '%s', which is not in this build, "
                   "allowed what 'stint devices' lists",
                   name.c_str());
    }
    auto device = CreateDevice(name, options);
    if (!device.ok()) {
      const bool may_skip = device.status().code() == Code::kUnavailable && name != "cpu";
      if (arguments.no_fallback || !may_skip) return device.TakeStatus();
      PrintNote("skipped " + name + ": " + device.status().message());
      continue;
    }
    devices.list.push_back(device->get());
    devices.owned.push_back(std::move(*device));
  }
  return devices;
}

std::string DeviceNames(const DeviceSet& devices) {
  std::string names;
  for (const Device* device : devices.list) {
    names += (names.empty() ? "" : ",") + std::string(device->info().name);
  }
  return names;
}

int ThreadsOf(const DeviceSet& devices) {
  int threads = 0;
  for (const Device* device : devices.list) threads = std::max(threads, device->info().threads);
  return threads;
}

Result<std::unique_ptr<Session>> CreateSession(const Plan& plan, const DeviceSet& devices,
                                               const DeviceArguments& arguments, bool timed) {
  SessionOptions options;
  options.no_fallback = arguments.no_fallback;
  options.fuse = !arguments.no_groups;
  options.timed = timed;
  return Session::Create(plan, devices.list, options);
}

Status ListSteps(Session& session, const PlanFunction& function,
                 const std::vector<TensorView>& inputs) {
  return function.region_sizes.size() > 1 ? session.Run(inputs) : session.Bind(inputs);
}

}  // namespace stint::cli
