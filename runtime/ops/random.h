// Random: numbers of a seeded generator, the same on every machine and in every run: MT19937 as
// NumPy's RandomState(seed) draws them, row-major (ONNX RandomNormal, RandomUniform, Bernoulli,
// Multinomial, Dropout in training). Maps scale them and compare.
#ifndef STINT_RUNTIME_OPS_RANDOM_H_
#define STINT_RUNTIME_OPS_RANDOM_H_

#include "runtime/ops/attributes.h"

namespace stint {

enum class RandomKind : int64_t {
  kUniform = 0,  // [0, 1), 53 bits: random_sample().
  kNormal = 1,   // Mean 0, deviation 1: standard_normal(), the polar method.
};

// No operands. Result: float64.
struct RandomAttributes {
  RandomKind kind = RandomKind::kUniform;
  int64_t seed = 0;  // 0 to 2^32 - 1.
  DimList extents;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_RANDOM_H_
