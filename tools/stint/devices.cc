// stint devices: what this machine and this build have.
#include <limits>
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

struct Feature {
  uint32_t bit;
  const char* name;
};

constexpr Feature kFeatures[] = {
    {STINT_DEVICE_HOST_MEMORY, "host_memory"}, {STINT_DEVICE_SOFTWARE, "software"},
    {STINT_DEVICE_TIMESTAMPS, "timestamps"},   {STINT_DEVICE_STORAGE16, "storage16"},
    {STINT_DEVICE_STORAGE8, "storage8"},
};

std::vector<std::string> FeaturesOf(const api::ListedDevice& device) {
  std::vector<std::string> names;
  for (const Feature& feature : kFeatures) {
    if ((device.info.features & feature.bit) != 0) names.emplace_back(feature.name);
  }
  return names;
}

// Limits that mean nothing to a device are as large as they can be: null.
template <typename T>
Json LimitJson(T limit) {
  return limit == std::numeric_limits<T>::max() ? Json() : Json(limit);
}

Json LimitsJson(const stint_device_info& info) {
  if (info.unavailable != STINT_OK) return Json::object();
  return {{"buffer_bytes", LimitJson(info.max_buffer_bytes)},
          {"buffers", LimitJson(info.max_buffers)},
          {"group_invocations", LimitJson(info.max_group_invocations)},
          {"group_bytes", LimitJson(info.max_group_bytes)}};
}

Json Document(const std::vector<api::ListedDevice>& devices) {
  Json list = Json::array();
  for (const api::ListedDevice& device : devices) {
    const stint_device_info& info = device.info;
    list.push_back({{"name", device.name},
                    {"available", info.unavailable == STINT_OK},
                    {"description", device.description},
                    {"threads", info.threads},
                    {"features", FeaturesOf(device)},
                    {"limits", LimitsJson(info)}});
  }
  return {{"schema", 1}, {"version", STINT_VERSION}, {"devices", list}};
}

// "features: host_memory, timestamps; limits: buffer_bytes 134217728, ...".
std::string Details(const Json& device) {
  std::string text;
  for (const auto& feature : device["features"]) {
    text += (text.empty() ? "features: " : ", ") + feature.get<std::string>();
  }
  const char* separator = text.empty() ? "limits: " : "; limits: ";
  for (const auto& [name, limit] : device["limits"].items()) {
    if (limit.is_null()) continue;
    text += separator + name + " " + limit.dump();
    separator = ", ";
  }
  return text;
}

std::string Summary(const Json& document) {
  std::string text;
  for (const Json& device : document["devices"]) {
    text += Format("%-10s %s", device["name"].get<std::string>().c_str(),
                   Printable(device["description"].get<std::string>()).c_str());
    const int threads = device["threads"];
    if (threads > 0) text += Format(", %d threads", threads);
    text += device["available"] ? "\n" : " (not available)\n";
    if (const std::string details = Details(device); !details.empty()) {
      text += std::string(11, ' ') + details + "\n";
    }
  }
  return text;
}

Result<int> RunDevices(const std::string& json) {
  const Json document = Document(api::ListDevices());
  FileTransaction files;
  STINT_TRY(WriteJson(document, json, files));
  STINT_TRY(PrintSummary(Summary(document), json));
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
