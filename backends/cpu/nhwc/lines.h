// Lines of channels-last images: ranges of them, and where they lie in memory.
#ifndef STINT_BACKENDS_CPU_NHWC_LINES_H_
#define STINT_BACKENDS_CPU_NHWC_LINES_H_

#include <algorithm>
#include <cstdint>

namespace stint::cpu {

struct IndexRange {
  int64_t begin = 0;
  int64_t end = 0;

  int64_t size() const { return end - begin; }
};

// Where line y of an image lies: at y, or in a ring, which holds the last `ring` lines, at
// y mod ring.
inline int64_t PlaceOfLine(int64_t y, int64_t ring) { return ring == 0 ? y : y % ring; }

// The lines of an image, all of them or in a ring.
struct Lines {
  float* data = nullptr;
  int64_t line = 0;  // Floats from one line to the next.
  int64_t ring = 0;  // 0: all lines are there.

  float* At(int64_t y) const { return data + PlaceOfLine(y, ring) * line; }
  // How many of `count` lines from y on follow each other in memory; at least 1 of 1.
  int64_t Together(int64_t y, int64_t count) const {
    return ring == 0 ? count : std::min(count, ring - y % ring);
  }
};

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_NHWC_LINES_H_
