// Sample: reads an image at positions that are data, by nearest, linear or cubic interpolation
// (ONNX GridSample; the columns of DeformConv). Positions are computed by a Map before it.
#ifndef STINT_RUNTIME_OPS_SAMPLE_H_
#define STINT_RUNTIME_OPS_SAMPLE_H_

#include <cstdint>

#include "runtime/base/status.h"
#include "runtime/ops/attributes.h"
#include "runtime/ops/op_table.h"

namespace stint {

enum class SampleMode : int64_t {
  kNearest = 0,  // Halves go to the even index.
  kLinear = 1,
  kCubic = 2,  // Keys with a = -0.75; along each axis in turn, the last one first.
};

// What lies outside [0, extent - 1].
enum class SamplePadding : int64_t {
  kZeros = 0,
  kBorder = 1,      // The nearest element; the position is clamped (kCubic: each tap).
  kReflection = 2,  // Mirrored, see align_corners; the position, then each tap.
};

// Operands: X [N, C, D1 .. Dk], k from 1 to 3, floats or integers; positions [N, O1 .. Om, k],
// float32 or float64, one coordinate an axis of D, in elements: 0 is the first, D - 1 the last. NaN
// is before the first. Result: [N, C, O1 .. Om] of X's dtype. Computes in float32, float64 for
// float64 and wide integers; integers are truncated and saturated.
struct SampleAttributes {
  SampleMode mode = SampleMode::kLinear;
  SamplePadding padding = SamplePadding::kZeros;
  // kReflection mirrors about 0 and D - 1 if 1, else about -0.5 and D - 0.5.
  int64_t align_corners = 0;
};

// Result elements [begin, end) in row-major order of N, O1 .. Om: all channels of each. What the
// reference kernel does for all of them; ranges are independent.
void SampleRange(const OpTensors& op, int64_t begin, int64_t end);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_SAMPLE_H_
