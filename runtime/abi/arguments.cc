#include "runtime/abi/arguments.h"

#include <algorithm>
#include <cstdio>

namespace stint::abi {

namespace {

// No structure of any version is larger.
constexpr uint32_t kLargestStruct = 4096;

Status CheckSize(const char* name, const void* given, uint32_t* size) {
  std::memcpy(size, given, sizeof(*size));
  const bool whole = *size % sizeof(void*) == 0;  // No version ends in the middle of a pointer.
  if (whole && *size >= 2 * sizeof(*size) && *size <= kLargestStruct) return {};
  return Error(Code::kInvalid, name, "found struct_size %u, allowed sizeof(%s)", *size, name);
}

}  // namespace

stint_code Report(const Status& status, stint_error* error) {
  const auto code = static_cast<stint_code>(status.code());
  if (error == nullptr || error->struct_size < sizeof(stint_error)) return code;
  error->code = code;
  std::snprintf(error->where, sizeof(error->where), "%s", status.where());
  std::snprintf(error->message, sizeof(error->message), "%s", status.message());
  return code;
}

Status Missing(const char* argument) {
  return Error(Code::kInvalid, argument, "found NULL, allowed an address");
}

Status ReadStruct(const char* name, const void* given, size_t known, void* out) {
  uint32_t size = 0;
  STINT_TRY(CheckSize(name, given, &size));
  std::memcpy(out, given, std::min<size_t>(size, known));
  const auto* const bytes = static_cast<const uint8_t*>(given);
  for (size_t i = known; i < size; ++i) {
    if (bytes[i] == 0) continue;
    return Error(Code::kUnsupported, name,
                 "found byte %zu set, allowed zeros beyond the %zu that this library knows", i,
                 known);
  }
  return {};
}

Status WriteStruct(const char* name, const void* from, size_t known, void* given) {
  uint32_t size = 0;
  STINT_TRY(CheckSize(name, given, &size));
  auto* const bytes = static_cast<uint8_t*>(given);
  const size_t start = sizeof(size);
  const size_t end = std::min<size_t>(size, known);
  std::memcpy(bytes + start, static_cast<const uint8_t*>(from) + start, end - start);
  std::memset(bytes + end, 0, size - end);
  return {};
}

Status CheckFlags(const char* name, uint32_t flags, uint32_t allowed) {
  if ((flags & ~allowed) == 0) return {};
  return Error(Code::kUnsupported, name, "found flags %#x, allowed bits of %#x", flags, allowed);
}

Status CheckIndex(const char* what, size_t index, size_t count) {
  if (index < count) return {};
  return Error(Code::kInvalid, what, "found index %zu, allowed 0 to %zu of %zu", index,
               count == 0 ? 0 : count - 1, count);
}

Log LogOf(const stint_log& log) {
  const int32_t most = std::clamp<int32_t>(log.level, STINT_LOG_NONE, STINT_LOG_DEBUG);
  return {log.write, log.user, static_cast<LogLevel>(most)};
}

}  // namespace stint::abi
