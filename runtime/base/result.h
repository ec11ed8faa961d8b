// A value or the error that stood in its way.
#ifndef STINT_RUNTIME_BASE_RESULT_H_
#define STINT_RUNTIME_BASE_RESULT_H_

#include <optional>
#include <utility>

#include "runtime/base/status.h"

namespace stint {

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design.
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit by design.

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  Status&& TakeStatus() { return std::move(status_); }

  // Only when ok().
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace stint

// `STINT_ASSIGN(auto x, MakeX())`: declares or assigns the value, or leaves the function with the
// error.
#define STINT_ASSIGN(target, expression) \
  STINT_ASSIGN_INNER(STINT_CONCAT(stint_result_, __LINE__), target, expression)
#define STINT_ASSIGN_INNER(result, target, expression) \
  auto result = (expression);                          \
  if (!result.ok()) return result.TakeStatus();        \
  target = std::move(*result)

#endif  // STINT_RUNTIME_BASE_RESULT_H_
