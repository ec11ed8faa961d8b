// A growable array that reports failure instead of throwing: the runtime's std::vector.
#ifndef STINT_RUNTIME_BASE_ARRAY_H_
#define STINT_RUNTIME_BASE_ARRAY_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "runtime/base/status.h"

namespace stint {

template <typename T>
class Array {
  static_assert(std::is_nothrow_move_constructible_v<T>);

 public:
  Array() = default;
  Array(Array&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Array& operator=(Array&& other) noexcept {
    if (this != &other) {
      Release();
      data_ = std::exchange(other.data_, nullptr);
      size_ = std::exchange(other.size_, 0);
      capacity_ = std::exchange(other.capacity_, 0);
    }
    return *this;
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { Release(); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& back() { return data_[size_ - 1]; }
  std::span<const T> span() const { return {data_, size_}; }
  std::span<T> span() { return {data_, size_}; }

  // Makes room for `capacity` elements; afterwards Push cannot fail up to there.
  Status Reserve(size_t capacity) {
    if (capacity <= capacity_) return {};
    if (capacity > SIZE_MAX / sizeof(T)) return OutOfMemory("array", capacity);
    auto* grown = static_cast<T*>(std::malloc(capacity * sizeof(T)));
    if (grown == nullptr) return OutOfMemory("array", capacity * sizeof(T));
    for (size_t i = 0; i < size_; ++i) {
      new (grown + i) T(std::move(data_[i]));
      data_[i].~T();
    }
    std::free(data_);
    data_ = grown;
    capacity_ = capacity;
    return {};
  }

  Status Push(T value) {
    if (size_ == capacity_) STINT_TRY(Reserve(capacity_ < 8 ? 8 : capacity_ * 2));
    new (data_ + size_++) T(std::move(value));
    return {};
  }

  // Sets the size; new elements are value-initialised.
  Status Resize(size_t size) {
    STINT_TRY(Reserve(size));
    while (size_ > size) data_[--size_].~T();
    while (size_ < size) new (data_ + size_++) T();
    return {};
  }

  void Clear() {
    while (size_ > 0) data_[--size_].~T();
  }

 private:
  void Release() {
    Clear();
    std::free(data_);
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_ARRAY_H_
