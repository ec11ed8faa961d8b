// Recurrent: simple, gated and long short-term memory layers over a sequence (ONNX RNN, GRU, LSTM).
// Operands are seen sequence first; a layout with the batch first is strides of views.
#ifndef STINT_RUNTIME_OPS_RECURRENT_H_
#define STINT_RUNTIME_OPS_RECURRENT_H_

#include "runtime/base/result.h"
#include "runtime/ops/attributes.h"

namespace stint {

enum class RecurrentKind : int64_t {
  kRnn = 0,
  kGru = 1,
  kLstm = 2,
};

enum class RecurrentDirection : int64_t {
  kForward = 0,
  kReverse = 1,
  kBidirectional = 2,  // Direction 0 forward, 1 in reverse.
};

// Functions of one number; a, b: alpha, beta.
enum class RecurrentActivation : int64_t {
  kRelu = 0,
  kTanh = 1,
  kSigmoid = 2,
  kAffine = 3,           // a x + b
  kLeakyRelu = 4,        // x, below 0: a x
  kThresholdedRelu = 5,  // x from a on, else 0
  kScaledTanh = 6,       // a tanh(b x)
  kHardSigmoid = 7,      // a x + b within [0, 1]
  kElu = 8,              // x, below 0: a (e^x - 1)
  kSoftsign = 9,         // x / (1 + |x|)
  kSoftplus = 10,        // log(1 + e^x)
};
inline constexpr int64_t kRecurrentActivationCount = 11;

// The places of the operands; results are Y, the last h and the last c.
namespace recurrent {
enum Operand { kX, kW, kR, kBias, kLengths, kInitialH, kInitialC, kPeepholes, kOperandCount };
}  // namespace recurrent

// Operands, of one float type T (f16 and bf16 compute in f32) but for the lengths. S steps, B
// items, I inputs, H units, D directions, G gates (rnn 1; gru 3: z, r, h; lstm 4: i, o, f, c):
//   0 X [S, B, I]        1 W [D G H, I]   2 R [D G H, H]
//   3 bias [D, 2 G H], W's before R's (optional: 0)
//   4 lengths [B], int32, 0 to S (optional: S)
//   5 initial h [D, B, H] (optional: 0)
//   lstm only: 6 initial c [D, B, H] (optional: 0), 7 peepholes [D, 3 H] of i, o, f (optional: 0)
// Results: Y [S, D, B, H], zeros beyond an item's length; the last h [D, B, H]; lstm only: the last
// c [D, B, H]. Both are zeros of an item without steps. In reverse an item starts at its last step.
struct RecurrentAttributes {
  RecurrentKind kind = RecurrentKind::kRnn;
  RecurrentDirection direction = RecurrentDirection::kForward;
  // Of each direction: rnn f; gru f (z, r) and g (h); lstm f (i, o, f), g (c) and h (the result).
  IntList activations;
  FloatList alpha;  // One an activation, or none: zeros.
  FloatList beta;
  double clip = 0;  // What activations f and g get is limited to [-clip, clip]; 0: it is not.
  int64_t linear_before_reset = 0;  // gru: r scales h R + bias, not h.
  int64_t input_forget = 0;         // lstm: f = 1 - i.

  int64_t directions() const { return direction == RecurrentDirection::kBidirectional ? 2 : 1; }
  int64_t gates() const { return kGates[static_cast<int>(kind)]; }
  int64_t functions() const { return static_cast<int64_t>(kind) + 1; }
  bool runs_backwards(int64_t d) const {
    return direction == RecurrentDirection::kReverse || d == 1;
  }

  static constexpr int64_t kGates[] = {1, 3, 4};
};

// The steps of an item: operand 4 says, or `steps` when it is absent. kInvalid: outside 0 to steps.
Result<int64_t> RecurrentLength(const TensorView& lengths, int64_t item, int64_t steps);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_RECURRENT_H_
