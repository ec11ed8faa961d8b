// Small plans for tests of the plan format, and bytes to damage.
#ifndef STINT_TESTS_COMPILER_PLAN_TESTING_H_
#define STINT_TESTS_COMPILER_PLAN_TESTING_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "tools/compiler/emit/plan_writer.h"

namespace stint::compiler {

// Bytes at an address that is a multiple of 64, as plans in memory need.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::span<const uint8_t> bytes);
  std::span<uint8_t> span() { return {memory_.get() + start_, size_}; }

 private:
  size_t size_;
  std::unique_ptr<uint8_t[]> memory_;
  size_t start_;
};

// y = max(x . w, 0) with x [N, 4] and w [4, 2], seen as one axis: symbols, expressions, a check, a
// view, an inlined constant, a program, two ops, a property.
PlanDescription SmallPlan();

// The same with two constants in the blob section, of which one needs a page. `storage` keeps their
// bytes.
PlanDescription PlanWithBlobs(std::vector<uint8_t>* storage);

inline constexpr size_t kLargeBlob = size_t{1} << 20;

// The bytes of a description that the writer accepts.
AlignedBytes BytesOf(const PlanDescription& description);

// What the loader says to `bytes`.
Status Load(std::span<const uint8_t> bytes, Verify verify = Verify::kAll,
            const Limits& limits = {});

}  // namespace stint::compiler

#endif  // STINT_TESTS_COMPILER_PLAN_TESTING_H_
