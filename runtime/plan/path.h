// Where in a plan's metadata a reader is: "functions[0].ops[12].attributes[pads]". Paths are chains
// on the stack and become text in errors only.
#ifndef STINT_RUNTIME_PLAN_PATH_H_
#define STINT_RUNTIME_PLAN_PATH_H_

#include <cstdint>
#include <cstdio>

#include "runtime/base/status.h"

namespace stint {

// The text of a path: lives as long as the expression.
struct PathText {
  char text[160];
  const char* c_str() const { return text; }
};

class Path {
 public:
  explicit Path(const char* field) : field_(field) {}
  // The parts of this path's entry; this path must outlive them.
  Path operator/(const char* field) const { return Path(this, field, nullptr, -1); }
  // An entry of a list, by its index or by its name.
  Path operator[](size_t index) const {
    return Path(parent_, field_, key_, static_cast<int64_t>(index));
  }
  Path operator[](const char* key) const { return Path(parent_, field_, key, -1); }

  PathText text() const {
    PathText result;
    Write(result.text, sizeof(result.text));
    return result;
  }

 private:
  Path(const Path* parent, const char* field, const char* key, int64_t index)
      : parent_(parent), field_(field), key_(key), index_(index) {}

  size_t Write(char* out, size_t capacity) const {
    size_t used = parent_ == nullptr ? 0 : parent_->Write(out, capacity);
    const auto advance = [&](int written) {
      used += written < 0 ? 0 : static_cast<size_t>(written);
      if (used >= capacity) used = capacity - 1;
    };
    advance(std::snprintf(out + used, capacity - used, used == 0 ? "%s" : ".%s", field_));
    if (key_ != nullptr) advance(std::snprintf(out + used, capacity - used, "[%s]", key_));
    if (index_ < 0) return used;
    advance(std::snprintf(out + used, capacity - used, "[%lld]", static_cast<long long>(index_)));
    return used;
  }

  const Path* parent_ = nullptr;
  const char* field_;
  const char* key_ = nullptr;
  int64_t index_ = -1;
};

// `index` counts entries of a list of `size`.
Status CheckIndex(const Path& path, uint64_t index, uint64_t size);
// minimum <= count <= maximum, else `code`.
Status CheckCount(const Path& path, uint64_t count, uint64_t minimum, uint64_t maximum,
                  Code code = Code::kInvalid);

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_PATH_H_
