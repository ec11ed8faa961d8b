// Elements of tensors as numbers to compute with. Arithmetic has four classes: float, double,
// int64_t and uint64_t; narrower types are converted on load and rounded or wrapped on store.
// Integer sums and products wrap, so that 64 bits and a store of the low bits give what arithmetic
// in the narrow type would.
#ifndef STINT_RUNTIME_OPS_ELEMENTS_H_
#define STINT_RUNTIME_OPS_ELEMENTS_H_

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "runtime/base/float_formats.h"
#include "runtime/ops/tensor.h"

namespace stint {

enum class ComputeClass : uint8_t { kNone, kFloat, kDouble, kSigned, kUnsigned };

// kNone for what ops do not compute with: 8- and 4-bit floats, sub-byte integers (a Map converts
// them), complex numbers and strings.
constexpr ComputeClass ComputeClassOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kFloat16:
    case DType::kBFloat16:
      return ComputeClass::kFloat;
    case DType::kFloat64:
      return ComputeClass::kDouble;
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
    case DType::kInt64:
      return ComputeClass::kSigned;
    case DType::kUInt8:
    case DType::kUInt16:
    case DType::kUInt32:
    case DType::kUInt64:
    case DType::kBool:
      return ComputeClass::kUnsigned;
    default:
      return ComputeClass::kNone;
  }
}

// Calls `function` with a zero of the class; returns what it returns, or its type's default value
// for kNone.
template <typename Function>
auto WithComputeClass(ComputeClass compute, const Function& function) {
  switch (compute) {
    case ComputeClass::kFloat:
      return function(float{});
    case ComputeClass::kDouble:
      return function(double{});
    case ComputeClass::kSigned:
      return function(int64_t{});
    case ComputeClass::kUnsigned:
      return function(uint64_t{});
    case ComputeClass::kNone:
      break;
  }
  return decltype(function(float{}))();
}

// The same for kFloat and kDouble only.
template <typename Function>
void WithFloatClass(ComputeClass compute, const Function& function) {
  if (compute == ComputeClass::kFloat) function(float{});
  if (compute == ComputeClass::kDouble) function(double{});
}

template <typename T>
T ReadAs(const void* data, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + index * int64_t{sizeof(T)}, sizeof(T));
  return value;
}

template <typename T>
void WriteAs(T value, void* data, int64_t index) {
  std::memcpy(static_cast<char*>(data) + index * int64_t{sizeof(T)}, &value, sizeof(T));
}

// Element `index` of `view`, counted in elements from its data pointer. C must be the view's class;
// float classes also read integers.
template <typename C>
C Load(const TensorView& view, int64_t index) {
  switch (view.dtype) {
    case DType::kInt8:
      return static_cast<C>(ReadAs<int8_t>(view.data, index));
    case DType::kInt16:
      return static_cast<C>(ReadAs<int16_t>(view.data, index));
    case DType::kInt32:
      return static_cast<C>(ReadAs<int32_t>(view.data, index));
    case DType::kInt64:
      return static_cast<C>(ReadAs<int64_t>(view.data, index));
    case DType::kUInt8:
    case DType::kBool:
      return static_cast<C>(ReadAs<uint8_t>(view.data, index));
    case DType::kUInt16:
      return static_cast<C>(ReadAs<uint16_t>(view.data, index));
    case DType::kUInt32:
      return static_cast<C>(ReadAs<uint32_t>(view.data, index));
    case DType::kUInt64:
      return static_cast<C>(ReadAs<uint64_t>(view.data, index));
    default:
      break;
  }
  if constexpr (std::is_floating_point_v<C>) {
    switch (view.dtype) {
      case DType::kFloat32:
        return static_cast<C>(ReadAs<float>(view.data, index));
      case DType::kFloat64:
        return static_cast<C>(ReadAs<double>(view.data, index));
      case DType::kFloat16:
        return static_cast<C>(HalfToFloat(ReadAs<uint16_t>(view.data, index)));
      case DType::kBFloat16:
        return static_cast<C>(BFloat16ToFloat(ReadAs<uint16_t>(view.data, index)));
      default:
        break;
    }
  }
  return C{};
}

// Floats are rounded to the view's float type, integers keep the low bits of its integer type;
// bools hold whether the value is not 0.
template <typename C>
void Store(C value, const TensorView& view, int64_t index) {
  if constexpr (std::is_floating_point_v<C>) {
    switch (view.dtype) {
      case DType::kFloat32:
        return WriteAs(static_cast<float>(value), view.data, index);
      case DType::kFloat64:
        return WriteAs(static_cast<double>(value), view.data, index);
      case DType::kFloat16:
        return WriteAs(FloatToHalf(static_cast<float>(value)), view.data, index);
      case DType::kBFloat16:
        return WriteAs(FloatToBFloat16(static_cast<float>(value)), view.data, index);
      default:
        return;
    }
  } else {
    if (view.dtype == DType::kBool) return WriteAs<uint8_t>(value != 0, view.data, index);
    switch (BytesOf(view.dtype)) {
      case 1:
        return WriteAs(static_cast<uint8_t>(value), view.data, index);
      case 2:
        return WriteAs(static_cast<uint16_t>(value), view.data, index);
      case 4:
        return WriteAs(static_cast<uint32_t>(value), view.data, index);
      case 8:
        return WriteAs(static_cast<uint64_t>(value), view.data, index);
      default:
        return;
    }
  }
}

// An index or count of dtype int32 or int64.
inline int64_t LoadIndex(const TensorView& view, int64_t index) {
  return view.dtype == DType::kInt32 ? ReadAs<int32_t>(view.data, index)
                                     : ReadAs<int64_t>(view.data, index);
}

// Copies one element of 1, 2, 4, 8 or 16 bytes; indices count elements.
inline void MoveElement(const void* from, int64_t from_index, void* to, int64_t to_index,
                        int64_t bytes) {
  const char* source = static_cast<const char*>(from) + from_index * bytes;
  char* target = static_cast<char*>(to) + to_index * bytes;
  switch (bytes) {
    case 1:
      *target = *source;
      return;
    case 2:
      std::memcpy(target, source, 2);
      return;
    case 4:
      std::memcpy(target, source, 4);
      return;
    case 8:
      std::memcpy(target, source, 8);
      return;
    default:
      std::memcpy(target, source, 16);
  }
}

template <typename C>
C Plus(C a, C b) {
  if constexpr (std::is_integral_v<C>) {
    return static_cast<C>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  } else {
    return a + b;
  }
}

template <typename C>
C Times(C a, C b) {
  if constexpr (std::is_integral_v<C>) {
    return static_cast<C>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  } else {
    return a * b;
  }
}

template <typename C>
bool IsNan(C value) {
  return value != value;
}

// NaN if either is NaN, the first one's.
template <typename C>
C Larger(C a, C b) {
  return IsNan(a) || a >= b ? a : b;
}
template <typename C>
C Smaller(C a, C b) {
  return IsNan(a) || a <= b ? a : b;
}

// The smallest and largest value of a numeric type, infinities for floats, in its class.
template <typename C>
C LowestOf(DType dtype) {
  if constexpr (std::is_floating_point_v<C>) return -std::numeric_limits<C>::infinity();
  if (ComputeClassOf(dtype) == ComputeClass::kUnsigned) return 0;
  return static_cast<C>(std::numeric_limits<int64_t>::min() >> (64 - 8 * BytesOf(dtype)));
}
template <typename C>
C HighestOf(DType dtype) {
  if constexpr (std::is_floating_point_v<C>) return std::numeric_limits<C>::infinity();
  if (dtype == DType::kBool) return 1;
  const int64_t shift = 64 - 8 * BytesOf(dtype);
  if (ComputeClassOf(dtype) == ComputeClass::kSigned) {
    return static_cast<C>(std::numeric_limits<int64_t>::max() >> shift);
  }
  return static_cast<C>(std::numeric_limits<uint64_t>::max() >> shift);
}

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_ELEMENTS_H_
