#include "runtime/plan/path.h"

namespace stint {

Status CheckIndex(const Path& path, uint64_t index, uint64_t size) {
  if (index < size) return {};
  const auto found = static_cast<unsigned long long>(index);
  if (size == 0) {
    return Error(Code::kInvalid, path.text().c_str(), "found %llu, allowed none: there are none",
                 found);
  }
  return Error(Code::kInvalid, path.text().c_str(), "found %llu, allowed 0 to %llu", found,
               static_cast<unsigned long long>(size - 1));
}

Status CheckCount(const Path& path, uint64_t count, uint64_t minimum, uint64_t maximum, Code code) {
  if (count >= minimum && count <= maximum) return {};
  return Error(code, path.text().c_str(), "found %llu, allowed %llu to %llu",
               static_cast<unsigned long long>(count), static_cast<unsigned long long>(minimum),
               static_cast<unsigned long long>(maximum));
}

}  // namespace stint
