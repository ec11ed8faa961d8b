// Errors as values. A Status is either ok or says which kind of error, where, what was found and
// what would have been allowed. It never throws and never needs memory to keep its code: when the
// detail cannot be allocated, only the text is lost.
#ifndef STINT_RUNTIME_BASE_STATUS_H_
#define STINT_RUNTIME_BASE_STATUS_H_

#include <cstdint>
#include <utility>

namespace stint {

// The kinds of error. The values are the exit codes of the command line.
enum class Code : uint8_t {
  kOk = 0,
  kInvalid = 2,      // Bad usage or bad content: model, plan, tensor.
  kUnsupported = 4,  // A correct model that needs something which this build does not have.
  kUnavailable = 5,  // A device that is not there or was lost.
  kLimit = 6,        // A limit of `Limits`, or memory, was exceeded.
  kIo = 7,           // A path is missing, is not a regular file, or cannot be read or written.
  kCancelled = 8,    // A run that was asked to stop.
  kDeadline = 9,     // A run that was still going at its deadline.
  kInternal = 70,    // A bug in Stint.
};

// The name of a code as error lines print it: "invalid", "unsupported", ...
const char* CodeName(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Status&& other) noexcept
      : code_(std::exchange(other.code_, Code::kOk)),
        detail_(std::exchange(other.detail_, nullptr)) {}
  Status& operator=(Status&& other) noexcept;
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;
  ~Status();

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  // Where the error is: a field path, a node, a file. Empty when ok.
  const char* where() const;
  // "found X, allowed Y". Empty when ok.
  const char* message() const;

  // The same error seen from further out: `where` becomes "outer: where".
  Status At(const char* outer) &&;

 private:
  struct Detail;
  friend Status Error(Code code, const char* where, const char* format, ...);
  Code code_ = Code::kOk;
  Detail* detail_ = nullptr;
};

// Makes an error. `format` is printf's and should read "found X, allowed Y". Bytes outside
// printable ASCII are escaped and long texts cut, so attacker's bytes may be passed in.
[[gnu::format(printf, 3, 4)]] Status Error(Code code, const char* where, const char* format, ...);

// The error for memory that the system did not give.
Status OutOfMemory(const char* where, uint64_t bytes);

}  // namespace stint

#define STINT_CONCAT_INNER(a, b) a##b
#define STINT_CONCAT(a, b) STINT_CONCAT_INNER(a, b)

// Leaves the enclosing function with the error, if there is one.
#define STINT_TRY(expression)                                                                 \
  do {                                                                                        \
    if (::stint::Status stint_status = (expression); !stint_status.ok()) return stint_status; \
  } while (false)

#endif  // STINT_RUNTIME_BASE_STATUS_H_
