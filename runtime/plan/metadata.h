// Access to verified FlatBuffers metadata that the FlatBuffers verifier does not cover: absent
// vectors, elements that are not aligned to their size, lengths of names.
#ifndef STINT_RUNTIME_PLAN_METADATA_H_
#define STINT_RUNTIME_PLAN_METADATA_H_

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "runtime/plan/path.h"
#include "runtime/plan/schema.h"

namespace stint {

inline constexpr size_t kMaxNameBytes = 65536;

template <typename T>
size_t SizeOf(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

// Elements by value. The index must be below SizeOf.
template <typename T>
T ScalarAt(const flatbuffers::Vector<T>* vector, size_t index) {
  T value;
  std::memcpy(&value, vector->Data() + index * sizeof(T), sizeof(T));
  return flatbuffers::EndianScalar(value);
}
template <typename T>
T StructAt(const flatbuffers::Vector<const T*>* vector, size_t index) {
  T value;
  std::memcpy(static_cast<void*>(&value), vector->Data() + index * sizeof(T), sizeof(T));
  return value;
}
template <typename T>
const T& TableAt(const flatbuffers::Vector<flatbuffers::Offset<T>>* vector, size_t index) {
  return *vector->Get(static_cast<flatbuffers::uoffset_t>(index));
}

inline std::span<const uint8_t> BytesIn(const flatbuffers::Vector<uint8_t>* vector) {
  if (vector == nullptr) return {};
  return {vector->Data(), vector->size()};
}

inline std::string_view TextIn(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : std::string_view(text->c_str(), text->size());
}

inline Status ReadName(const flatbuffers::String* text, const Path& path, std::string_view* name) {
  *name = TextIn(text);
  return CheckCount(path / "bytes", name->size(), 0, kMaxNameBytes);
}

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_METADATA_H_
