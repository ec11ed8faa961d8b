// The gates of recurrent layers: what is done with the sums of one item's products at one step.
// Compiled once an instruction set from one source (recurrent_impl.h), like the kernels of tiles.h.
#ifndef STINT_BACKENDS_CPU_MICRO_RECURRENT_H_
#define STINT_BACKENDS_CPU_MICRO_RECURRENT_H_

#include <stdint.h>

namespace stint::cpu {

enum class CellActivation : uint8_t { kRelu, kTanh, kSigmoid, kHardSigmoid };

// Errors: simd/functions.h.
struct CellFunction {
  CellActivation activation = CellActivation::kTanh;
  float slope = 0;  // kHardSigmoid: slope * x + offset within [0, 1].
  float offset = 0;
};

// Arrays of `units` floats. Gates are in ONNX's order: rnn one; gru z, r, h; lstm i, o, f, c.
struct RecurrentCell {
  int64_t units;
  const float* input[4];      // By gate: sums of the input's products, biases included.
  const float* recurrent[4];  // By gate: sums of the state's products.
  const float* peepholes[3];  // lstm: of i, o, f; nullptr: none.
  float* h;                   // The state, which becomes the next one.
  float* c;                   // lstm: the cell, likewise.
  float* scaled;              // gru: the reset gate times h.
  float* y;                   // Where the next state is stored too.
  CellFunction f, g, result;  // As RecurrentAttributes has them.
  float clip;                 // What f and g get is within [-clip, clip]; may be infinite.
  bool variant;               // gru: linear_before_reset; lstm: input_forget.
};

struct RecurrentKernels {
  void (*rnn)(const RecurrentCell& cell);
  void (*gru_reset)(const RecurrentCell& cell);  // Writes `scaled`; reads gate r only.
  // The candidate's recurrent[2] is a product of `scaled`, or of h with linear_before_reset.
  void (*gru)(const RecurrentCell& cell);
  void (*lstm)(const RecurrentCell& cell);
};

extern const RecurrentKernels kBaselineRecurrentKernels;
#if defined(__x86_64__)
extern const RecurrentKernels kAvx2RecurrentKernels;
extern const RecurrentKernels kAvx512RecurrentKernels;
#endif

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_MICRO_RECURRENT_H_
