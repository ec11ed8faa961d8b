#include "backends/gpu/program_link.h"

#include <algorithm>

#include "runtime/ops/map.h"
#include "runtime/ops/map/run_map.h"

namespace stint::gpu {

namespace {

bool UsesIota(const MapProgram& program) {
  const auto* const end = program.instructions + program.instruction_count;
  return std::any_of(program.instructions, end,
                     [](const MapInstruction& it) { return it.opcode == MapOpcode::kIota; });
}

bool IsWide(MapType type) {
  return type == MapType::kF64 || type == MapType::kI64 || type == MapType::kU64;
}

const char* RejectElement(DType dtype, uint32_t features) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kInt32:
    case DType::kUInt32:
      return nullptr;
    case DType::kFloat16:
    case DType::kBFloat16:
    case DType::kInt16:
    case DType::kUInt16:
      return (features & kFeatureStorage16) != 0 ? nullptr : "needs 16-bit storage";
    case DType::kBool:
    case DType::kInt8:
    case DType::kUInt8:
      return (features & kFeatureStorage8) != 0 ? nullptr : "needs 8-bit storage";
    case DType::kFloat64:
    case DType::kInt64:
    case DType::kUInt64:
      return "needs elements of at most 32 bits";
    default:
      return "needs plain numbers";
  }
}

// The first tensor of the program itself: the value of an epilogue is none.
int FirstTensor(const LinkedProgram& linked) { return linked.epilogue ? 1 : 0; }

// Input `i` of the program; an epilogue's inputs stand last in a call.
const DeviceTensor& InputOf(const KernelCall& call, const MapProgram& program, int i) {
  const size_t after = static_cast<size_t>(program.input_count - i);
  return call.operands[call.operands.size() - after];
}

const char* RejectTensors(const KernelCall& call, const DeviceInfo& device,
                          const MapProgram& program, int first, uint32_t source_bindings) {
  const int count = program.input_count + program.output_count - 2 * first;
  if (source_bindings + static_cast<uint32_t>(count) > device.max_bindings) {
    return "needs more bindings";
  }
  for (int i = first; i < program.input_count; ++i) {
    const char* const reason = RejectTensor(InputOf(call, program, i).view, device);
    if (reason != nullptr) return reason;
  }
  for (int i = 0; i < program.output_count; ++i) {
    const char* const reason = RejectTensor(call.results[static_cast<size_t>(i)].view, device);
    if (reason != nullptr) return reason;
  }
  return nullptr;
}

}  // namespace

const char* RejectProgram(const MapProgram& program, uint32_t features) {
  for (int i = 0; i < program.instruction_count; ++i) {
    if (IsWide(program.instructions[i].type)) return "needs 32-bit registers";
  }
  for (int i = 0; i < program.input_count + program.output_count; ++i) {
    const DType dtype =
        i < program.input_count ? program.inputs[i] : program.outputs[i - program.input_count];
    if (const char* const reason = RejectElement(dtype, features)) return reason;
  }
  return nullptr;
}

const char* ProgramLink::RejectEpilogue(const KernelCall& call, const DeviceInfo& device,
                                        uint32_t source_bindings) {
  const MapProgram* const program = EpilogueOf(*call.op, call.attributes);
  if (program == nullptr) return nullptr;
  const DType value = program->inputs[0];
  if ((value != DType::kFloat32 && value != DType::kFloat16) || program->outputs[0] != value) {
    return "needs an epilogue of float32 or float16 that keeps the type";
  }
  const char* const reason = RejectProgram(*program, device.features);
  return reason != nullptr ? reason : RejectTensors(call, device, *program, 1, source_bindings);
}

const char* ProgramLink::RejectMap(const KernelCall& call, const DeviceInfo& device,
                                   uint32_t source_bindings) {
  const MapProgram& program = call.as<MapAttributes>().program;
  const char* const reason = RejectProgram(program, device.features);
  return reason != nullptr ? reason : RejectTensors(call, device, program, 0, source_bindings);
}

void ProgramLink::InitEpilogue(const KernelCall& call, uint32_t first_parameter) {
  *this = {};
  const MapProgram* const program = EpilogueOf(*call.op, call.attributes);
  if (program == nullptr) return;
  linked_.epilogue = true;
  Init(call, *program, first_parameter);
}

void ProgramLink::InitMap(const KernelCall& call, uint32_t first_parameter) {
  *this = {};
  Init(call, call.as<MapAttributes>().program, first_parameter);
}

void ProgramLink::Init(const KernelCall& call, const MapProgram& program,
                       uint32_t first_parameter) {
  linked_.program = program;
  linked_.first_parameter = static_cast<uint8_t>(first_parameter);
  const TensorView& space = call.results[0].view;
  rank_ = space.rank;
  std::copy_n(space.extents, rank_, extents_);
  const int first = FirstTensor(linked_);
  for (int i = first; i < program.input_count; ++i) {
    AddTensor(InputOf(call, program, i).view, space);
  }
  for (int i = first; i < program.output_count; ++i) {
    AddTensor(call.results[static_cast<size_t>(i)].view, space);
  }
  const bool coordinates = UsesIota(program);
  if (!coordinates) JoinAxes();
  uint32_t tensor = 0;
  bool strided = false;
  const auto decide = [&](Access* access) {
    accesses_[tensor] = *access = AccessOf(strides_[tensor]);
    strided |= *access == Access::kStrided;
    ++tensor;
  };
  for (int i = first; i < program.input_count; ++i) decide(&linked_.inputs[i]);
  for (int i = first; i < program.output_count; ++i) decide(&linked_.outputs[i]);
  linked_.rank = static_cast<uint8_t>(strided || coordinates ? rank_ : 0);
}

void ProgramLink::AddTensor(const TensorView& view, const TensorView& space) {
  const TensorView seen = BroadcastTo(view, space);
  std::copy_n(seen.strides, seen.rank, strides_[tensor_count_++]);
}

// Drops axes of extent 1, and joins neighbours.
void ProgramLink::JoinAxes() {
  int joined = 0;
  for (int axis = 0; axis < rank_; ++axis) {
    if (extents_[axis] == 1) continue;
    bool joins = joined > 0;
    for (uint32_t i = 0; i < tensor_count_ && joins; ++i) {
      joins = strides_[i][joined - 1] == strides_[i][axis] * extents_[axis];
    }
    if (!joins) ++joined;
    extents_[joined - 1] = joins ? extents_[joined - 1] * extents_[axis] : extents_[axis];
    for (uint32_t i = 0; i < tensor_count_; ++i) strides_[i][joined - 1] = strides_[i][axis];
  }
  rank_ = joined;
}

Access ProgramLink::AccessOf(const int64_t* strides) const {
  bool dense = true;
  bool one = true;
  int64_t expected = 1;
  for (int axis = rank_ - 1; axis >= 0; --axis) {
    if (extents_[axis] != 1) {
      dense &= strides[axis] == expected;
      one &= strides[axis] == 0;
    }
    expected *= extents_[axis];
  }
  if (one) return Access::kOne;
  return dense ? Access::kSame : Access::kStrided;
}

uint32_t ProgramLink::parameter_count() const {
  uint32_t count = linked_.rank;
  for (uint32_t i = 0; i < tensor_count_; ++i) {
    count += 1u + (accesses_[i] == Access::kStrided ? linked_.rank : 0u);
  }
  return count;
}

Status ProgramLink::Append(const KernelCall& call, const DeviceInfo& device,
                           Array<uint32_t>* parameters, Array<Binding>* bindings) const {
  for (int axis = 0; axis < linked_.rank; ++axis) {
    STINT_TRY(parameters->Push(static_cast<uint32_t>(extents_[axis])));
  }
  const MapProgram& program = linked_.program;
  const int first = FirstTensor(linked_);
  const int inputs = program.input_count - first;
  for (int i = 0; i < static_cast<int>(tensor_count_); ++i) {
    const bool written = i >= inputs;
    const DeviceTensor& tensor = written ? call.results[static_cast<size_t>(i - inputs + first)]
                                         : InputOf(call, program, i + first);
    if (tensor.buffer == nullptr) {
      return Error(Code::kInternal, "Map", "found a tensor without buffer, allowed device memory");
    }
    uint32_t base = 0;
    STINT_TRY(bindings->Push(BindTensor(tensor, device, written, &base)));
    STINT_TRY(parameters->Push(base));
    if (accesses_[i] != Access::kStrided) continue;
    for (int axis = 0; axis < linked_.rank; ++axis) {
      STINT_TRY(parameters->Push(static_cast<uint32_t>(strides_[i][axis])));
    }
  }
  return {};
}

}  // namespace stint::gpu
