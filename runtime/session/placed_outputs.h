// Graph outputs that lie where the caller wants them instead of in the session's arena: memory that
// the caller reads results from, and state that becomes an input of the next run.
#ifndef STINT_RUNTIME_SESSION_PLACED_OUTPUTS_H_
#define STINT_RUNTIME_SESSION_PLACED_OUTPUTS_H_

#include <span>

#include "runtime/base/array.h"
#include "runtime/hal/device.h"
#include "runtime/ops/tensor.h"

namespace stint {

class PlacedOutputs {
 public:
  Status Create(size_t outputs) { return views_.Resize(outputs); }

  // See Session::PlaceOutput.
  Status Place(size_t i, const TensorView& memory);

  size_t size() const { return views_.size(); }
  bool placed(size_t i) const { return views_[i].present(); }
  void* address(size_t i) const { return views_[i].data; }
  uint64_t bytes(size_t i) const;

  // Which outputs are placed, as numbers of a binding's key. KeySize is how many.
  size_t KeySize() const { return (views_.size() + 62) / 63; }
  Status AddTo(Array<int64_t>* key) const;

  // kInvalid: the memory of a placed output has another dtype or shape than the output.
  Status Check(std::span<const TensorView> outputs) const;

 private:
  Array<TensorView> views_;  // Absent: in the arena.
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_PLACED_OUTPUTS_H_
