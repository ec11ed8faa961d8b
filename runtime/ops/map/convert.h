// The rules of Cast, once: between register types, and between registers and elements in memory.
//
// A store takes two steps: the register is converted to the working type of the element (float for
// all narrow floats, int32 for all narrow integers), then narrowed. Both executors are made of
// these functions.
#ifndef STINT_RUNTIME_OPS_MAP_CONVERT_H_
#define STINT_RUNTIME_OPS_MAP_CONVERT_H_

#include <limits>
#include <type_traits>

#include "runtime/base/float_formats.h"
#include "runtime/base/math_round.h"
#include "runtime/ops/map/opcode_table.h"

namespace stint {

// STINT_ELEMENT(dtype, Storage, Work): the type in memory and the working type, by MapType.
#define STINT_MAP_ELEMENTS(STINT_ELEMENT)       \
  STINT_ELEMENT(kFloat32, float, kF32)          \
  STINT_ELEMENT(kFloat16, uint16_t, kF32)       \
  STINT_ELEMENT(kBFloat16, uint16_t, kF32)      \
  STINT_ELEMENT(kFloat64, double, kF64)         \
  STINT_ELEMENT(kInt8, int8_t, kI32)            \
  STINT_ELEMENT(kInt16, int16_t, kI32)          \
  STINT_ELEMENT(kInt32, int32_t, kI32)          \
  STINT_ELEMENT(kInt64, int64_t, kI64)          \
  STINT_ELEMENT(kUInt8, uint8_t, kI32)          \
  STINT_ELEMENT(kUInt16, uint16_t, kI32)        \
  STINT_ELEMENT(kUInt32, uint32_t, kU32)        \
  STINT_ELEMENT(kUInt64, uint64_t, kU64)        \
  STINT_ELEMENT(kBool, uint8_t, kBool)          \
  STINT_ELEMENT(kFloat8E4M3FN, uint8_t, kF32)   \
  STINT_ELEMENT(kFloat8E4M3FNUZ, uint8_t, kF32) \
  STINT_ELEMENT(kFloat8E5M2, uint8_t, kF32)     \
  STINT_ELEMENT(kFloat8E5M2FNUZ, uint8_t, kF32) \
  STINT_ELEMENT(kFloat8E8M0, uint8_t, kF32)     \
  STINT_ELEMENT(kFloat4E2M1, uint8_t, kF32)     \
  STINT_ELEMENT(kInt4, int8_t, kI32)            \
  STINT_ELEMENT(kUInt4, uint8_t, kI32)          \
  STINT_ELEMENT(kInt2, int8_t, kI32)            \
  STINT_ELEMENT(kUInt2, uint8_t, kI32)          \
  STINT_ELEMENT(kString, uint32_t, kU32)

template <DType dtype>
struct ElementTraits;
#define STINT_ELEMENT(dtype, StorageType, work)     \
  template <>                                       \
  struct ElementTraits<DType::dtype> {              \
    using Storage = StorageType;                    \
    static constexpr MapType kWork = MapType::work; \
    using Work = MapValue<kWork>;                   \
  };
STINT_MAP_ELEMENTS(STINT_ELEMENT)
#undef STINT_ELEMENT

// Calls visit.operator()<dtype>() for the constant that equals `dtype`; dtypes that Map does not
// know are ignored.
template <typename Visitor>
void VisitElement(DType dtype, Visitor&& visit) {
  switch (dtype) {
#define STINT_ELEMENT(name, StorageType, work) \
  case DType::name:                            \
    visit.template operator()<DType::name>();  \
    break;
    STINT_MAP_ELEMENTS(STINT_ELEMENT)
#undef STINT_ELEMENT
    default:
      break;
  }
}

// The working type of elements of `dtype`.
constexpr MapType WorkTypeOf(DType dtype) {
  switch (dtype) {
#define STINT_ELEMENT(name, StorageType, work) \
  case DType::name:                            \
    return MapType::work;
    STINT_MAP_ELEMENTS(STINT_ELEMENT)
#undef STINT_ELEMENT
    default:
      return MapType::kF32;
  }
}

// How the first step of a store treats values that the working type cannot hold.
enum class ConvertRule : uint8_t {
  kCast = 0,      // As `cvt`: integers keep low bits.
  kSaturate = 1,  // Integers are clamped.
  kOdd = 2,       // To float on the way to a narrower float: no double rounding.
};
inline constexpr int kConvertRuleCount = 3;

constexpr bool IsNarrowFloat(DType dtype) {
  return WorkTypeOf(dtype) == MapType::kF32 && dtype != DType::kFloat32;
}

constexpr ConvertRule RuleOf(DType dtype, MapStoreMode mode) {
  if (dtype == DType::kFloat8E8M0) return ConvertRule::kCast;  // ONNX: by way of float.
  if (IsNarrowFloat(dtype)) return ConvertRule::kOdd;
  return mode == MapStoreMode::kSaturate ? ConvertRule::kSaturate : ConvertRule::kCast;
}

// Truncates; NaN gives 0, values out of range the nearest end.
template <typename To, typename From>
STINT_ALWAYS_INLINE To TruncateToInteger(From value) {
  constexpr auto kLow = static_cast<From>(std::numeric_limits<To>::min());
  // One past the largest: a power of two, which both formats hold.
  constexpr To kHalf = std::numeric_limits<To>::max() / 2 + 1;
  constexpr From kPast = static_cast<From>(kHalf) * From(2);
  const bool below = value < kLow;
  const bool above = value >= kPast;
  const bool inside = !below && !above && value == value;
  const To truncated = static_cast<To>(inside ? value : From(0));
  const To low = below ? std::numeric_limits<To>::min() : truncated;
  return above ? std::numeric_limits<To>::max() : low;
}

// Clamps an integer to another integer type's range.
template <typename To, typename From>
STINT_ALWAYS_INLINE To ClampInteger(From value) {
  using Limits = std::numeric_limits<To>;
  if constexpr (std::is_signed_v<From> && !std::is_signed_v<To>) {
    const auto positive = static_cast<std::make_unsigned_t<From>>(value < 0 ? 0 : value);
    return positive > Limits::max() ? Limits::max() : static_cast<To>(positive);
  } else if constexpr (!std::is_signed_v<From>) {
    constexpr auto kMost = static_cast<std::make_unsigned_t<To>>(Limits::max());
    return value > kMost ? Limits::max() : static_cast<To>(value);
  } else {
    const To low = value < Limits::min() ? Limits::min() : static_cast<To>(value);
    return value > Limits::max() ? Limits::max() : low;
  }
}

template <typename To, ConvertRule rule, typename From>
STINT_ALWAYS_INLINE To FloatToInteger(From value) {
  if constexpr (rule == ConvertRule::kSaturate || std::is_signed_v<To>) {
    return TruncateToInteger<To>(value);
  } else {
    return static_cast<To>(TruncateToInteger<int64_t>(value));
  }
}

// Converts between register types.
template <typename To, ConvertRule rule, typename From>
STINT_ALWAYS_INLINE To ConvertValue(From value) {
  constexpr bool kFromFloat = std::is_floating_point_v<From>;
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_same_v<From, bool>) {
    return static_cast<To>(value ? 1 : 0);
  } else if constexpr (std::is_same_v<To, float> && rule == ConvertRule::kOdd) {
    return RoundToOdd(static_cast<double>(value));
  } else if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(value);
  } else if constexpr (kFromFloat) {
    return FloatToInteger<To, rule>(value);
  } else if constexpr (rule == ConvertRule::kSaturate) {
    return ClampInteger<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

constexpr const Float8Format& FormatOf(DType dtype) {
  if (dtype == DType::kFloat8E4M3FN) return kE4M3FN;
  if (dtype == DType::kFloat8E4M3FNUZ) return kE4M3FNUZ;
  return dtype == DType::kFloat8E5M2 ? kE5M2 : kE5M2FNUZ;
}
constexpr bool IsFloat8(DType dtype) {
  return dtype >= DType::kFloat8E4M3FN && dtype <= DType::kFloat8E5M2FNUZ;
}

// The value of an element, in its working type.
template <DType dtype>
STINT_ALWAYS_INLINE typename ElementTraits<dtype>::Work LoadElement(
    typename ElementTraits<dtype>::Storage stored) {
  if constexpr (dtype == DType::kFloat16) {
    return HalfToFloat(stored);
  } else if constexpr (dtype == DType::kBFloat16) {
    return BFloat16ToFloat(stored);
  } else if constexpr (IsFloat8(dtype)) {
    return Float8ToFloat(stored, FormatOf(dtype));
  } else if constexpr (dtype == DType::kFloat8E8M0) {
    return E8M0ToFloat(stored);
  } else if constexpr (dtype == DType::kFloat4E2M1) {
    return Float4ToFloat(stored);
  } else if constexpr (dtype == DType::kBool) {
    return stored != 0;
  } else {
    return stored;
  }
}

// The width of the integers that work in int32.
constexpr int NarrowBits(DType dtype) {
  switch (dtype) {
    case DType::kInt2:
    case DType::kUInt2:
      return 2;
    case DType::kInt4:
    case DType::kUInt4:
      return 4;
    case DType::kInt8:
    case DType::kUInt8:
      return 8;
    default:
      return 16;
  }
}
constexpr bool IsNarrowSigned(DType dtype) {
  return dtype == DType::kInt2 || dtype == DType::kInt4 || dtype == DType::kInt8 ||
         dtype == DType::kInt16;
}

template <DType dtype>
STINT_ALWAYS_INLINE int32_t NarrowInteger(int32_t value, bool saturate) {
  constexpr int kUnused = 32 - NarrowBits(dtype);
  if constexpr (IsNarrowSigned(dtype)) {
    constexpr int32_t kMost = std::numeric_limits<int32_t>::max() >> kUnused;
    const int32_t low = value < -kMost - 1 ? -kMost - 1 : value;
    const int32_t clamped = low > kMost ? kMost : low;
    const auto wrapped = static_cast<int32_t>(static_cast<uint32_t>(value) << kUnused) >> kUnused;
    return saturate ? clamped : wrapped;
  } else {
    constexpr int32_t kMost = static_cast<int32_t>(~uint32_t{0} >> kUnused);
    const int32_t low = value < 0 ? 0 : value;
    const int32_t clamped = low > kMost ? kMost : low;
    return saturate ? clamped : value & kMost;
  }
}

// The element that holds a value of the working type.
template <DType dtype>
STINT_ALWAYS_INLINE typename ElementTraits<dtype>::Storage StoreElement(
    typename ElementTraits<dtype>::Work value, MapStoreMode mode) {
  using Storage = typename ElementTraits<dtype>::Storage;
  const bool saturate = mode == MapStoreMode::kSaturate;
  if constexpr (dtype == DType::kFloat16) {
    return FloatToHalf(value);
  } else if constexpr (dtype == DType::kBFloat16) {
    return FloatToBFloat16(value);
  } else if constexpr (IsFloat8(dtype)) {
    return FloatToFloat8(value, FormatOf(dtype), saturate);
  } else if constexpr (dtype == DType::kFloat8E8M0) {
    if (mode == MapStoreMode::kRoundDown) return FloatToE8M0(value, E8M0Rounding::kDown, true);
    if (mode == MapStoreMode::kRoundNearest) {
      return FloatToE8M0(value, E8M0Rounding::kNearest, true);
    }
    return FloatToE8M0(value, E8M0Rounding::kUp, mode != MapStoreMode::kWrap);
  } else if constexpr (dtype == DType::kFloat4E2M1) {
    return FloatToFloat4(value);
  } else if constexpr (ElementTraits<dtype>::kWork == MapType::kI32 && dtype != DType::kInt32) {
    return static_cast<Storage>(NarrowInteger<dtype>(value, saturate));
  } else {
    return static_cast<Storage>(value);
  }
}

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_CONVERT_H_
