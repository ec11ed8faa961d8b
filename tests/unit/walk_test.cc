// Coordinates of strided tensors: where a walk stands and where a number leads are one place.
#include <catch2/catch.hpp>

#include "runtime/ops/walk.h"

namespace stint::testing {

TEST_CASE("the offsets of a number are where a walk stands after so many steps") {
  const int64_t extents[] = {3, 1, 4, 2};
  const int64_t first[] = {8, 8, 2, 1};
  const int64_t second[] = {-1, 7, 0, 5};
  int64_t index = 0;
  for (Walk<2> walk(4, extents, {first, second}); !walk.done(); walk.Next()) {
    const auto offsets = OffsetsAt<2>(index++, 4, extents, {first, second});
    CHECK(offsets[0] == walk.offset(0));
    CHECK(offsets[1] == walk.offset(1));
  }
  CHECK(index == 24);
}

TEST_CASE("an axis that is left out counts nothing and moves nothing") {
  const int64_t extents[] = {3, 5, 4};
  const int64_t strides[] = {100, 10, 1};
  CHECK(OffsetsAt<1>(11, 3, extents, {strides}, 1)[0] == 203);
  CHECK(OffsetsAt<1>(11, 3, extents, {strides}, 2)[0] == 210);
}

TEST_CASE("without axes there is one place") {
  CHECK(OffsetsAt<1>(0, 0, nullptr, {nullptr})[0] == 0);
}

}  // namespace stint::testing
