#include "runtime/session/unpacked_constants.h"

#include <algorithm>

namespace stint {

Result<const uint8_t*> UnpackedConstants::Find(const Plan& plan, uint32_t constant,
                                               TensorView whole) {
  if (dense_.empty()) STINT_TRY(dense_.Resize(plan.constants().size()));
  if (dense_[constant].words.empty()) {
    Dense made;
    made.bytes = static_cast<size_t>(ElementCount(whole) * BytesOf(whole.dtype));
    STINT_TRY(made.words.Resize(made.bytes / 8 + 1));
    whole.data = made.words.data();
    const PlanConstant& packed = plan.constants()[constant];
    STINT_TRY(Unpack(packed.layout, packed.bytes.data(), whole));
    bytes_ += made.bytes;
    made.whole = whole;
    dense_[constant] = std::move(made);
  }
  const TensorView& made = dense_[constant].whole;
  if (made.dtype != whole.dtype || made.rank != whole.rank ||
      !std::equal(made.extents, made.extents + made.rank, whole.extents)) {
    return Error(Code::kInvalid, "constant", "found two shapes of packed constant %u, allowed one",
                 constant);
  }
  return (*this)[constant].data();
}

std::span<const uint8_t> UnpackedConstants::operator[](size_t constant) const {
  if (constant >= dense_.size() || dense_[constant].words.empty()) return {};
  const Dense& dense = dense_[constant];
  return {reinterpret_cast<const uint8_t*>(dense.words.data()), dense.bytes};
}

}  // namespace stint
