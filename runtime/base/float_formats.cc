// Float4 goes through tables: it has eight magnitudes.
#include "runtime/base/float_formats.h"

namespace stint {

namespace {

constexpr float kFloat4Values[8] = {0, 0.5F, 1, 1.5F, 2, 3, 4, 6};

// The smallest magnitude that rounds to code i + 1. A tie goes to the even code: where that is
// the upper one, the boundary itself already belongs to it.
struct Boundary {
  float value;
  bool belongs_to_upper;
};
constexpr Boundary kFloat4Boundaries[7] = {
    {0.25F, false}, {0.75F, true}, {1.25F, false}, {1.75F, true},
    {2.5F, false},  {3.5F, true},  {5.0F, false},
};

}  // namespace

uint8_t FloatToFloat4(float value) {
  if (value != value) return 0;
  const float magnitude = FloatFromBits(BitsOf(value) & 0x7fffffffU);
  int code = 0;
  for (const Boundary& boundary : kFloat4Boundaries) {
    if (magnitude > boundary.value || (boundary.belongs_to_upper && magnitude == boundary.value)) {
      ++code;
    }
  }
  return static_cast<uint8_t>(code | (BitsOf(value) >> 31) << 3);
}

float Float4ToFloat(uint8_t code) {
  const float magnitude = kFloat4Values[code & 7];
  return (code & 8) != 0 ? -magnitude : magnitude;
}

}  // namespace stint
