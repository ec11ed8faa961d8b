// A plan made ready for inputs of one shape: integer extents, chosen kernels, places in memory and
// recorded commands. Built by Binder, replayed by Session.
//
// Steps are what runs, in order: the plan's ops, the Maps that were split off them, and transfers
// between devices. Values are what they read and write: the plan's, in the plan's numbering, then
// those that the binder added.
#ifndef STINT_RUNTIME_SESSION_BINDING_H_
#define STINT_RUNTIME_SESSION_BINDING_H_

#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/array.h"
#include "runtime/hal/device.h"
#include "runtime/plan/plan.h"
#include "runtime/session/session.h"

namespace stint {

// The arenas of a session: two a device, for what its kernels alone see and for what crosses to the
// host or another device. A device of host memory has all in its first one.
inline constexpr uint32_t kMaxArenas = 2 * kMaxDevices;
inline constexpr uint32_t ArenaIndex(uint32_t device, bool shared) {
  return 2 * device + (shared ? 1 : 0);
}

enum class Home : uint8_t { kArena, kInput, kConstant };

struct BoundValue {
  DType dtype = DType::kNone;
  int rank = 0;
  int64_t extents[kMaxRank] = {};
  uint64_t bytes = 0;
  Home home = Home::kArena;
  uint32_t input = kNoIndex;            // kInput: position among the inputs.
  const uint8_t* constant = nullptr;    // kConstant.
  Layout layout = Layout::kDense;       // kConstant.
  std::span<const ConstantForm> forms;  // kConstant.
  uint32_t device = kNoIndex;           // kArena: whose arena; unknown until something writes it.
  bool shared = false;                  // kArena: in the shared one.
  bool is_output = false;               // A graph output is this value, or a part of it.
  uint32_t placed = kNoIndex;          // kArena: not there, but where this graph output was placed.
  uint32_t mirrors[kMaxDevices] = {};  // The value that holds a copy on that device, or 0.
  // Of a plan's value that several devices write in parts: the one that holds all parts so far; of
  // that one: the plan's.
  uint32_t moved_to = kNoIndex;
  uint32_t moved_from = kNoIndex;
  // kArena:
  uint32_t storage = kNoIndex;  // The value whose memory this is: itself, or one written in place.
  uint32_t first_use = kNoIndex;
  uint32_t last_use = 0;
  uint32_t writers = 0;
  uint64_t offset = 0;  // Bytes into the arena.

  uint32_t arena() const { return ArenaIndex(device, shared); }

  // The whole value, dense, without an address.
  TensorView Dense() const;
  // Makes the value live at a step.
  void Touch(uint32_t step);
};

// Whether `tensor` is all of `value`, every element once.
bool IsWhole(const DeviceTensor& tensor, const BoundValue& value);

// An op with its tensors. values[i] is what tensor i sees: kNoIndex for an absent operand.
struct BoundCall {
  const OpInfo* op = nullptr;
  const void* attributes = nullptr;
  Array<DeviceTensor> operands;
  Array<DeviceTensor> results;
  Array<uint32_t> operand_values;
  Array<uint32_t> result_values;

  Status AddOperand(const DeviceTensor& tensor, uint32_t value);
  Status AddResult(const DeviceTensor& tensor, uint32_t value);
  KernelCall Call() const { return {op, attributes, operands.span(), results.span()}; }
};

struct Step {
  BoundCall call;               // A transfer has one operand and one result, and no op.
  uint32_t plan_op = kNoIndex;  // The op that it comes from; kNoIndex for what no op asked for.
  uint32_t device = 0;          // Where it runs; of a transfer, where it goes.
  double predicted_seconds = 0;
  uint32_t commands = 0;  // In its phase's list.
  const Kernel* kernel = nullptr;
  std::unique_ptr<PreparedKernel> prepared;
  uint64_t scratch_offset = 0;
  KernelCall recorded;  // What the command list refers to.
  uint32_t group = kNoIndex;
  const char* alone = nullptr;  // Why it is not one command with the step before; may be unknown.
};

// Steps that their device runs as one command. What only they see has no place in memory.
struct Group {
  uint32_t first_step = 0;
  uint32_t end_step = 0;
  FusedCalls fused;
  uint64_t scratch_offset = 0;
};

// A run of steps of one device, or one transfer.
struct Phase {
  std::unique_ptr<CommandList> commands;
  uint32_t device = kNoIndex;
  uint32_t first_step = 0;
  uint32_t end_step = 0;
  uint32_t transfer = kNoIndex;  // Its step, when there are no commands.
};

// A kernel row, or a device as a whole, that refused an op.
struct Refusal {
  uint32_t plan_op = kNoIndex;
  uint32_t device = 0;
  const char* kernel = "";  // Empty: the device has no row for the op.
  const char* reason = "";
};

struct BoundOutput {
  TensorView view;
  uint32_t value = kNoIndex;
};

class Binding : public Object {
 public:
  Array<ConstantForm> forms;  // What the values' spans see.
  Array<BoundValue> values;
  Array<Step> steps;
  Array<Group> groups;  // In order.
  Array<Phase> phases;
  Array<BoundOutput> outputs;
  Array<Array<uint64_t>> attributes;  // Attribute structs with integer Dims.
  Array<Refusal> refusals;
  uint64_t packed_bytes = 0;  // Of constants that kernels made for themselves.
  uint64_t arena_bytes[kMaxArenas] = {};
  uint64_t live_set_bytes[kMaxArenas] = {};
  uint32_t ops[kMaxDevices] = {};  // Plan ops a device.

  // A zeroed attribute struct that lives as long as the binding.
  Result<void*> NewAttributes(size_t bytes);
  // What the binding keeps in memory, the arena apart.
  uint64_t HeldBytes() const;
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_BINDING_H_
