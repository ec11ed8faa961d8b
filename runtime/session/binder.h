// Makes a Binding: from a plan, devices and inputs to recorded commands, in stages that each have a
// file: values and attributes become integers (bind_values.cc, bind_ops.cc), kernels are chosen and
// steps emitted (choose_kernels.cc, emit_steps.cc), devices join steps to groups (fuse_steps.cc),
// values get places in memory (place_values.cc), commands are recorded (record_steps.cc).
//
// A Binder touches nothing but the binding that it makes: when a stage fails, everything is
// dropped.
#ifndef STINT_RUNTIME_SESSION_BINDER_H_
#define STINT_RUNTIME_SESSION_BINDER_H_

#include <memory>
#include <span>

#include "runtime/session/binding.h"
#include "runtime/session/constant_store.h"
#include "runtime/session/dim_values.h"
#include "runtime/session/placed_outputs.h"
#include "runtime/session/session.h"
#include "runtime/session/unpacked_constants.h"

namespace stint {

// What a binding refers to and a session owns.
struct SessionBuffers {
  Array<std::unique_ptr<Buffer>> arenas;  // By ArenaIndex.
  // One a host device and input: input i of device d is inputs[d * input count + i]; others null.
  Array<std::unique_ptr<Buffer>> inputs;
  Array<std::unique_ptr<Buffer>> outputs;  // Likewise, for those that are placed.
  PlacedOutputs placed;
  Array<ConstantStore> constants;  // One a device; empty for those of host memory.
  UnpackedConstants unpacked;
};

class Binder {
 public:
  // All are borrowed for the life of the binder; `buffers` for the life of the binding. `function`
  // has one region; its constants are those of `plan`. Nothing is placed on the devices of
  // `excluded`, a bit each.
  Binder(const Plan& plan, const PlanFunction& function, std::span<Device* const> devices,
         uint32_t excluded, const SessionOptions& options, SessionBuffers& buffers,
         std::span<const TensorView> inputs)
      : plan_(plan),
        function_(function),
        devices_(devices),
        excluded_(excluded),
        options_(options),
        buffers_(buffers),
        inputs_(inputs) {}

  Result<std::unique_ptr<Binding>> Bind();

  // The device whose call made Bind fail; kNoIndex: the plan or the inputs did.
  uint32_t failed_device() const { return failed_device_; }

 private:
  // A kernel that accepted and prepared a call, with the Maps that were split off around it.
  struct Part {
    BoundCall call;
    const Kernel* kernel = nullptr;
    std::unique_ptr<PreparedKernel> prepared;
    double seconds = 0;  // Predicted.
  };
  struct Chosen {
    uint32_t device = 0;
    Array<Part> parts;
  };
  struct Candidate {
    const Kernel* kernel = nullptr;
    bool split_prologue = false;
    bool split_epilogue = false;
    double seconds = 0;   // Predicted,
    double handicap = 1;  // and by what they are multiplied to compare rows.
    uint32_t row = 0;
  };

  // bind_values.cc
  Status BindDims();
  Status BindValues();
  Status BindForms();
  Status BindInput(uint32_t value, uint32_t position);
  Status BindExtents(const PlanValue& value, BoundValue* bound) const;
  Result<int64_t> Extent(Dim dim, const char* where) const;
  Result<TensorView> BindView(const PlanView& view, const BoundValue& value, int64_t* offset) const;

  // bind_ops.cc
  Status BindOp(uint32_t index);
  Result<void*> BindAttributes(const PlanOp& op);
  Status BindField(const Field& field, void* attributes) const;
  Status BindNumber(Dim* dim) const;
  Status BindNumber(Real* real) const;
  Status BindTensors(const PlanOp& op, BoundCall* call);
  Status BindUse(const PlanUse& use, bool strided, DeviceTensor* tensor) const;
  Status CheckShapes(const BoundCall& call);

  // choose_kernels.cc
  Result<Chosen> Choose(const BoundCall& call);
  Result<Chosen> ChooseFrom(uint32_t preferred, const BoundCall& call);
  Status Blame(uint32_t device, Status status);
  Status AddRefusal(uint32_t device, const char* kernel, const char* reason);
  const char* SeeCall(uint32_t device, const BoundCall& call, uint32_t row, BoundCall* splits,
                      Candidate* candidate, Status* error);
  Status ChooseOn(uint32_t device, const BoundCall& call, Chosen* chosen);
  Status CollectCandidates(uint32_t device, const BoundCall& call, Array<Candidate>* candidates);
  Status PrepareCandidate(uint32_t device, const BoundCall& call, const Candidate& candidate,
                          Array<Part>* parts);
  Status PrepareMap(uint32_t device, BoundCall&& call, Array<Part>* parts);
  bool TakesLayout(uint32_t device, const Kernel& kernel, Layout layout) const;
  bool NeedsUnpacking(uint32_t device, const Kernel& kernel, const KernelCall& call) const;
  Status UnpackConstants(uint32_t device, const Kernel& kernel, BoundCall* call);
  Status UnpackConstant(uint32_t value, DeviceTensor* tensor);
  Status CountHeld(uint64_t bytes);
  Status SplitCore(const BoundCall& call, bool prologue, bool epilogue, BoundCall* core);
  Status SplitPrologue(const BoundCall& call, BoundCall* map);
  Status SplitEpilogue(const BoundCall& call, BoundCall* map);
  double Seconds(uint32_t device, const KernelRate* rate, const Work& work) const;

  // emit_steps.cc
  Status Emit(Chosen&& chosen, uint32_t plan_op);
  Status EmitPart(uint32_t device, Part&& part, uint32_t plan_op);
  Status MoveOperand(uint32_t device, DeviceTensor* tensor, uint32_t* value);
  Status MoveResult(uint32_t device, DeviceTensor* tensor, uint32_t* value);
  Status MoveInputsFirst();
  uint32_t HostDevice() const;
  bool HasHostMemory(uint32_t device) const { return devices_[device]->info().host_memory; }
  Result<uint32_t> AddValue(const TensorView& view, uint32_t device);
  // The value that holds what the plan's one holds: itself, until another device wrote a part of
  // it. kNoIndex stays.
  uint32_t Current(uint32_t value) const {
    if (value == kNoIndex) return value;
    const uint32_t moved = binding_->values[value].moved_to;
    return moved == kNoIndex ? value : moved;
  }
  Status BindOutputs();
  Status BindOutput(const PlanUse& use);
  Result<uint32_t> CopyOutput(const DeviceTensor& source, uint32_t value, const TensorView& dense);

  // fuse_steps.cc
  Status FuseSteps();
  Status FuseRun(uint32_t first, uint32_t end);
  Status AddGroup(uint32_t first, FusedCalls&& fused);

  // place_values.cc
  Status PlaceValues();
  void CountUses();
  void ShareInPlace();
  void ShareStep(uint32_t index);
  Status PlaceOn(uint32_t device, bool shared, uint64_t* limit_left);

  // record_steps.cc
  Status RecordSteps();
  Status BringConstants(uint32_t device);
  void Locate(DeviceTensor* tensor, uint32_t value, uint32_t device) const;
  Status RecordRun(uint32_t first, uint32_t end);
  Status RecordGroup(const Group& group, CommandList& commands);
  uint32_t CommandsOf(uint32_t step) const;
  DeviceTensor Scratch(uint32_t device, uint64_t bytes, uint64_t offset) const;

  const Plan& plan_;
  const PlanFunction& function_;
  std::span<Device* const> devices_;
  const uint32_t excluded_;
  const SessionOptions& options_;
  SessionBuffers& buffers_;
  std::span<const TensorView> inputs_;
  DimValues dims_;
  std::unique_ptr<Binding> binding_;
  Array<Step> input_moves_;         // Transfers of graph inputs.
  uint32_t current_op_ = kNoIndex;  // Of the plan, while its kernels are chosen.
  uint32_t failed_device_ = kNoIndex;
  uint64_t most_held_bytes_ = 0;  // By prepared kernels.
  uint64_t held_bytes_ = 0;
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_BINDER_H_
