#include "runtime/base/dtype.h"

namespace stint {

namespace {

using enum DTypeClass;

constexpr DTypeInfo kInfos[kDTypeCount] = {
    {"none", 0, 0, kNone},          {"float32", 4, 32, kFloat},
    {"float16", 2, 16, kFloat},     {"bfloat16", 2, 16, kFloat},
    {"float64", 8, 64, kFloat},     {"int8", 1, 8, kSigned},
    {"int16", 2, 16, kSigned},      {"int32", 4, 32, kSigned},
    {"int64", 8, 64, kSigned},      {"uint8", 1, 8, kUnsigned},
    {"uint16", 2, 16, kUnsigned},   {"uint32", 4, 32, kUnsigned},
    {"uint64", 8, 64, kUnsigned},   {"bool", 1, 8, kBool},
    {"float8e4m3fn", 1, 8, kFloat}, {"float8e4m3fnuz", 1, 8, kFloat},
    {"float8e5m2", 1, 8, kFloat},   {"float8e5m2fnuz", 1, 8, kFloat},
    {"float8e8m0", 1, 8, kFloat},   {"float4e2m1", 1, 4, kFloat},
    {"int4", 1, 4, kSigned},        {"uint4", 1, 4, kUnsigned},
    {"int2", 1, 2, kSigned},        {"uint2", 1, 2, kUnsigned},
    {"complex64", 8, 64, kComplex}, {"complex128", 16, 128, kComplex},
    {"string", 4, 32, kString},
};

}  // namespace

const DTypeInfo& InfoOf(DType dtype) {
  const auto index = static_cast<uint8_t>(dtype);
  return kInfos[index < kDTypeCount ? index : 0];
}

DType DTypeFromName(std::string_view name) {
  for (int i = 1; i < kDTypeCount; ++i) {
    if (name == kInfos[i].name) return static_cast<DType>(i);
  }
  return DType::kNone;
}

}  // namespace stint
