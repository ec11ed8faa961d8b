#include "backends/cpu/rules.h"

#include "backends/cpu/nhwc/conv.h"
#include "runtime/base/text.h"
#include "runtime/cost/winograd.h"

namespace stint::cpu {

namespace {

// Shows lines until the visitor has seen enough.
class Shower {
 public:
  Shower(RuleVisitor visit, void* user) : visit_(visit), user_(user) {}

  void Show(const Formatted<>& rule) { stopped_ = stopped_ || visit_(user_, rule.c_str()) != 0; }

 private:
  RuleVisitor visit_;
  void* user_;
  bool stopped_ = false;
};

long long Kibi(int64_t bytes) { return static_cast<long long>(bytes / 1024); }

void ShowSplit(const ChainMachine& machine, Shower& shower) {
  shower.Show(
      Formatted<>("split: %d threads; thread t takes the t-th share of the parts of a call, "
                  "and their number changes no bit of a result",
                  machine.threads));
}

void ShowPredictions(const CostProfile& profile, Shower& shower) {
  shower.Show(Formatted<>("profile: %s, %s", profile.name, profile.description));
  shower.Show(
      Formatted<>("predicted: %g us + the larger of operations / rate and bytes / %g GB/s, on one "
                  "thread whatever there are; the fastest row is taken, of equal ones the first",
                  profile.op_seconds * 1e6, profile.bytes_per_second / 1e9));
  shower.Show(
      Formatted<>("unpacking: a row that needs constants dense must be %g times faster than "
                  "one that reads them as the plan packed them",
                  kUnpackedGain));
}

void ShowRates(const CostProfile& profile, Shower& shower) {
  for (const KernelRate& rate : kKernelRates) {
    shower.Show(Formatted<>("rate: %s %.3g billion operations a second and thread", rate.row,
                            RatePerSecond(profile, rate) / 1e9));
  }
}

void ShowConvolutions(Shower& shower) {
  shower.Show(
      Formatted<>("winograd: 2x2 or 4x4 tiles where products, transforms and weights are "
                  "predicted to take less than %g of the next smaller form",
                  1 - kWinogradGain));
  shower.Show(
      Formatted<>("convolution: threads take lines or pixels; groups of panels where there "
                  "are fewer than %lld of those a thread, or weights are more to read",
                  static_cast<long long>(kFewUnits)));
  shower.Show(
      Formatted<>("borders: a window that leaves its image reads a bordered copy, each "
                  "thread its own where all take at most %lld times one copy",
                  static_cast<long long>(kMostBorders)));
}

void ShowChains(const ChainMachine& machine, Shower& shower) {
  shower.Show(
      Formatted<>("chains: those that gain most; a float between kernels counts %g operations, or "
                  "%g beyond the cache of %lld KiB, a weight read again %g",
                  kNearFloat, kFarFloat, Kibi(machine.near_cache_bytes), kWeightRead));
  shower.Show(Formatted<>("chains: rings and weights take at most %g of the cache", kCacheShare));
  shower.Show(
      Formatted<>("chains: a step makes %lld lines, or as many as have %lld pixels; down to "
                  "%lld where rings take more than %g of the cache",
                  static_cast<long long>(kUsualLines), static_cast<long long>(kStepPixels),
                  static_cast<long long>(kLeastLines), kRingShare));
}

}  // namespace

void ShowRules(const CostProfile& profile, const ChainMachine& machine, RuleVisitor visit,
               void* user) {
  Shower shower(visit, user);
  ShowSplit(machine, shower);
  ShowPredictions(profile, shower);
  ShowConvolutions(shower);
  ShowChains(machine, shower);
  ShowRates(profile, shower);
}

}  // namespace stint::cpu
