// Recognises epilogues that the channels-last kernels do in registers: an activation of the closed
// list (micro/tiles.h), with a residual before or behind it. The functions of that list round in
// another way than the program's instructions do, within the errors that simd/functions.h states.
#ifndef STINT_BACKENDS_CPU_KERNELS_MATCH_FINISH_H_
#define STINT_BACKENDS_CPU_KERNELS_MATCH_FINISH_H_

#include "backends/cpu/micro/tiles.h"
#include "runtime/ops/map/program.h"

namespace stint::cpu {

struct FinishMatch {
  Activation activation = Activation::kNone;
  float low = 0;
  float high = 0;
  float slope = 0;
  float offset = 0;
  int residual = 0;  // The program's input; 0: there is none.
  bool residual_last = false;
};

// Whether the program, float32 throughout, is one that `*match` then describes.
bool MatchFinish(const MapProgram& program, FinishMatch* match);

// What tiles finish with by the match, without a bias or a residual.
Finish FinishOf(const FinishMatch& match);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_MATCH_FINISH_H_
