#include "runtime/session/placed_outputs.h"

#include <algorithm>

#include "runtime/base/text.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

Status PlacedOutputs::Place(size_t i, const TensorView& memory) {
  const Formatted<> where("output %zu", i);
  if (i >= views_.size()) {
    return Error(Code::kInvalid, where.c_str(), "found no such output, allowed %zu", views_.size());
  }
  if (!memory.present()) {
    views_[i] = {};
    return {};
  }
  if (memory.rank < 0 || memory.rank > kMaxRank || !IsDense(memory)) {
    return Error(Code::kInvalid, where.c_str(), "found a strided tensor, allowed a dense one");
  }
  const uint64_t alignment = std::clamp<uint64_t>(BytesOf(memory.dtype), 1, 8);
  const bool aligned = reinterpret_cast<uintptr_t>(memory.data) % alignment == 0;
  if (ElementCount(memory) > 0 && (!aligned || memory.data == nullptr)) {
    return Error(Code::kInvalid, where.c_str(), "found memory at %p, allowed a multiple of %llu",
                 memory.data, static_cast<unsigned long long>(alignment));
  }
  views_[i] = memory;
  return {};
}

uint64_t PlacedOutputs::bytes(size_t i) const {
  return static_cast<uint64_t>(ElementCount(views_[i]) * BytesOf(views_[i].dtype));
}

Status PlacedOutputs::AddTo(Array<int64_t>* key) const {
  for (size_t first = 0; first < views_.size(); first += 63) {
    int64_t word = 0;
    for (size_t i = first; i < std::min(first + 63, views_.size()); ++i) {
      if (placed(i)) word |= int64_t{1} << (i - first);
    }
    STINT_TRY(key->Push(word));
  }
  return {};
}

Status PlacedOutputs::Check(std::span<const TensorView> outputs) const {
  for (size_t i = 0; i < views_.size(); ++i) {
    if (placed(i)) {
      STINT_TRY(CheckView(Formatted<>("output %zu", i).c_str(), views_[i], outputs[i]));
    }
  }
  return {};
}

}  // namespace stint
