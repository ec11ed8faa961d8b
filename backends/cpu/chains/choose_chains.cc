#include "backends/cpu/chains/choose_chains.h"

#include "backends/cpu/kernel_table.h"

namespace stint::cpu {

namespace {

// A kernel of lines, or nullptr. Its prepared form tells no type: the row does.
LineKernel* LineKernelOf(const PlacedCall& call) {
  const auto prepare = call.kernel->prepare;
  const bool lines = prepare == &conv_panel_f32::Prepare ||
                     prepare == &conv_depthwise_nhwc_f32::Prepare ||
                     prepare == &pool_nhwc_f32::Prepare;
  return lines ? static_cast<LineKernel*>(call.prepared) : nullptr;
}

bool SeesTheSame(const DeviceTensor& a, const DeviceTensor& b) {
  if (a.offset != b.offset || a.view.rank != b.view.rank) return false;
  for (int axis = 0; axis < a.view.rank; ++axis) {
    if (a.view.extents[axis] != b.view.extents[axis]) return false;
    if (a.view.extents[axis] > 1 && a.view.strides[axis] != b.view.strides[axis]) return false;
  }
  return true;
}

// Why a call cannot take part in any chain.
const char* RejectStage(const PlacedCall& call) {
  const LineKernel* const kernel = LineKernelOf(call);
  if (kernel == nullptr) return "needs a kernel that works by lines";
  if (!IsSane(kernel->shape)) return "needs an ordinary window";
  for (size_t i = 1; i < call.call.results.size(); ++i) {
    if (call.call.results[i].view.present()) return "needs one result";
  }
  return kernel->RejectLines();
}

// Why stage i + 1 cannot read the lines of stage i.
const char* RejectLink(const PlacedCall& writer, const PlacedCall& reader, uint32_t position) {
  if (reader.writers.empty() || reader.writers[0] != position) return "reads another result";
  if (writer.last_reader == PlacedCall::kOutside) return "its operand is also read elsewhere";
  const LineKernel& from = *LineKernelOf(writer);
  const LineKernel& to = *LineKernelOf(reader);
  const bool same = SeesTheSame(writer.call.results[0], reader.call.operands[0]);
  const bool even = to.shape.line == from.shape.out_width * from.shape.out_pixel &&
                    to.shape.pixel == from.shape.out_pixel && to.shape.plane == 0;
  if (!same || !even || from.batch != to.batch) return "sees its operand in another way";
  return nullptr;
}

// Finds the stage that wrote a later operand of calls[position]: the residual, or nothing else.
const char* FindResidual(std::span<const PlacedCall> calls, uint32_t first, uint32_t position,
                         Stage* stages) {
  const PlacedCall& call = calls[position];
  const size_t residual = stages[position - first].kernel->finish.residual_operand();
  for (size_t i = 1; i < call.writers.size(); ++i) {
    const uint32_t writer = call.writers[i];
    if (writer == PlacedCall::kOutside || writer < first) continue;
    if (i != residual) return "reads a result of the chain as a whole";
    if (!SeesTheSame(calls[writer].call.results[0], call.call.operands[i])) {
      return "sees its residual in another way";
    }
    for (uint32_t k = writer + 1; k <= position; ++k) {
      if (stages[k - first].kernel->shape.stride_y != 1) return "has a residual of another size";
    }
    stages[position - first].residual = static_cast<int>(writer - first);
  }
  return nullptr;
}

double WeightFloats(const LineKernel& kernel) {
  return static_cast<double>(kernel.depth) * static_cast<double>(kernel.shape.out_channels);
}

// Multiply-accumulates of one line of the result.
double LineOperations(const LineKernel& kernel) {
  return WeightFloats(kernel) * static_cast<double>(kernel.shape.out_width);
}

double LineFloats(const ConvShape& shape) {
  return static_cast<double>(shape.out_width) * static_cast<double>(shape.out_pixel);
}

double RingFloats(std::span<const Stage> stages, int64_t lines) {
  int64_t rings[kMaxStages] = {};
  RingLines(stages, lines, rings);
  double floats = 0;
  for (size_t i = 0; i + 1 < stages.size(); ++i) {
    floats += static_cast<double>(rings[i]) * LineFloats(stages[i].kernel->shape);
  }
  return floats;
}

constexpr const char* kTooLarge = "rings and weights would not fit into the cache";

class Chooser {
 public:
  Chooser(const ChainMachine& machine, std::span<const PlacedCall> calls,
          std::span<const char*> reasons)
      : machine_(machine), calls_(calls), reasons_(reasons) {}

  // Finds, for the calls up to each position, the chains that gain most.
  Status Choose() {
    STINT_TRY(choices_.Resize(calls_.size() + 1));
    STINT_TRY(linked_.Resize(calls_.size()));
    for (uint32_t i = 0; i + 1 < calls_.size(); ++i) {
      reasons_[i] = RejectPair(i);
      linked_[i] = reasons_[i] == nullptr ? 1 : 0;
    }
    for (uint32_t end = 1; end <= calls_.size(); ++end) {
      choices_[end] = {choices_[end - 1].gain, end};
      uint32_t begin = end - 1;
      while (begin > 0 && linked_[begin - 1] != 0 && end - begin < kMaxStages) {
        if (!Consider(--begin, end)) break;
      }
    }
    return {};
  }

  Status Make(Array<FusedCalls>* fused) {
    STINT_TRY(Mark());
    for (uint32_t begin = 0; begin < calls_.size();) {
      uint32_t end = begin + 1;
      while (end < calls_.size() && joined_[end - 1] != 0) ++end;
      if (end - begin > 1) STINT_TRY(MakeOne(begin, end, fused));
      begin = end;
    }
    return {};
  }

 private:
  struct Choice {
    double gain = 0;     // Of all chains up to here.
    uint32_t begin = 0;  // Of the chain that ends here; its own position: none does.
  };

  const char* RejectPair(uint32_t i) const {
    if (const char* const reason = RejectStage(calls_[i])) return reason;
    if (const char* const reason = RejectStage(calls_[i + 1])) return reason;
    return RejectLink(calls_[i], calls_[i + 1], i);
  }

  // False: nor can longer chains with this end.
  bool Consider(uint32_t begin, uint32_t end) {
    Stage stages[kMaxStages];
    const char* reason = FindStages(calls_, begin, end - begin, stages);
    double gain = 0;
    if (reason == nullptr) {
      const std::span<const Stage> chain(stages, end - begin);
      gain = GainOf(chain, LinesOf(chain, machine_), machine_, &reason);
    }
    if (reason != nullptr && end - begin == 2) reasons_[begin] = reason;
    if (reason == nullptr && choices_[begin].gain + gain > choices_[end].gain) {
      choices_[end] = {choices_[begin].gain + gain, begin};
    }
    return reason != kTooLarge;
  }

  // Marks neighbours that are in one chain.
  Status Mark() {
    STINT_TRY(joined_.Resize(calls_.size()));
    for (auto end = static_cast<uint32_t>(calls_.size()); end > 0;) {
      const uint32_t begin = choices_[end].begin;
      for (uint32_t i = begin; i + 1 < end; ++i) joined_[i] = 1;
      end = begin == end ? end - 1 : begin;
    }
    for (uint32_t i = 0; i + 1 < calls_.size(); ++i) {
      if (joined_[i] == 0 && reasons_[i] == nullptr) reasons_[i] = "other chains gain more";
    }
    return {};
  }

  Status MakeOne(uint32_t begin, uint32_t end, Array<FusedCalls>* fused) const {
    Stage stages[kMaxStages];
    FindStages(calls_, begin, end - begin, stages);
    const std::span<const Stage> chain(stages, end - begin);
    FusedCalls made;
    made.first = begin;
    made.count = end - begin;
    made.record = &RecordChain;
    made.lines = static_cast<uint32_t>(LinesOf(chain, machine_));
    STINT_ASSIGN(made.prepared, PrepareChain(chain, made.lines, machine_.threads));
    made.kept_bytes = made.prepared->scratch_bytes;
    return fused->Push(std::move(made));
  }

  const ChainMachine& machine_;
  const std::span<const PlacedCall> calls_;
  const std::span<const char*> reasons_;
  Array<Choice> choices_;  // By how many calls stand before.
  Array<uint8_t> linked_;  // Call i + 1 can read the lines of call i.
  Array<uint8_t> joined_;  // They are in one chain.
};

}  // namespace

const char* FindStages(std::span<const PlacedCall> calls, uint32_t first, uint32_t count,
                       Stage* stages) {
  for (uint32_t i = first; i < first + count; ++i) {
    stages[i - first] = {LineKernelOf(calls[i]), -1};
    if (const char* const reason = FindResidual(calls, first, i, stages)) return reason;
    const bool inside = i + 1 == first + count || calls[i].last_reader < first + count;
    if (!inside) return "its operand is also read elsewhere";
  }
  return nullptr;
}

int64_t LinesOf(std::span<const Stage> stages, const ChainMachine& machine) {
  const int64_t width = std::max<int64_t>(stages[stages.size() - 1].kernel->shape.out_width, 1);
  const double most = kRingShare * static_cast<double>(machine.near_cache_bytes);
  const int64_t least = std::max(kLeastLines, (kStepPixels + width - 1) / width);
  int64_t lines = std::max(kUsualLines, least);
  while (lines / 2 >= least && 4 * RingFloats(stages, lines) > most) lines /= 2;
  return lines;
}

double GainOf(std::span<const Stage> stages, int64_t lines, const ChainMachine& machine,
              const char** reason) {
  const size_t last = stages.size() - 1;
  const int64_t height = stages[last].kernel->shape.out_height;
  const int64_t part = (height + machine.threads - 1) / machine.threads;
  *reason = "one step would make all lines";
  if (lines >= part) return 0;
  const auto cache = static_cast<double>(machine.near_cache_bytes);
  int64_t reach[kMaxStages] = {};  // Lines that a thread's part needs.
  RingLines(stages, part, reach);
  double saved = 0;
  double weights = 0;
  double twice = 0;  // Multiply-accumulates that another thread does as well.
  for (size_t i = 0; i < stages.size(); ++i) {
    const LineKernel& kernel = *stages[i].kernel;
    weights += WeightFloats(kernel);
    if (i == last) break;
    const auto all = static_cast<double>(kernel.shape.out_height);
    const double floats = all * LineFloats(kernel.shape);
    saved += floats * (4 * floats > cache ? kFarFloat : kNearFloat);
    const double own = all / machine.threads;
    twice += std::max(static_cast<double>(reach[i]) - own, 0.0) * LineOperations(kernel);
  }
  *reason = kTooLarge;
  if (4 * (RingFloats(stages, lines) + weights) > kCacheShare * cache) return 0;
  const int64_t more_steps = (part + lines - 1) / lines - 1;
  const double again = kWeightRead * weights * static_cast<double>(more_steps);
  const double gain = saved / machine.threads - again - twice;
  *reason = gain > 0 ? nullptr : "would cost more than it saves";
  return gain;
}

Status FuseChains(const ChainMachine& machine, std::span<const PlacedCall> calls,
                  Array<FusedCalls>* fused, std::span<const char*> reasons) {
  if (calls.size() < 2) return {};
  Chooser chooser(machine, calls, reasons);
  STINT_TRY(chooser.Choose());
  return chooser.Make(fused);
}

}  // namespace stint::cpu
