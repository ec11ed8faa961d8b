// When a 3x3 convolution is computed by Winograd's method: tiles of m x m outputs need fewer
// multiplications, and weights that are (m + 2)^2 / 9 times larger. Used where a session binds, and
// by the compiler, which stores the weights of named targets transformed.
#ifndef STINT_RUNTIME_COST_WINOGRAD_H_
#define STINT_RUNTIME_COST_WINOGRAD_H_

#include "runtime/cost/profile.h"
#include "runtime/ops/conv.h"

namespace stint {

// Weights that grow must save this part of the time: a form is taken if it is predicted to need
// less than (1 - kWinogradGain) of the time of the next smaller form.
inline constexpr double kWinogradGain = 0.27;

// What the choice depends on.
struct WinogradCall {
  int64_t out_height = 0, out_width = 0;
  int64_t channels = 0, out_channels = 0;
};

// Whether the method is for such a convolution at all: 3x3, stride and dilation 1, one group,
// forward, and enough channels to pay for transforms. Extents are [M, C, 3, 3].
bool CanBeWinograd(const ConvAttributes& attributes, int rank, const int64_t* weight_extents);

// Predicted seconds on one thread: products and transforms at their rates, and the weights, which
// are read from beyond the second cache. `outputs`: 4, 2, or 1 for the direct form.
double WinogradSeconds(const CostProfile& profile, const WinogradCall& call, int outputs);

// Multiply-accumulates of the products of an image.
double WinogradProducts(const WinogradCall& call, int outputs);
// Numbers that its tiles are transformed into, and back from.
double WinogradNumbers(const WinogradCall& call, int outputs);

// Whether tiles of `outputs` gain enough over the direct form.
bool IsWorthWinograd(const CostProfile& profile, const WinogradCall& call, int outputs);

// The tile that is best for a call of one image, 4 or 2; 0: the direct form is.
int ChooseWinograd(const CostProfile& profile, const WinogradCall& call);

}  // namespace stint

#endif  // STINT_RUNTIME_COST_WINOGRAD_H_
