// MatMul: batched matrix product [..., M, K] x [..., K, N] with broadcast batch axes; ranks 2 and
// up (the importer gives vectors an axis). Transposes are strides of the operands.
#ifndef STINT_RUNTIME_OPS_MATMUL_H_
#define STINT_RUNTIME_OPS_MATMUL_H_

#include "runtime/ops/attributes.h"

namespace stint {

// Operands: A, B, bias (optional, [N] or scalar: the accumulator's start), zero point of A, zero
// point of B (optional, 8-bit operands only: a scalar; a vector with one number a row of A, a
// column of B; or with extent 1 along K what broadcasts to A, B). f32, f16, bf16 accumulate in f32,
// f64 in f64; int8/uint8 give int32; int32, int64, uint32, uint64 themselves.
struct MatMulAttributes {
  MapProgram epilogue;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MATMUL_H_
