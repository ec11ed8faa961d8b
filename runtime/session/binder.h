// Makes a Binding: from a plan, devices and inputs to recorded commands, in stages that each have a
// file: values and attributes become integers (bind_values.cc, bind_ops.cc), kernels are chosen and
// steps emitted (choose_kernels.cc, emit_steps.cc), values get places in memory (place_values.cc),
// commands are recorded (record_steps.cc).
//
// A Binder touches nothing but the binding that it makes: when a stage fails, everything is
// dropped.
#ifndef STINT_RUNTIME_SESSION_BINDER_H_
#define STINT_RUNTIME_SESSION_BINDER_H_

#include <memory>
#include <span>

#include "runtime/session/binding.h"
#include "runtime/session/dim_values.h"
#include "runtime/session/session.h"

namespace stint {

// What a binding refers to and a session owns.
struct SessionBuffers {
  Array<std::unique_ptr<Buffer>> arenas;  // One a device.
  // One a host device and input: input i of device d is inputs[d * input count + i]; others null.
  Array<std::unique_ptr<Buffer>> inputs;
};

class Binder {
 public:
  // All are borrowed for the life of the binder; `buffers` for the life of the binding.
  Binder(const Plan& plan, std::span<Device* const> devices, const SessionOptions& options,
         const SessionBuffers& buffers, std::span<const TensorView> inputs)
      : plan_(plan),
        function_(plan.main()),
        devices_(devices),
        options_(options),
        buffers_(buffers),
        inputs_(inputs) {}

  Result<std::unique_ptr<Binding>> Bind();

 private:
  // A kernel that accepted and prepared a call, with the Maps that were split off around it.
  struct Part {
    BoundCall call;
    const Kernel* kernel = nullptr;
    std::unique_ptr<PreparedKernel> prepared;
  };
  struct Chosen {
    uint32_t device = 0;
    Array<Part> parts;
  };
  struct Candidate {
    const Kernel* kernel = nullptr;
    bool split_prologue = false;
    bool split_epilogue = false;
    double seconds = 0;
    uint32_t row = 0;
  };

  // bind_values.cc
  Status BindDims();
  Status BindValues();
  Status BindInput(uint32_t value, uint32_t position);
  Status BindExtents(const PlanValue& value, BoundValue* bound) const;
  Result<int64_t> Extent(Dim dim, const char* where) const;
  Result<TensorView> BindView(const PlanView& view, const BoundValue& value, int64_t* offset) const;

  // bind_ops.cc
  Status BindOp(uint32_t index);
  Result<void*> BindAttributes(const PlanOp& op);
  Status BindTensors(const PlanOp& op, BoundCall* call);
  Status BindUse(const PlanUse& use, bool strided, DeviceTensor* tensor) const;
  Status CheckShapes(const BoundCall& call);

  // choose_kernels.cc
  Result<Chosen> Choose(const BoundCall& call);
  Status ChooseOn(uint32_t device, const BoundCall& call, Chosen* chosen);
  Status CollectCandidates(uint32_t device, const BoundCall& call, Array<Candidate>* candidates,
                           const char** reason);
  Status PrepareCandidate(uint32_t device, const BoundCall& call, const Candidate& candidate,
                          Array<Part>* parts);
  Status PrepareMap(uint32_t device, BoundCall&& call, Array<Part>* parts);
  Status SplitCore(const BoundCall& call, bool prologue, bool epilogue, BoundCall* core);
  Status SplitPrologue(const BoundCall& call, BoundCall* map);
  Status SplitEpilogue(const BoundCall& call, BoundCall* map);
  double Seconds(uint32_t device, const Work& work) const;

  // emit_steps.cc
  Status Emit(Chosen&& chosen, uint32_t plan_op);
  Status EmitPart(uint32_t device, Part&& part, uint32_t plan_op);
  Status MoveOperand(uint32_t device, DeviceTensor* tensor, uint32_t* value);
  uint32_t HostDevice() const;
  Result<uint32_t> AddValue(const TensorView& view, uint32_t device);
  Status BindOutputs();
  Status BindOutput(const PlanUse& use, uint32_t host_device);
  Status CopyOutput(const DeviceTensor& source, uint32_t value, uint32_t host_device,
                    BoundOutput* output);

  // place_values.cc
  Status PlaceValues();
  void CountUses();
  void ShareInPlace();
  void ShareStep(uint32_t index);
  Status PlaceOn(uint32_t device, uint64_t* limit_left);

  // record_steps.cc
  Status RecordSteps();
  void Locate(DeviceTensor* tensor, uint32_t value, uint32_t device) const;
  Status RecordRun(uint32_t first, uint32_t end);

  const Plan& plan_;
  const PlanFunction& function_;
  std::span<Device* const> devices_;
  const SessionOptions& options_;
  const SessionBuffers& buffers_;
  std::span<const TensorView> inputs_;
  DimValues dims_;
  std::unique_ptr<Binding> binding_;
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_BINDER_H_
