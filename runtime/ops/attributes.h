// How ops describe their attributes: a plain struct an op, and a constexpr table of its fields.
//
// The table drives the plan writer, the verifier, the text form, `inspect`, the generated
// documentation and the fuzz mutator, so that adding an op never touches any of them. The set of
// field types is closed.
#ifndef STINT_RUNTIME_OPS_ATTRIBUTES_H_
#define STINT_RUNTIME_OPS_ATTRIBUTES_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/base/dim.h"
#include "runtime/base/status.h"
#include "runtime/ops/map/program.h"
#include "runtime/ops/tensor.h"

namespace stint {

// A list with fixed capacity: the element type of list fields.
template <typename T, int kCapacity_>
struct List {
  static constexpr int kCapacity = kCapacity_;
  int64_t size = 0;
  T values[kCapacity_] = {};

  T& operator[](int64_t i) { return values[i]; }
  const T& operator[](int64_t i) const { return values[i]; }
  std::span<const T> span() const { return {values, static_cast<size_t>(size)}; }
  // The caller keeps to the capacity.
  void Push(T value) { values[size++] = value; }
};

using IntList = List<int64_t, 16>;
using FloatList = List<Real, 16>;
using DimList = List<Dim, kMaxRank>;
// Up to 16 tensors times kMaxRank axes, or the elements of a small host tensor.
using LongDimList = List<Dim, 16 * kMaxRank>;
// Up to 16 bytes: one element of any type.
using SmallBytes = List<uint8_t, 16>;

enum class FieldType : uint8_t {
  kInt,          // int64_t in [minimum, maximum]
  kFloat,        // double
  kEnum,         // enum class : int64_t; names in `enumerators`
  kIntList,      // IntList, each in [minimum, maximum]
  kFloatList,    // FloatList: constants or expressions of the shape program
  kExtents,      // DimList: constants or expressions of the shape program
  kLongExtents,  // LongDimList
  kBytes,        // SmallBytes
  kProgram,      // MapProgram
  kFunction,     // int64_t: index of a function of the plan, -1 for none
  kConstant,     // int64_t: index of a constant of the plan, -1 for none
};

struct Field {
  uint16_t id;       // Stored in plans; never reused.
  const char* name;  // As in the text form.
  FieldType type;
  size_t offset;  // Of the member in the attribute struct.
  int64_t minimum = INT64_MIN;
  int64_t maximum = INT64_MAX;
  const char* const* enumerators = nullptr;  // kEnum: names of 0 .. maximum.
};

// How many elements a list field of this type can hold; 1 for types that are no list.
int CapacityOf(FieldType type);

// Checks each field against its table entry: integers and enums in range, list sizes within the
// capacity, programs absent or accepted by VerifyMap. The error names the field.
Status CheckAttributes(std::span<const Field> fields, const void* attributes);

// Uniform access to list fields: the address of the size and of the elements.
inline int64_t& ListSize(const Field& field, void* attributes) {
  return *reinterpret_cast<int64_t*>(static_cast<std::byte*>(attributes) + field.offset);
}
template <typename T>
T& FieldAs(const Field& field, void* attributes) {
  return *reinterpret_cast<T*>(static_cast<std::byte*>(attributes) + field.offset);
}
template <typename T>
const T& FieldAs(const Field& field, const void* attributes) {
  return *reinterpret_cast<const T*>(static_cast<const std::byte*>(attributes) + field.offset);
}

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_ATTRIBUTES_H_
