// Element types. The numbers are stored in plans and never change.
#ifndef STINT_RUNTIME_BASE_DTYPE_H_
#define STINT_RUNTIME_BASE_DTYPE_H_

#include <cstdint>
#include <string_view>

namespace stint {

enum class DType : uint8_t {
  kNone = 0,
  kFloat32 = 1,
  kFloat16 = 2,
  kBFloat16 = 3,
  kFloat64 = 4,
  kInt8 = 5,
  kInt16 = 6,
  kInt32 = 7,
  kInt64 = 8,
  kUInt8 = 9,
  kUInt16 = 10,
  kUInt32 = 11,
  kUInt64 = 12,
  kBool = 13,  // One byte, 0 or 1.
  kFloat8E4M3FN = 14,
  kFloat8E4M3FNUZ = 15,
  kFloat8E5M2 = 16,
  kFloat8E5M2FNUZ = 17,
  kFloat8E8M0 = 18,
  // Four- and two-bit types: one byte an element inside plans, integers extended to the byte,
  // float4 as its code. Packed only at graph boundaries and in initialisers of ONNX files.
  kFloat4E2M1 = 19,
  kInt4 = 20,
  kUInt4 = 21,
  kInt2 = 22,
  kUInt2 = 23,
  kComplex64 = 24,
  kComplex128 = 25,
  kString = 26,  // A 32-bit id of an interned text.
};
inline constexpr int kDTypeCount = 27;

enum class DTypeClass : uint8_t { kNone, kFloat, kSigned, kUnsigned, kBool, kComplex, kString };

struct DTypeInfo {
  const char* name;  // NumPy's name where NumPy has one: "float32", "int64", "bool".
  uint8_t bytes;     // Of one element in memory.
  uint8_t bits;      // Of one element when packed.
  DTypeClass kind;
};

// `dtype` may be any byte; an unknown one gives the entry of kNone.
const DTypeInfo& InfoOf(DType dtype);
inline const char* NameOf(DType dtype) { return InfoOf(dtype).name; }
inline int64_t BytesOf(DType dtype) { return InfoOf(dtype).bytes; }
inline bool IsFloat(DType dtype) { return InfoOf(dtype).kind == DTypeClass::kFloat; }
inline bool IsInteger(DType dtype) {
  return InfoOf(dtype).kind == DTypeClass::kSigned || InfoOf(dtype).kind == DTypeClass::kUnsigned;
}

// kNone when no type has this name.
DType DTypeFromName(std::string_view name);

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_DTYPE_H_
