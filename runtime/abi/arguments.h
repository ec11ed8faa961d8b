// What every call of the C interface does with its arguments: structures that may be of another
// version, errors for the caller, objects that several owners share. Nothing here trusts a caller
// beyond the memory that a pointer must point at.
#ifndef STINT_RUNTIME_ABI_ARGUMENTS_H_
#define STINT_RUNTIME_ABI_ARGUMENTS_H_

#include <atomic>
#include <cstring>
#include <string_view>

#include "runtime/base/log.h"
#include "runtime/base/object.h"
#include "stint/stint.h"

namespace stint::abi {

// Writes the status where the caller wants it, if anywhere, and gives its code.
stint_code Report(const Status& status, stint_error* error);

// The error for a pointer that must not be null.
Status Missing(const char* argument);

// Bytes of a caller's structure at `given`, whose first member says its size, laid over `*out` of
// `known` bytes. kInvalid: a size that no version has; kUnsupported: what this version does not
// know is not zero.
Status ReadStruct(const char* name, const void* given, size_t known, void* out);
// Writes as much of `known` bytes at `from` as the caller's structure has room for, and zeros
// behind them; its size stays.
Status WriteStruct(const char* name, const void* from, size_t known, void* given);

// Options: defaults, and over them what the caller gave, which may be nothing.
template <typename T>
Status ReadOptions(const char* name, const T* given, T* out) {
  return given == nullptr ? Status() : ReadStruct(name, given, sizeof(T), out);
}
template <typename T>
Status WriteInfo(const char* name, const T& from, T* given) {
  return given == nullptr ? Missing(name) : WriteStruct(name, &from, sizeof(T), given);
}

Status CheckFlags(const char* name, uint32_t flags, uint32_t allowed);
Status CheckIndex(const char* what, size_t index, size_t count);

Log LogOf(const stint_log& log);

// The text of a plan as C has it: texts of plans end with a zero byte.
inline const char* TextOf(std::string_view text) { return text.empty() ? "" : text.data(); }

// An object that lives until its last owner has let go.
class Shared : public Object {
 public:
  void Retain() { owners_.fetch_add(1, std::memory_order_relaxed); }
  void Release() {
    if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  std::atomic<uint32_t> owners_{1};
};

// One owner of a Shared.
template <typename T>
class Owner {
 public:
  Owner() = default;
  explicit Owner(T* object) : object_(object) { object_->Retain(); }
  Owner(Owner&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Owner& operator=(Owner&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  ~Owner() {
    if (object_ != nullptr) object_->Release();
  }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace stint::abi

#endif  // STINT_RUNTIME_ABI_ARGUMENTS_H_
