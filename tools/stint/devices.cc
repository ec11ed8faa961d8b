// stint devices: what this machine and this build have.
#include <memory>
#include <nlohmann/json.hpp>
#include <stint/stint.hpp>
#include <string>
#include <vector>

#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/commands.h"
#include "tools/stint/console.h"
#include "tools/stint/files.h"

namespace stint::cli {

namespace {

Json Document(const std::vector<api::ListedDevice>& devices) {
  Json list = Json::array();
  for (const api::ListedDevice& device : devices) {
    list.push_back({{"name", device.name},
                    {"available", device.unavailable == STINT_OK},
                    {"description", device.description},
                    {"threads", device.threads}});
  }
  return {{"schema", 1}, {"version", STINT_VERSION}, {"devices", list}};
}

std::string Summary(const std::vector<api::ListedDevice>& devices) {
  std::string text;
  for (const api::ListedDevice& device : devices) {
    text += Format("%-10s %s", device.name.c_str(), Printable(device.description).c_str());
    if (device.threads > 0) text += Format(", %d threads", device.threads);
    text += device.unavailable == STINT_OK ? "\n" : " (not available)\n";
  }
  return text;
}

Result<int> RunDevices(const std::string& json) {
  const std::vector<api::ListedDevice> devices = api::ListDevices();
  FileTransaction files;
  STINT_TRY(WriteJson(Document(devices), json, files));
  STINT_TRY(PrintSummary(Summary(devices), json));
  STINT_TRY(files.Commit());
  return 0;
}

}  // namespace

void AddDevices(Command& program) {
  auto json = std::make_shared<std::string>();
  Command command = program.AddCommand("devices", "List the devices that plans can run on");
  command.AddOption("--json", *json, "Write a JSON document; '-' is stdout", "FILE|-");
  command.Does([json] { return RunDevices(*json); });
}

}  // namespace stint::cli
