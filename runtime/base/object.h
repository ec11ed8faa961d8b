// The base of classes with virtual functions that live on the heap: allocation can fail, and
// neither operator new nor operator delete of the C++ library is ever needed on the device.
#ifndef STINT_RUNTIME_BASE_OBJECT_H_
#define STINT_RUNTIME_BASE_OBJECT_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "runtime/base/result.h"

namespace stint {

class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  static void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
    return std::malloc(bytes);
  }
  static void operator delete(void* pointer) noexcept { std::free(pointer); }
  static void operator delete(void* pointer, const std::nothrow_t&) noexcept { std::free(pointer); }
};

// A heap object, or kLimit when there is no memory.
template <typename T, typename... Arguments>
Result<std::unique_ptr<T>> Make(Arguments&&... arguments) {
  std::unique_ptr<T> object(new (std::nothrow) T(std::forward<Arguments>(arguments)...));
  if (object == nullptr) return OutOfMemory("object", sizeof(T));
  return object;
}

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_OBJECT_H_
