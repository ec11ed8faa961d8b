// Extents, strides and other sizes, either known integers or expressions over symbols.
//
// A Dim is a 64-bit handle. Its arithmetic goes through a DimContext, so that one shape function
// serves the compiler (hash-consed expressions) and the runtime (checked integers). An error makes
// the context's status sticky; the Dims computed after it mean nothing.
#ifndef STINT_RUNTIME_BASE_DIM_H_
#define STINT_RUNTIME_BASE_DIM_H_

#include <bit>
#include <concepts>
#include <cstdint>

#include "runtime/base/status.h"

namespace stint {

class Dim {
 public:
  // Constants reach from kSmallestConstant to the largest int64; below lie the expression ids.
  static constexpr int64_t kSmallestConstant = INT64_MIN + (int64_t{1} << 32);

  constexpr Dim() = default;
  constexpr Dim(int64_t constant) : raw_(constant) {}  // NOLINT: implicit by design.
  static constexpr Dim Expression(uint32_t id) { return Dim(INT64_MIN + int64_t{id}); }

  constexpr bool is_constant() const { return raw_ >= kSmallestConstant; }
  // Only when is_constant().
  constexpr int64_t constant() const { return raw_; }
  // Only when !is_constant(): the index of the expression in its context or shape program.
  constexpr uint32_t expression() const { return static_cast<uint32_t>(raw_ - INT64_MIN); }
  // What plans store.
  constexpr int64_t raw() const { return raw_; }

  friend constexpr bool operator==(Dim, Dim) = default;

 private:
  int64_t raw_ = 0;
};

// A number that is not an integer, or an expression for one: a Dim that holds the bits of a
// float64. Zeros are 0, negative numbers above -2^-1042 too; there is one NaN.
class Real {
 public:
  constexpr Real() = default;
  constexpr Real(double value) : bits_(BitsOf(value)) {}  // NOLINT: implicit by design.
  static constexpr Real FromBits(Dim bits) {
    Real real;
    real.bits_ = bits;
    return real;
  }

  constexpr bool is_constant() const { return bits_.is_constant(); }
  // Only when is_constant().
  constexpr double value() const { return std::bit_cast<double>(bits_.constant()); }
  template <std::floating_point T>
  explicit constexpr operator T() const {
    return static_cast<T>(value());
  }
  constexpr Dim bits() const { return bits_; }

  friend constexpr bool operator==(Real, Real) = default;

 private:
  static constexpr int64_t BitsOf(double value) {
    if (value != value) return int64_t{0x7ff8} << 48;
    const auto bits = std::bit_cast<int64_t>(value);
    return bits < Dim::kSmallestConstant ? 0 : bits;
  }

  Dim bits_ = 0;
};

// The arithmetic of shape programs. Booleans are 0 and 1. The numbers are stored in plans.
enum class DimOp : uint8_t {
  kSymbol = 0,  // a: index of the symbol.
  kAdd = 1,
  kSub = 2,
  kMul = 3,
  kFloorDiv = 4,  // Towards minus infinity; division by zero is an error.
  kTruncDiv = 5,  // Towards zero; division by zero is an error.
  kMod = 6,       // The divisor's sign; by zero is an error.
  kMin = 7,
  kMax = 8,
  kEqual = 9,
  kLess = 10,
  kSelect = 11,     // a != 0 ? b : c.
  kBroadcast = 12,  // NumPy's rule for two extents; unequal extents other than 1 are an error.
  // Operands and results are Reals but for the operand of kReal and the result of kFloor.
  kReal = 13,  // The integer a, rounded to float64.
  kRealAdd = 14,
  kRealSub = 15,
  kRealMul = 16,
  kRealDiv = 17,  // By zero as IEEE 754 says.
  kRealMin = 18,  // NaN if either is NaN.
  kRealMax = 19,
  kFloor = 20,    // An error for NaN and beyond +-2^62.
  kFloat32 = 21,  // Rounded to float32.
};
inline constexpr int kDimOpCount = 22;

// The name in the text form ("add", "floordiv", ...), and how many of a, b, c the operation reads.
const char* NameOf(DimOp op);
int ArityOf(DimOp op);

// Computes `op` on integers. Overflow, division by zero and a broadcast mismatch are kInvalid.
Status EvaluateDim(DimOp op, int64_t a, int64_t b, int64_t c, int64_t* out);

class DimContext {
 public:
  virtual Dim Apply(DimOp op, Dim a, Dim b, Dim c) = 0;
  // States that `a` equals `b`; `what` names the rule in the error. Decided at once where possible,
  // else recorded and checked when the plan is bound.
  virtual void Require(Dim a, Dim b, const char* what) = 0;

  Dim Add(Dim a, Dim b) { return Apply(DimOp::kAdd, a, b, 0); }
  Dim Sub(Dim a, Dim b) { return Apply(DimOp::kSub, a, b, 0); }
  Dim Mul(Dim a, Dim b) { return Apply(DimOp::kMul, a, b, 0); }
  Dim FloorDiv(Dim a, Dim b) { return Apply(DimOp::kFloorDiv, a, b, 0); }
  Dim CeilDiv(Dim a, Dim b) { return Sub(0, FloorDiv(Sub(0, a), b)); }
  Dim Mod(Dim a, Dim b) { return Apply(DimOp::kMod, a, b, 0); }
  Dim Min(Dim a, Dim b) { return Apply(DimOp::kMin, a, b, 0); }
  Dim Max(Dim a, Dim b) { return Apply(DimOp::kMax, a, b, 0); }
  Dim Equal(Dim a, Dim b) { return Apply(DimOp::kEqual, a, b, 0); }
  Dim Less(Dim a, Dim b) { return Apply(DimOp::kLess, a, b, 0); }
  Dim Select(Dim condition, Dim yes, Dim no) { return Apply(DimOp::kSelect, condition, yes, no); }
  Dim Broadcast(Dim a, Dim b) { return Apply(DimOp::kBroadcast, a, b, 0); }
  Real ToReal(Dim a) { return Real::FromBits(Apply(DimOp::kReal, a, 0, 0)); }
  // One of the operations on two Reals.
  Real Apply(DimOp op, Real a, Real b) { return Real::FromBits(Apply(op, a.bits(), b.bits(), 0)); }
  Dim Floor(Real a) { return Apply(DimOp::kFloor, a.bits(), 0, 0); }
  Dim Ceil(Real a) { return Sub(0, Floor(Apply(DimOp::kRealSub, 0.0, a))); }

  bool ok() const { return status_.ok(); }
  // Keeps the first error; returns a Dim so that callers can go on.
  Dim Fail(Status status) {
    if (status_.ok()) status_ = static_cast<Status&&>(status);
    return 0;
  }
  // The sticky error; the context is ok again afterwards.
  Status TakeStatus() { return static_cast<Status&&>(status_); }

 protected:
  // Contexts live on the stack or inside others: a virtual destructor would ask the device for
  // operator delete.
  ~DimContext() = default;

 private:
  Status status_;
};

// Dims that are all integers: what the runtime uses.
class IntegerDims final : public DimContext {
 public:
  Dim Apply(DimOp op, Dim a, Dim b, Dim c) override;
  void Require(Dim a, Dim b, const char* what) override;
};

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_DIM_H_
