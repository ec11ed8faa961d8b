// The one place where the runtime meets its backends: the list that CMake generates.
#include "runtime/hal/backends.h"

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

// "vulkan:1" is device 1 of vulkan; without a number it is device 0. False: not of that form.
bool ParseIndex(std::string_view digits, int* index) {
  *index = 0;
  if (digits.empty() || digits.size() > 4) return false;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return false;
    *index = *index * 10 + (digit - '0');
  }
  return true;
}

}  // namespace

std::span<const Backend> Backends() { return kBackends; }

Result<std::unique_ptr<Device>> CreateDevice(std::string_view name, const DeviceOptions& options) {
  const size_t colon = name.find(':');
  const std::string_view stem(name.data(), colon == std::string_view::npos ? name.size() : colon);
  int index = 0;
  bool valid = true;
  if (colon != std::string_view::npos) {
    valid = ParseIndex({name.data() + colon + 1, name.size() - colon - 1}, &index);
  }
  for (const Backend& backend : kBackends) {
    if (valid && stem == backend.name) return backend.create(index, options);
  }
  return Error(Code::kInvalid, "device",
               "found %.*s, allowed a backend of this build, as cpu or cpu:0",
               static_cast<int>(name.size() < 60 ? name.size() : 60), name.data());
}

}  // namespace stint
