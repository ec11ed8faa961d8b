// The one place where the runtime meets its backends: the list that CMake generates.
#include "runtime/hal/backends.h"

#include <algorithm>

#include "runtime/base/text.h"

namespace stint {

#define STINT_BACKEND(name)                                                              \
  namespace name {                                                                       \
  Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions& options); \
  }
#include "stint_backend_list.inc"
#undef STINT_BACKEND

namespace {

constexpr Backend kBackends[] = {
#define STINT_BACKEND(name) {#name, &name::CreateDevice},
#include "stint_backend_list.inc"
#undef STINT_BACKEND
};

constexpr const char* kAbsentBackends[] = {
#define STINT_ABSENT_BACKEND(name) #name,
#include "stint_absent_backend_list.inc"
#undef STINT_ABSENT_BACKEND
    nullptr,
};

// "vulkan:1" is device 1 of vulkan; without a number it is device 0. False: not of that form.
bool ParseIndex(std::string_view digits, int* index) {
  if (digits.size() > 1 && digits[0] == '0') return false;
  *index = 0;
  if (digits.empty() || digits.size() > 4) return false;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return false;
    *index = *index * 10 + (digit - '0');
  }
  return true;
}

// The backend of a device's name, and which of its devices that is.
Result<const Backend*> FindBackend(std::string_view name, int* index) {
  const size_t colon = name.find(':');
  const std::string_view stem(name.data(), colon == std::string_view::npos ? name.size() : colon);
  const int length = static_cast<int>(std::min<size_t>(name.size(), 60));
  bool valid = true;
  *index = 0;
  if (colon != std::string_view::npos) {
    valid = ParseIndex({name.data() + colon + 1, name.size() - colon - 1}, index);
  }
  for (const Backend& backend : kBackends) {
    if (valid && stem == backend.name) return &backend;
  }
  for (const char* const* absent = kAbsentBackends; valid && *absent != nullptr; ++absent) {
    if (stem != *absent) continue;
    return Error(Code::kUnavailable, "device", "found %.*s, allowed a backend of this build",
                 length, name.data());
  }
  return Error(Code::kInvalid, "device",
               "found %.*s, allowed a backend of this build, as cpu or cpu:0", length, name.data());
}

}  // namespace

std::span<const Backend> Backends() { return kBackends; }

Status CheckDeviceName(std::string_view name) {
  int index = 0;
  return FindBackend(name, &index).TakeStatus();
}

Result<std::unique_ptr<Device>> CreateDevice(std::string_view name, const DeviceOptions& options) {
  int index = 0;
  STINT_ASSIGN(const Backend* const backend, FindBackend(name, &index));
  return backend->create(index, options);
}

}  // namespace stint
