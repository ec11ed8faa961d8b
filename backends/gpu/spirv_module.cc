#include "backends/gpu/spirv_module.h"

#include <algorithm>
#include <cstring>

namespace stint::gpu {

namespace {

constexpr uint32_t kMagic = 0x07230203;
constexpr uint32_t kVersion10 = 0x00010000;
constexpr uint32_t kVersion13 = 0x00010300;
// The smallest maximum that the specification asks of implementations.
constexpr uint32_t kMaxBound = 0x3fffff;

Status Malformed(size_t word, uint32_t found, const char* allowed) {
  return Error(Code::kInvalid, "SPIR-V", "found 0x%x at word %zu, allowed %s", found, word,
               allowed);
}

// Where an instruction outside functions belongs.
SpirvSection SectionOf(SpirvOp op) {
  switch (op) {
    case SpirvOp::kCapability:
      return SpirvSection::kCapabilities;
    case SpirvOp::kExtension:
      return SpirvSection::kExtensions;
    case SpirvOp::kExtInstImport:
    case SpirvOp::kMemoryModel:
    case SpirvOp::kEntryPoint:
    case SpirvOp::kExecutionMode:
    case SpirvOp::kExecutionModeId:
      return SpirvSection::kPreamble;
    case SpirvOp::kSource:
    case SpirvOp::kSourceExtension:
    case SpirvOp::kName:
    case SpirvOp::kMemberName:
    case SpirvOp::kString:
    case SpirvOp::kModuleProcessed:
      return SpirvSection::kNames;
    case SpirvOp::kDecorate:
    case SpirvOp::kMemberDecorate:
    case SpirvOp::kDecorateId:
      return SpirvSection::kAnnotations;
    default:
      return SpirvSection::kGlobals;
  }
}

bool IsType(SpirvOp op) { return op >= SpirvOp::kTypeVoid && op < SpirvOp::kTypeForwardPointer; }

// Whether the literal text that begins at `words` is `name` and then '('. Texts end in a zero byte.
bool IsMangled(std::span<const uint32_t> words, std::string_view name) {
  char text[64] = {};
  const size_t bytes = std::min(words.size_bytes(), sizeof(text) - 1);
  std::memcpy(text, words.data(), bytes);
  return name.size() < bytes && std::memcmp(text, name.data(), name.size()) == 0 &&
         text[name.size()] == '(';
}

}  // namespace

uint32_t SpirvInstruction::result() const {
  if (IsType(op)) return word(1);
  switch (op) {
    case SpirvOp::kLabel:
    case SpirvOp::kString:
    case SpirvOp::kExtInstImport:
      return word(1);
    case SpirvOp::kNop:
    case SpirvOp::kTypeForwardPointer:
    case SpirvOp::kFunctionEnd:
    case SpirvOp::kStore:
    case SpirvOp::kCopyMemory:
    case SpirvOp::kControlBarrier:
    case SpirvOp::kMemoryBarrier:
    case SpirvOp::kLoopMerge:
    case SpirvOp::kSelectionMerge:
    case SpirvOp::kBranch:
    case SpirvOp::kBranchConditional:
    case SpirvOp::kSwitch:
    case SpirvOp::kKill:
    case SpirvOp::kReturn:
    case SpirvOp::kReturnValue:
    case SpirvOp::kUnreachable:
      return 0;
    default:
      return section >= SpirvSection::kGlobals ? word(2) : 0;
  }
}

bool IsGlobal(std::span<const uint32_t> instruction, SpirvOp op,
              std::span<const uint32_t> operands) {
  const size_t id = IsType(op) ? 1 : 2;
  if ((instruction[0] & 0xffff) != static_cast<uint32_t>(op)) return false;
  if (instruction.size() != operands.size() + 2 || instruction.size() <= id) return false;
  return std::equal(operands.begin(), operands.begin() + static_cast<ptrdiff_t>(id - 1),
                    instruction.begin() + 1) &&
         std::equal(operands.begin() + static_cast<ptrdiff_t>(id - 1), operands.end(),
                    instruction.begin() + static_cast<ptrdiff_t>(id + 1));
}

Result<SpirvModule> SpirvModule::Parse(std::span<const uint32_t> words) {
  if (words.size() < kSpirvHeaderWords) {
    return Error(Code::kInvalid, "SPIR-V", "found %zu words, allowed %zu or more", words.size(),
                 kSpirvHeaderWords);
  }
  if (words[0] != kMagic) return Malformed(0, words[0], "the magic number");
  if (words[1] < kVersion10 || words[1] > kVersion13) {
    return Malformed(1, words[1], "versions 1.0 to 1.3");
  }
  if (words[3] == 0 || words[3] > kMaxBound) return Malformed(3, words[3], "1 to 0x3fffff ids");
  SpirvModule module;
  module.words_ = words;
  STINT_TRY(module.Scan());
  return module;
}

Status SpirvModule::Scan() {
  bool in_function = false;
  bool past_globals = false;
  for (size_t at = kSpirvHeaderWords; at < words_.size();) {
    const size_t length = words_[at] >> 16;
    if (length == 0 || length > words_.size() - at) {
      return Malformed(at, words_[at], "instructions that end inside the module");
    }
    SpirvInstruction instruction;
    instruction.op = static_cast<SpirvOp>(words_[at] & 0xffff);
    instruction.words = words_.subspan(at, length);
    if (instruction.op == SpirvOp::kFunction) {
      if (in_function) return Malformed(at, words_[at], "no function inside another");
      in_function = past_globals = true;
      STINT_TRY(functions_.Push({instruction.word(2), instructions_.size(), 0}));
    }
    if (past_globals && !in_function) return Malformed(at, words_[at], "functions to the end");
    instruction.section = in_function ? SpirvSection::kFunctions : SectionOf(instruction.op);
    if (instruction.result() >= bound()) {
      return Malformed(at, words_[at], "results with ids below the bound");
    }
    STINT_TRY(instructions_.Push(instruction));
    if (instruction.op == SpirvOp::kFunctionEnd) {
      if (!in_function) return Malformed(at, words_[at], "the end of a function that began");
      in_function = false;
      functions_.back().end = instructions_.size();
    }
    at += length;
  }
  if (!in_function) return {};
  return Error(Code::kInvalid, "SPIR-V", "found a function without end, allowed whole ones");
}

const SpirvFunction* SpirvModule::FindFunction(uint32_t id) const {
  for (const SpirvFunction& function : functions_) {
    if (function.id == id) return &function;
  }
  return nullptr;
}

const SpirvFunction* SpirvModule::FindFunction(std::string_view name) const {
  for (const SpirvInstruction& it : instructions_) {
    if (it.op != SpirvOp::kName || it.words.size() < 3) continue;
    if (!IsMangled(it.words.subspan(2), name)) continue;
    if (const SpirvFunction* const function = FindFunction(it.word(1))) return function;
  }
  return nullptr;
}

const SpirvInstruction* SpirvModule::FindResult(uint32_t id) const {
  for (const SpirvInstruction& it : instructions_) {
    const bool defines = it.section == SpirvSection::kGlobals || it.op == SpirvOp::kExtInstImport;
    if (defines && it.result() == id && id != 0) return &it;
  }
  return nullptr;
}

uint32_t SpirvModule::FindImport(std::span<const uint32_t> name) const {
  for (const SpirvInstruction& it : instructions_) {
    if (it.op != SpirvOp::kExtInstImport || it.words.size() != name.size() + 2) continue;
    if (std::equal(name.begin(), name.end(), it.words.begin() + 2)) return it.words[1];
  }
  return 0;
}

uint32_t SpirvModule::FindBinding(uint32_t binding) const {
  for (const SpirvInstruction& it : instructions_) {
    const bool is_binding = it.op == SpirvOp::kDecorate && it.words.size() == 4 &&
                            it.words[2] == static_cast<uint32_t>(SpirvDecoration::kBinding);
    if (is_binding && it.words[3] == binding) return it.words[1];
  }
  return 0;
}

uint32_t SpirvModule::EntryPoint() const {
  for (const SpirvInstruction& it : instructions_) {
    if (it.op == SpirvOp::kEntryPoint) return it.word(2);
  }
  return 0;
}

uint32_t SpirvModule::FindGlobal(SpirvOp op, std::span<const uint32_t> operands) const {
  for (const SpirvInstruction& it : instructions_) {
    if (it.section != SpirvSection::kGlobals) continue;
    if (IsGlobal(it.words, op, operands)) return it.result();
  }
  return 0;
}

}  // namespace stint::gpu
