// A call of one operand and one result as ops see it, without addresses: what the functions of
// runtime/ops ask for that look at shapes only.
#ifndef STINT_BACKENDS_CPU_KERNELS_CALL_SHAPES_H_
#define STINT_BACKENDS_CPU_KERNELS_CALL_SHAPES_H_

#include "runtime/hal/device.h"

namespace stint::cpu {

class CallShapes {
 public:
  explicit CallShapes(const KernelCall& call)
      : operand_(call.operands[0].view),
        result_(call.results[0].view),
        op_{call.attributes, {&operand_, 1}, {&result_, 1}} {}
  CallShapes(const CallShapes&) = delete;
  CallShapes& operator=(const CallShapes&) = delete;

  const OpTensors& op() const { return op_; }

 private:
  TensorView operand_;
  TensorView result_;
  OpTensors op_;
};

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_KERNELS_CALL_SHAPES_H_
