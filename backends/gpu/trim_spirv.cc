// Functions are followed from the entry point, call by call. Of the types, constants and variables
// those stay whose id occurs as a word of what stays: a number that happens to look like an id may
// keep one more. Decorations stay with their targets.
#include "backends/gpu/trim_spirv.h"

namespace stint::gpu {

namespace {

// A set of ids.
class IdSet {
 public:
  Status Init(uint32_t bound) { return members_.Resize(bound); }
  bool Has(uint32_t id) const { return id < members_.size() && members_[id] != 0; }
  void Add(uint32_t id) {
    if (id < members_.size()) members_[id] = 1;
  }
  void AddAll(std::span<const uint32_t> words) {
    for (const uint32_t word : words) Add(word);
  }

 private:
  Array<uint8_t> members_;
};

class Trimmer {
 public:
  Trimmer(const SpirvBuilder& builder, uint32_t hook)
      : builder_(builder), module_(builder.module()), hook_(hook) {}

  Result<Array<uint32_t>> Run() {
    STINT_TRY(used_.Init(builder_.bound()));
    STINT_TRY(defined_.Init(builder_.bound()));
    STINT_TRY(reached_.Init(builder_.bound()));
    STINT_TRY(ReachFunctions());
    UseFunctions();
    UseGlobals();
    Write();
    STINT_TRY(output_.TakeStatus());
    return std::move(output_.words());
  }

 private:
  std::span<const SpirvInstruction> BodyOf(const SpirvFunction& function) const {
    return module_.instructions().subspan(function.first, function.end - function.first);
  }

  Status Reach(uint32_t function) {
    if (reached_.Has(function)) return {};
    reached_.Add(function);
    return pending_.Push(function);
  }

  Status ReachFunctions() {
    const uint32_t entry = module_.EntryPoint();
    if (module_.FindFunction(entry) == nullptr) {
      return Error(Code::kInternal, "SPIR-V", "found no function for the entry point %u", entry);
    }
    STINT_TRY(Reach(entry));
    for (size_t i = 0; i < pending_.size(); ++i) {
      const uint32_t id = pending_[i];
      if (id >= module_.bound()) continue;  // New, as all that it calls.
      const SpirvFunction* const function = module_.FindFunction(id);
      if (function == nullptr) {
        return Error(Code::kInternal, "SPIR-V", "found a call of %u, allowed functions", id);
      }
      if (id == hook_) {
        for (const uint32_t called : builder_.calls()) STINT_TRY(Reach(called));
        continue;
      }
      for (const SpirvInstruction& it : BodyOf(*function)) {
        if (it.op == SpirvOp::kFunctionCall) STINT_TRY(Reach(it.word(3)));
      }
    }
    return {};
  }

  // Whether the instruction of a reached function stays: the hook keeps its parameters alone.
  bool Stays(const SpirvFunction& function, const SpirvInstruction& it) const {
    if (it.op == SpirvOp::kLine || it.op == SpirvOp::kNoLine) return false;
    return function.id != hook_ || it.op == SpirvOp::kFunction ||
           it.op == SpirvOp::kFunctionParameter || it.op == SpirvOp::kFunctionEnd;
  }

  void UseFunctions() {
    for (const SpirvFunction& function : module_.functions()) {
      if (!reached_.Has(function.id)) continue;
      for (const SpirvInstruction& it : BodyOf(function)) {
        if (!Stays(function, it)) continue;
        used_.AddAll(it.words.subspan(1));
        defined_.Add(it.result());
      }
    }
    used_.AddAll(builder_.body.span());
    used_.AddAll(builder_.functions.span());
  }

  // Ids that the API sets or reads, though no instruction does.
  static bool IsInterface(const SpirvInstruction& it) {
    return it.op == SpirvOp::kDecorate &&
           (it.word(2) == static_cast<uint32_t>(SpirvDecoration::kBuiltIn) ||
            it.word(2) == static_cast<uint32_t>(SpirvDecoration::kSpecId));
  }

  void UseGlobals() {
    used_.AddAll(builder_.Added(SpirvSection::kGlobals));
    for (const SpirvInstruction& it : module_.instructions()) {
      if (it.section == SpirvSection::kPreamble) used_.AddAll(it.words.subspan(1));
      if (it.section == SpirvSection::kPreamble) defined_.Add(it.result());
      if (IsInterface(it)) used_.Add(it.word(1));
    }
    // Globals refer backwards only.
    const auto all = module_.instructions();
    for (size_t i = all.size(); i-- > 0;) {
      const SpirvInstruction& it = all[i];
      if (it.section != SpirvSection::kGlobals || !used_.Has(it.result())) continue;
      used_.AddAll(it.words.subspan(1));
      defined_.Add(it.result());
    }
  }

  bool Stays(const SpirvInstruction& it) const {
    switch (it.section) {
      case SpirvSection::kNames:
      case SpirvSection::kFunctions:  // Written by function.
        return false;
      case SpirvSection::kAnnotations:
        return defined_.Has(it.word(1));
      case SpirvSection::kGlobals:
        return defined_.Has(it.result());
      default:
        return true;
    }
  }

  void Write() {
    output_.Append(module_.header().first(3));
    const uint32_t end_of_header[] = {builder_.bound(), 0};
    output_.Append(end_of_header);
    for (int section = 0; section < static_cast<int>(SpirvSection::kFunctions); ++section) {
      for (const SpirvInstruction& it : module_.instructions()) {
        if (static_cast<int>(it.section) == section && Stays(it)) output_.Append(it.words);
      }
      output_.Append(builder_.Added(static_cast<SpirvSection>(section)));
    }
    for (const SpirvFunction& function : module_.functions()) {
      if (reached_.Has(function.id)) WriteFunction(function);
    }
    output_.Append(builder_.functions.span());
  }

  void WriteFunction(const SpirvFunction& function) {
    for (const SpirvInstruction& it : BodyOf(function)) {
      const bool ends = it.op == SpirvOp::kFunctionEnd && function.id == hook_;
      if (ends) output_.Append(builder_.body.span());
      if (Stays(function, it)) output_.Append(it.words);
    }
  }

  const SpirvBuilder& builder_;
  const SpirvModule& module_;
  const uint32_t hook_;
  IdSet reached_;  // Functions.
  IdSet used_;     // May hold more than the ids that are used.
  IdSet defined_;  // By what stays of the module.
  Array<uint32_t> pending_;
  SpirvWords output_;
};

}  // namespace

Result<Array<uint32_t>> TrimSpirv(const SpirvBuilder& builder, uint32_t hook) {
  return Trimmer(builder, hook).Run();
}

}  // namespace stint::gpu
