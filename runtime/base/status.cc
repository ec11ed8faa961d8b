#include "runtime/base/status.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace stint {

struct Status::Detail {
  char where[160];
  char message[256];
};

namespace {

// Copies `text` into `out`, printable ASCII as it is and other bytes as \xNN, cut to fit.
void CopyPrintable(const char* text, char* out, size_t capacity) {
  static constexpr char kHex[] = "0123456789abcdef";
  size_t used = 0;
  for (; *text != '\0' && used + 5 < capacity; ++text) {
    const auto byte = static_cast<unsigned char>(*text);
    if (byte >= 0x20 && byte < 0x7f) {
      out[used++] = *text;
      continue;
    }
    out[used++] = '\\';
    out[used++] = 'x';
    out[used++] = kHex[byte >> 4];
    out[used++] = kHex[byte & 15];
  }
  out[used] = '\0';
}

}  // namespace

const char* CodeName(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalid:
      return "invalid";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kLimit:
      return "limit";
    case Code::kIo:
      return "io";
    case Code::kCancelled:
      return "cancelled";
    case Code::kDeadline:
      return "deadline";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

Status& Status::operator=(Status&& other) noexcept {
  if (this != &other) {
    std::free(detail_);
    code_ = std::exchange(other.code_, Code::kOk);
    detail_ = std::exchange(other.detail_, nullptr);
  }
  return *this;
}

Status::~Status() { std::free(detail_); }

const char* Status::where() const { return detail_ != nullptr ? detail_->where : ""; }

const char* Status::message() const { return detail_ != nullptr ? detail_->message : ""; }

Status Status::At(const char* outer) && {
  if (detail_ == nullptr) return std::move(*this);
  char inner[sizeof(detail_->where)];
  std::memcpy(inner, detail_->where, sizeof(inner));
  char joined[2 * sizeof(inner)];
  std::snprintf(joined, sizeof(joined), inner[0] == '\0' ? "%.150s" : "%.150s: %s", outer, inner);
  CopyPrintable(joined, detail_->where, sizeof(detail_->where));
  return std::move(*this);
}

Status Error(Code code, const char* where, const char* format, ...) {
  Status status;
  status.code_ = code;
  status.detail_ = static_cast<Status::Detail*>(std::calloc(1, sizeof(Status::Detail)));
  if (status.detail_ == nullptr) return status;
  char text[sizeof(status.detail_->message)];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  CopyPrintable(where, status.detail_->where, sizeof(status.detail_->where));
  CopyPrintable(text, status.detail_->message, sizeof(status.detail_->message));
  return status;
}

Status OutOfMemory(const char* where, uint64_t bytes) {
  return Error(Code::kLimit, where, "found no memory for %llu bytes, allowed what the system has",
               static_cast<unsigned long long>(bytes));
}

}  // namespace stint
