#include "backends/gpu/spirv_import.h"

namespace stint::gpu {

namespace {

constexpr size_t kMaxWords = 16;

// The first conversion and the last operation on bits: between them operands are ids alone.
bool IsArithmetic(SpirvOp op) { return op >= SpirvOp::kConvertFToU && op <= SpirvOp::kNot; }

// Which words of an instruction are ids, as bits by index. 0: instructions that the library must
// not have.
uint32_t IdWords(SpirvOp op) {
  constexpr uint32_t kAll = ~uint32_t{1};
  switch (op) {
    case SpirvOp::kTypeVoid:
    case SpirvOp::kTypeBool:
    case SpirvOp::kTypeInt:
    case SpirvOp::kTypeFloat:
    case SpirvOp::kLabel:
      return 0b10;
    case SpirvOp::kTypePointer:
      return 0b1010;
    case SpirvOp::kConstant:
    case SpirvOp::kStore:
    case SpirvOp::kLoopMerge:
      return 0b110;
    case SpirvOp::kSelectionMerge:
      return 0b10;
    case SpirvOp::kLoad:
    case SpirvOp::kBranchConditional:
      return 0b1110;
    case SpirvOp::kVariable:
      return 0b10110;
    case SpirvOp::kFunction:
      return 0b10110;
    case SpirvOp::kExtInst:
      return kAll & ~uint32_t{0b10000};
    case SpirvOp::kUndef:
    case SpirvOp::kTypeFunction:
    case SpirvOp::kConstantTrue:
    case SpirvOp::kConstantFalse:
    case SpirvOp::kFunctionParameter:
    case SpirvOp::kFunctionEnd:
    case SpirvOp::kFunctionCall:
    case SpirvOp::kPhi:
    case SpirvOp::kBranch:
    case SpirvOp::kReturn:
    case SpirvOp::kReturnValue:
      return kAll;
    default:
      return IsArithmetic(op) ? kAll : 0;
  }
}

Status CheckInstruction(const SpirvInstruction& it) {
  if (IdWords(it.op) != 0 && it.words.size() <= kMaxWords) return {};
  return Error(Code::kInternal, "Map functions", "found SPIR-V instruction %d, allowed scalar ones",
               static_cast<int>(it.op));
}

}  // namespace

Status SpirvImporter::Import(std::string_view name, uint32_t* id) {
  *id = 0;
  if (mapped_.empty()) STINT_TRY(mapped_.Resize(library_.bound()));
  const SpirvFunction* const function = library_.FindFunction(name);
  return function == nullptr ? Status() : Map(function->id, id);
}

Status SpirvImporter::Finish() {
  for (; copied_ < pending_.size(); ++copied_) {
    STINT_TRY(CopyFunction(*library_.FindFunction(pending_[copied_])));
  }
  return CopyDecorations();
}

Status SpirvImporter::Map(uint32_t id, uint32_t* mapped) {
  if (id >= mapped_.size()) {
    return Error(Code::kInternal, "Map functions", "found id %u, allowed below %zu", id,
                 mapped_.size());
  }
  if (mapped_[id] == 0) {
    const SpirvInstruction* const global = library_.FindResult(id);
    if (global != nullptr) {
      STINT_TRY(CopyGlobal(*global, &mapped_[id]));
    } else {
      if (library_.FindFunction(id) != nullptr) STINT_TRY(pending_.Push(id));
      mapped_[id] = builder_.NewId();
    }
  }
  *mapped = mapped_[id];
  return {};
}

Status SpirvImporter::CopyGlobal(const SpirvInstruction& it, uint32_t* id) {
  if (it.op == SpirvOp::kExtInstImport) {
    *id = builder_.module().FindImport(it.words.subspan(2));
    if (*id != 0) return {};
    return Error(Code::kInternal, "Map functions", "found a kernel without its imports");
  }
  STINT_TRY(CheckInstruction(it));
  const uint32_t result = it.result();
  uint32_t operands[kMaxWords] = {};
  size_t count = 0;
  for (size_t i = 1; i < it.words.size(); ++i) {
    if (it.words[i] == result && (IdWords(it.op) >> i & 1) != 0) continue;
    operands[count] = it.words[i];
    if ((IdWords(it.op) >> i & 1) != 0) STINT_TRY(MapEarlier(it, i, &operands[count]));
    ++count;
  }
  *id = builder_.Global(it.op, std::span<const uint32_t>(operands, count));
  return {};
}

// Globals refer backwards only, so that copying them ends.
Status SpirvImporter::MapEarlier(const SpirvInstruction& it, size_t word, uint32_t* mapped) {
  const SpirvInstruction* const operand = library_.FindResult(it.words[word]);
  if (operand != nullptr && operand < &it) return Map(it.words[word], mapped);
  return Error(Code::kInternal, "Map functions", "found id %u, allowed earlier ones",
               it.words[word]);
}

Status SpirvImporter::CopyFunction(const SpirvFunction& function) {
  const size_t count = function.end - function.first;
  for (const SpirvInstruction& it : library_.instructions().subspan(function.first, count)) {
    STINT_TRY(CopyInstruction(it));
  }
  return {};
}

Status SpirvImporter::CopyInstruction(const SpirvInstruction& it) {
  if (it.op == SpirvOp::kLine || it.op == SpirvOp::kNoLine) return {};
  STINT_TRY(CheckInstruction(it));
  uint32_t operands[kMaxWords] = {};
  for (size_t i = 1; i < it.words.size(); ++i) {
    operands[i - 1] = it.words[i];
    if ((IdWords(it.op) >> i & 1) != 0) STINT_TRY(Map(it.words[i], &operands[i - 1]));
  }
  builder_.functions.Add(it.op, std::span<const uint32_t>(operands, it.words.size() - 1));
  return {};
}

Status SpirvImporter::CopyDecorations() {
  constexpr auto kNoContraction = static_cast<uint32_t>(SpirvDecoration::kNoContraction);
  for (const SpirvInstruction& it : library_.instructions()) {
    if (it.op != SpirvOp::kDecorate || it.word(2) != kNoContraction) continue;
    if (it.word(1) >= mapped_.size() || mapped_[it.word(1)] == 0) continue;
    builder_.Decorate(mapped_[it.word(1)], SpirvDecoration::kNoContraction, {});
  }
  return {};
}

}  // namespace stint::gpu
