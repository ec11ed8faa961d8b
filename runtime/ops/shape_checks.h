// What shape functions check alike. All work on expressions too: what cannot be decided there is
// recorded in the context, or left to the run of the same function on integers at bind time.
// `where` names the operand or attribute in the error.
#ifndef STINT_RUNTIME_OPS_SHAPE_CHECKS_H_
#define STINT_RUNTIME_OPS_SHAPE_CHECKS_H_

#include <cstdint>

#include "runtime/ops/attributes.h"
#include "runtime/ops/tensor.h"

namespace stint {

// Rank 0 to kMaxRank, constant extents not negative.
Status CheckExtents(const char* where, const TensorShape& shape);
// The constant extents, those of 0 left out, make fewer than 2^62 bytes: no stride or count of the
// tensor overflows, also when it is empty.
Status CheckBytes(const char* where, const TensorShape& shape);
Status CheckRank(const char* where, const TensorShape& shape, int minimum, int maximum);
Status CheckDType(const char* where, const TensorShape& shape, DType allowed);
// The dtype, rank and extents are the `allowed` ones, of which an extent of -1 may be any.
Status CheckView(const char* where, const TensorView& found, const TensorView& allowed);
// The error for a dtype outside `allowed`, which is a text.
Status WrongDType(const char* where, DType found, const char* allowed);
// The same for an element type that operators have and Stint does not compute with: kUnsupported.
Status UnsupportedDType(const char* where, DType found, const char* allowed);
// What ops compute with in float32 or float64; else kUnsupported.
Status CheckFloats(const char* where, DType dtype);
// What ops compute with, but bool; else kUnsupported.
Status CheckNumbers(const char* where, DType dtype);
// minimum <= value <= maximum.
Status CheckInt(const char* where, int64_t value, int64_t minimum, int64_t maximum);
// The same of a Dim, when it is a constant.
Status CheckDim(const char* where, Dim value, int64_t minimum, int64_t maximum);
// Those that are constants are finite and at least `minimum`.
Status CheckReals(const char* where, std::span<const Real> values, double minimum);
// An operand that stands for one number: rank 0, or rank 1 with extent 1.
Status RequireScalar(const char* where, const TensorShape& shape, DimContext& dims);
// `shape` broadcasts to `target`, which keeps its extents.
Status RequireBroadcast(const char* where, const TensorShape& shape, const TensorShape& target,
                        DimContext& dims);
// The broadcast of two shapes, aligned at the last axis.
TensorShape Broadcast(const TensorShape& a, const TensorShape& b, DimContext& dims);
// The axes that `iota` instructions of the program ask for exist.
Status CheckIota(const MapProgram& program, const char* where, int rank);

// 1 when `axis`, which may be negative and counts from the end then, means `index`.
Dim IsAxis(Dim axis, int index, int rank, DimContext& dims);
// -rank <= axis < rank when it is a constant.
Status CheckAxis(const char* where, Dim axis, int rank);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_SHAPE_CHECKS_H_
