// Devices: opening, listing, asking.
#include <algorithm>

#include "runtime/api/handles.h"
#include "runtime/hal/backends.h"

namespace stint::abi {

namespace {

constexpr std::string_view kAutomatic = "auto";
constexpr std::string_view kBest = "cpu";
// So many devices of a backend are looked for at most.
constexpr int kMostDevices = 16;

// What a caller's name stands for.
std::string_view Resolve(const char* name) {
  const std::string_view given(name);
  return given == kAutomatic ? kBest : given;
}

// As listing shows it: the first device of a backend has no number.
std::string_view WithoutZero(std::string_view name) {
  const size_t colon = name.find(':');
  const bool first = colon == std::string_view::npos ||
                     name.find_first_not_of('0', colon + 1) == std::string_view::npos;
  return first ? std::string_view(name.data(), std::min(colon, name.size())) : name;
}

uint32_t Bit(bool set, uint32_t bit) { return set ? bit : 0; }

stint_device_info Describe(const DeviceInfo& device, const char* name) {
  stint_device_info info = {};
  info.features = Bit(device.host_memory, STINT_DEVICE_HOST_MEMORY) |
                  Bit(device.software, STINT_DEVICE_SOFTWARE) |
                  Bit(device.timestamps, STINT_DEVICE_TIMESTAMPS) |
                  Bit((device.features & kFeatureStorage16) != 0, STINT_DEVICE_STORAGE16) |
                  Bit((device.features & kFeatureStorage8) != 0, STINT_DEVICE_STORAGE8);
  info.name = name;
  info.description = device.description;
  info.threads = device.threads;
  info.max_buffer_bytes = device.max_binding_bytes;
  info.max_buffers = device.max_bindings;
  info.max_group_invocations = device.max_group_invocations;
  info.max_group_bytes = device.max_group_bytes;
  info.operations_per_second = device.operations_per_second;
  info.bytes_per_second = device.bytes_per_second;
  return info;
}

Status Open(const char* name, const stint_device_options* given, stint_device** out) {
  if (name == nullptr) return Missing("name");
  if (out == nullptr) return Missing("device");
  stint_device_options options = {};
  STINT_TRY(ReadOptions("stint_device_options", given, &options));
  STINT_ASSIGN(*out, OpenDevice(name, options.threads));
  return {};
}

Status CheckName(const char* name) {
  return name == nullptr ? Missing("name") : CheckDeviceName(Resolve(name));
}

// Shows the devices of a backend; whether to go on.
bool VisitBackend(const Backend& backend, int (*visit)(void* user, const stint_device_info* info),
                  void* user) {
  for (int index = 0; index < kMostDevices; ++index) {
    const auto device = backend.create(index, DeviceOptions());
    if (!device.ok() && index > 0) break;
    stint_device_info info = {};
    const Formatted<> numbered("%s:%d", backend.name, index);
    if (device.ok()) {
      info = Describe((*device)->info(), index == 0 ? backend.name : numbered.c_str());
    } else {
      info.name = backend.name;
      info.description = device.status().message();
      info.unavailable = static_cast<stint_code>(device.status().code());
    }
    info.struct_size = sizeof(info);
    if (visit(user, &info) != 0) return false;
    if (!device.ok()) break;
  }
  return true;
}

Status List(int (*visit)(void* user, const stint_device_info* info), void* user) {
  if (visit == nullptr) return Missing("visit");
  for (const Backend& backend : Backends()) {
    if (!VisitBackend(backend, visit, user)) break;
  }
  return {};
}

Status GetInfo(const stint_device* device, stint_device_info* info) {
  if (device == nullptr) return Missing("device");
  return WriteInfo("stint_device_info", Describe(device->device->info(), device->name.c_str()),
                   info);
}

Status VisitRules(const stint_device* device, RuleVisitor visit, void* user) {
  if (device == nullptr) return Missing("device");
  if (visit == nullptr) return Missing("visit");
  device->device->VisitRules(visit, user);
  return {};
}

Status GetCounters(const stint_device* device, stint_device_counters* counters) {
  if (device == nullptr) return Missing("device");
  const DeviceCounters own = device->device->counters();
  return WriteInfo("stint_device_counters",
                   {0, 0, own.submissions, own.dispatches, own.recorded, own.allocations,
                    own.written_bytes, own.read_bytes, own.pipelines_compiled, own.pipeline_hits},
                   counters);
}

}  // namespace

Result<stint_device*> OpenDevice(const char* name, int threads) {
  const std::string_view wanted = Resolve(name);
  STINT_ASSIGN(auto device, Make<stint_device>());
  STINT_ASSIGN(device->name, Text::Copy(WithoutZero(wanted)));
  STINT_ASSIGN(device->device, CreateDevice(wanted, {.threads = threads}));
  return device.release();
}

}  // namespace stint::abi

using stint::abi::Report;

extern "C" {

stint_code stint_device_open(const char* name, const stint_device_options* options,
                             stint_device** device, stint_error* error) {
  return Report(stint::abi::Open(name, options, device), error);
}

stint_code stint_device_check_name(const char* name, stint_error* error) {
  return Report(stint::abi::CheckName(name), error);
}

void stint_device_destroy(stint_device* device) {
  if (device != nullptr) device->Release();
}

stint_code stint_device_get_info(const stint_device* device, stint_device_info* info,
                                 stint_error* error) {
  return Report(stint::abi::GetInfo(device, info), error);
}

stint_code stint_list_devices(int (*visit)(void* user, const stint_device_info* info), void* user,
                              stint_error* error) {
  return Report(stint::abi::List(visit, user), error);
}

stint_code stint_device_rules(const stint_device* device,
                              int (*visit)(void* user, const char* rule), void* user,
                              stint_error* error) {
  return Report(stint::abi::VisitRules(device, visit, user), error);
}

stint_code stint_device_get_counters(const stint_device* device, stint_device_counters* counters,
                                     stint_error* error) {
  return Report(stint::abi::GetCounters(device, counters), error);
}

}  // extern "C"
