#include "tools/stint/elements.h"

#include <cstdio>
#include <limits>

#include "runtime/base/float_formats.h"
#include "runtime/ops/elements.h"
#include "tools/stint/console.h"

namespace stint::cli {

namespace {

// SplitMix64 (Steele, Lea, Flood): exact integer arithmetic, so equal everywhere.
class Generator {
 public:
  Generator(uint64_t seed, uint64_t stream) : state_(Mix(seed) ^ Mix(~stream)) {}

  uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15); }
  // A multiple of 2^(1-bits) in [-1, 1): exact in any format with `bits` bits of significand.
  double Uniform(int bits) {
    return static_cast<double>(Next() >> (64 - bits)) * (2.0 / static_cast<double>(1ULL << bits)) -
           1.0;
  }

 private:
  static uint64_t Mix(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }

  uint64_t state_;
};

const Float8Format* Float8FormatOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat8E4M3FN:
      return &kE4M3FN;
    case DType::kFloat8E4M3FNUZ:
      return &kE4M3FNUZ;
    case DType::kFloat8E5M2:
      return &kE5M2;
    case DType::kFloat8E5M2FNUZ:
      return &kE5M2FNUZ;
    default:
      return nullptr;
  }
}

double FloatAt(const TensorView& view, int64_t index) {
  if (ComputeClassOf(view.dtype) != ComputeClass::kNone) return Load<double>(view, index);
  const auto code = ReadAs<uint8_t>(view.data, index);
  if (const Float8Format* format = Float8FormatOf(view.dtype)) return Float8ToFloat(code, *format);
  if (view.dtype == DType::kFloat8E8M0) return E8M0ToFloat(code);
  if (view.dtype == DType::kFloat4E2M1) return Float4ToFloat(code);
  return 0;
}

// One element of a float dtype; the narrow ones draw from a coarser grid that they hold exactly.
void StoreUniform(Generator& generator, const TensorView& view, int64_t index) {
  if (const Float8Format* format = Float8FormatOf(view.dtype)) {
    const auto value = static_cast<float>(generator.Uniform(4));
    return WriteAs(FloatToFloat8(value, *format, true), view.data, index);
  }
  switch (view.dtype) {
    case DType::kFloat32:
      return WriteAs(static_cast<float>(generator.Uniform(24)), view.data, index);
    case DType::kFloat64:
      return WriteAs(generator.Uniform(53), view.data, index);
    case DType::kFloat16:
      return WriteAs(FloatToHalf(static_cast<float>(generator.Uniform(11))), view.data, index);
    case DType::kBFloat16:
      return WriteAs(FloatToBFloat16(static_cast<float>(generator.Uniform(8))), view.data, index);
    case DType::kFloat8E8M0:  // Only powers of two: 0.25 or 0.5.
      return WriteAs(static_cast<uint8_t>(125 + (generator.Next() >> 63)), view.data, index);
    case DType::kFloat4E2M1:
      return WriteAs(FloatToFloat4(static_cast<float>(generator.Uniform(2))), view.data, index);
    case DType::kComplex64:
      WriteAs(static_cast<float>(generator.Uniform(24)), view.data, 2 * index);
      return WriteAs(static_cast<float>(generator.Uniform(24)), view.data, 2 * index + 1);
    case DType::kComplex128:
      WriteAs(generator.Uniform(53), view.data, 2 * index);
      return WriteAs(generator.Uniform(53), view.data, 2 * index + 1);
    default:
      return;
  }
}

std::string RealText(double value, DType dtype) {
  return Format("%.*g", dtype == DType::kFloat64 || dtype == DType::kComplex128 ? 17 : 9, value);
}

std::string IntegerText(Integer value) {
  return (value.negative ? "-" : "") + std::to_string(value.magnitude);
}

Integer SignedInteger(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  return {.magnitude = value < 0 ? 0 - bits : bits, .negative = value < 0};
}

}  // namespace

bool IsIntegral(DType dtype) { return IsInteger(dtype) || dtype == DType::kBool; }

Integer IntegerAt(const TensorView& view, int64_t index) {
  switch (view.dtype) {
    case DType::kUInt4:
    case DType::kUInt2:
      return {.magnitude = ReadAs<uint8_t>(view.data, index)};
    case DType::kInt4:
    case DType::kInt2:
      return SignedInteger(ReadAs<int8_t>(view.data, index));
    default:
      break;
  }
  const bool is_signed = ComputeClassOf(view.dtype) == ComputeClass::kSigned;
  return is_signed ? SignedInteger(Load<int64_t>(view, index))
                   : Integer{.magnitude = Load<uint64_t>(view, index)};
}

std::complex<double> NumberAt(const TensorView& view, int64_t index) {
  if (IsIntegral(view.dtype)) {
    const Integer integer = IntegerAt(view, index);
    const auto size = static_cast<double>(integer.magnitude);
    return integer.negative ? -size : size;
  }
  switch (view.dtype) {
    case DType::kComplex64:
      return {ReadAs<float>(view.data, 2 * index), ReadAs<float>(view.data, 2 * index + 1)};
    case DType::kComplex128:
      return {ReadAs<double>(view.data, 2 * index), ReadAs<double>(view.data, 2 * index + 1)};
    default:
      return FloatAt(view, index);
  }
}

std::string ElementText(const TensorView& view, int64_t index) {
  if (view.dtype == DType::kBool) return IntegerAt(view, index).magnitude != 0 ? "true" : "false";
  if (IsIntegral(view.dtype)) return IntegerText(IntegerAt(view, index));
  const std::complex<double> number = NumberAt(view, index);
  if (InfoOf(view.dtype).kind != DTypeClass::kComplex) return RealText(number.real(), view.dtype);
  return "(" + RealText(number.real(), view.dtype) + ", " + RealText(number.imag(), view.dtype) +
         ")";
}

void FillSeeded(const TensorView& view, uint64_t seed, uint64_t stream) {
  Generator generator(seed, stream);
  const int64_t count = ElementCount(view);
  const bool is_integral = IsIntegral(view.dtype);
  for (int64_t i = 0; i < count; ++i) {
    if (!is_integral) {
      StoreUniform(generator, view, i);
      continue;
    }
    // Sub-byte integers hold one byte an element and are outside Store's classes.
    const uint64_t bit = generator.Next() >> 63;
    if (BytesOf(view.dtype) == 1) {
      WriteAs(static_cast<uint8_t>(bit), view.data, i);
    } else {
      Store(bit, view, i);
    }
  }
}

}  // namespace stint::cli
