#include "runtime/cost/winograd.h"

#include "runtime/ops/layouts/layout.h"

namespace stint {

namespace {

bool AllOnes(const IntList& list) {
  for (const int64_t value : list.span()) {
    if (value != 1) return false;
  }
  return true;
}

double Ceil(int64_t a, int64_t b) {
  const int64_t whole = a / b;
  return static_cast<double>(a % b == 0 ? whole : whole + 1);
}

// Numbers that the tiles of one channel become.
double TileNumbers(const WinogradCall& call, int outputs) {
  const double positions = (outputs + 2.0) * (outputs + 2.0);
  return Ceil(call.out_height, outputs) * Ceil(call.out_width, outputs) * positions;
}

// Weights of a tap or position, in whole panels.
double PanelWeights(const WinogradCall& call) {
  return static_cast<double>(call.channels) * Ceil(call.out_channels, kPanelChannels) *
         static_cast<double>(kPanelChannels);
}

}  // namespace

bool CanBeWinograd(const ConvAttributes& attributes, int rank, const int64_t* weight_extents) {
  if (attributes.transposed != 0 || attributes.group != 1 || rank != 4) return false;
  if (weight_extents[2] != 3 || weight_extents[3] != 3) return false;
  if (!AllOnes(attributes.strides) || !AllOnes(attributes.dilations)) return false;
  return weight_extents[0] >= kPanelChannels && weight_extents[1] >= kPanelChannels;
}

double WinogradProducts(const WinogradCall& call, int outputs) {
  if (outputs > 1) return TileNumbers(call, outputs) * PanelWeights(call);
  return 9.0 * static_cast<double>(call.out_height) * static_cast<double>(call.out_width) *
         PanelWeights(call);
}

double WinogradNumbers(const WinogradCall& call, int outputs) {
  return TileNumbers(call, outputs) *
         (static_cast<double>(call.channels) + static_cast<double>(call.out_channels));
}

double WinogradSeconds(const CostProfile& profile, const WinogradCall& call, int outputs) {
  static constexpr const KernelRate* kProducts = RateOf("conv_panel_f32");
  static constexpr const KernelRate* kTransforms = RateOf("winograd_transform");
  const double positions = outputs > 1 ? (outputs + 2.0) * (outputs + 2.0) : 9.0;
  double seconds = WinogradProducts(call, outputs) / RatePerSecond(profile, *kProducts) +
                   4 * positions * PanelWeights(call) / profile.bytes_per_second;
  if (outputs > 1) seconds += WinogradNumbers(call, outputs) / RatePerSecond(profile, *kTransforms);
  return seconds;
}

bool IsWorthWinograd(const CostProfile& profile, const WinogradCall& call, int outputs) {
  return WinogradSeconds(profile, call, outputs) <
         (1 - kWinogradGain) * WinogradSeconds(profile, call, 1);
}

int ChooseWinograd(const CostProfile& profile, const WinogradCall& call) {
  int best = 0;
  double most = WinogradSeconds(profile, call, 1);
  for (const int outputs : {2, 4}) {
    const double seconds = WinogradSeconds(profile, call, outputs);
    if (seconds >= (1 - kWinogradGain) * most) continue;
    best = outputs;
    most = seconds;
  }
  return best;
}

}  // namespace stint
