// stint devices: what this machine and this build have.
#include <memory>
#include <string>
#include <vector>

#include "runtime/hal/backends.h"
#include "tools/stint/arguments.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/files.h"

namespace stint::cli {

namespace {

constexpr int kMaxDevices = 16;  // Of one backend.

struct Found {
  std::string name;
  std::string description;
  int threads = 0;
  bool available = false;  // Else the description says why not.
};

Found Describe(const Backend& backend, const Result<std::unique_ptr<Device>>& device) {
  if (!device.ok()) return {backend.name, device.status().message(), 0, false};
  const DeviceInfo& info = (*device)->info();
  return {info.name, info.description, info.threads, true};
}

// The devices of each backend, or why its first one is not there.
std::vector<Found> FindDevices() {
  std::vector<Found> devices;
  for (const Backend& backend : Backends()) {
    for (int index = 0; index < kMaxDevices; ++index) {
      const auto device = backend.create(index, DeviceOptions());
      if (!device.ok() && index > 0) break;
      devices.push_back(Describe(backend, device));
      if (!device.ok()) break;
    }
  }
  return devices;
}

Json Document(const std::vector<Found>& devices) {
  Json list = Json::array();
  for (const Found& device : devices) {
    list.push_back({{"name", device.name},
                    {"available", device.available},
                    {"description", device.description},
                    {"threads", device.threads}});
  }
  return {{"schema", 1}, {"version", STINT_VERSION}, {"devices", list}};
}

std::string Summary(const std::vector<Found>& devices) {
  std::string text;
  for (const Found& device : devices) {
    text += Format("%-10s %s", device.name.c_str(), Printable(device.description).c_str());
    if (device.threads > 0) text += Format(", %d threads", device.threads);
    text += device.available ? "\n" : " (not available)\n";
  }
  return text;
}

Result<int> RunDevices(const std::string& json) {
  const std::vector<Found> devices = FindDevices();
  FileTransaction files;
  STINT_TRY(WriteJson(Document(devices), json, files));
  STINT_TRY(PrintSummary(Summary(devices), json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace

void AddDevices(CLI::App& app, Action& action) {
  auto json = std::make_shared<std::string>();
  CLI::App& command = *app.add_subcommand("devices", "List the devices that plans can run on");
  AddOption(command, "--json", *json, "Write a JSON document; '-' is stdout", "FILE|-");
  command.callback([json, &action] { action = [json] { return RunDevices(*json); }; });
}

}  // namespace stint::cli
