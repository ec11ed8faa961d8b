// One recurrent layer as products and gates: what is planned once, and how one direction runs for a
// block of the batch.
//
// The products of the input are made for many steps at once, those of the state at each step, both
// by the kernels of constant matrices in panels. A product whose columns do not begin with a panel
// computes the panel's other columns too, in front of its own. Blocks and chunks depend on shapes
// alone, and each sum on its own columns: how work is shared out changes no bit.
#ifndef STINT_BACKENDS_CPU_KERNELS_RECURRENT_LAYER_H_
#define STINT_BACKENDS_CPU_KERNELS_RECURRENT_LAYER_H_

#include "backends/cpu/commands.h"
#include "backends/cpu/micro/recurrent.h"
#include "backends/cpu/nhwc/conv.h"
#include "runtime/ops/recurrent.h"

namespace stint::cpu {

// Rows times some columns of a matrix in panels.
struct RecurrentProduct {
  ConvPlan plan;
  int64_t panel = 0;  // The first.
  int64_t skip = 0;   // Columns of the first panel that are not wanted.
  int64_t row = 0;    // From one row of the result to the next, in floats.
};

// What one direction does for a block of `rows` items.
struct RecurrentBlock {
  int64_t rows = 0;
  RecurrentProduct input;      // All gates, of `chunk` steps.
  RecurrentProduct gates;      // Of the state; gru: z and r.
  RecurrentProduct candidate;  // gru: h.
};

class RecurrentLayer {
 public:
  // The call is one that recurrent_panel_f32 takes. kLimit: sizes that overflow.
  Status Plan(CpuDevice& device, const KernelCall& call);

  // Independent parts of the work: blocks of the batch, each direction.
  int64_t tasks() const { return directions_ * blocks_; }
  // Floats of scratch that a task uses, and those that all tasks share.
  int64_t task_floats() const { return task_floats_; }
  int64_t shared_floats() const { return 2 * directions_ * columns_; }
  // Whether the work of one step is worth sharing.
  bool has_large_steps() const;

  // Adds up the biases. `shared` is kept for the tasks.
  void SumBiases(const Execution& execution, float* shared) const;
  // With `split` all threads share the products; else they are the caller's alone.
  void RunTask(const Execution& execution, int64_t task, bool split, const float* shared,
               float* memory) const;

 private:
  friend class RecurrentTask;

  Status PlanBlock(const KernelCall& call, int64_t direction, int64_t rows, RecurrentBlock* block);
  const RecurrentBlock& BlockOf(int64_t task) const;

  const PanelKernels* panel_ = nullptr;
  const RecurrentKernels* cells_ = nullptr;
  RecurrentKind kind_ = RecurrentKind::kRnn;
  bool variant_ = false;  // linear_before_reset or input_forget.
  float clip_ = 0;
  CellFunction functions_[2][3];
  int64_t steps_ = 0, batch_ = 0, inputs_ = 0, units_ = 0;
  int64_t directions_ = 0, columns_ = 0;  // Columns of one direction: gates times units.
  int64_t blocks_ = 0, chunk_ = 0;
  int64_t state_row_ = 0;  // From one item's state to the next.
  int64_t task_floats_ = 0;
  RecurrentBlock plans_[2][2];  // By direction; whole blocks, and the last one.
};

// Function `i` of the attributes' lists; false: the kernels do not have it.
bool ToCellFunction(const RecurrentAttributes& attributes, int64_t i, CellFunction* function);

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_RECURRENT_LAYER_H_
