#include "backends/gpu/spirv_builder.h"

#include <algorithm>
#include <cstring>

namespace stint::gpu {

namespace {

constexpr uint32_t kStorageBuffer = 12;  // The storage class.
constexpr size_t kMaxOperands = 16;
constexpr size_t kMaxTextWords = 16;

// Whether `words` has the instruction.
bool Has(std::span<const uint32_t> words, std::span<const uint32_t> instruction) {
  return std::search(words.begin(), words.end(), instruction.begin(), instruction.end()) !=
         words.end();
}

}  // namespace

void SpirvWords::Append(std::span<const uint32_t> words) {
  for (const uint32_t word : words) {
    if (!status_.ok()) return;
    status_ = words_.Push(word);
  }
}

void SpirvWords::Add(SpirvOp op, std::span<const uint32_t> operands) {
  const uint32_t first =
      static_cast<uint32_t>(operands.size() + 1) << 16 | static_cast<uint32_t>(op);
  Append({&first, 1});
  Append(operands);
}

uint32_t SpirvBuilder::Global(SpirvOp op, std::span<const uint32_t> given) {
  if (const uint32_t id = module_.FindGlobal(op, given); id != 0) return id;
  const std::span<const uint32_t> added = globals_.span();
  for (size_t at = 0; at < added.size(); at += added[at] >> 16) {
    const size_t length = std::min<size_t>(added[at] >> 16, added.size() - at);
    const std::span<const uint32_t> instruction = added.subspan(at, length);
    if (!IsGlobal(instruction, op, given)) continue;
    return instruction[op < SpirvOp::kTypeForwardPointer ? 1 : 2];
  }
  const uint32_t id = NewId();
  const bool is_type = op < SpirvOp::kTypeForwardPointer;
  uint32_t words[kMaxOperands] = {};
  size_t count = 0;
  if (is_type) words[count++] = id;
  for (const uint32_t operand : given) {
    words[count++] = operand;
    if (count == 1 && !is_type) words[count++] = id;
  }
  globals_.Add(op, {words, count});
  return id;
}

uint32_t SpirvBuilder::Pointer(uint32_t type) {
  return Global(SpirvOp::kTypePointer, {kStorageBuffer, type});
}

uint32_t SpirvBuilder::AddBuffer(uint32_t type, uint32_t bytes, uint32_t binding, bool written,
                                 bool aliased) {
  const uint32_t array = NewId();
  const uint32_t block = NewId();
  const uint32_t pointer = NewId();
  const uint32_t variable = NewId();
  globals_.Add(SpirvOp::kTypeRuntimeArray, {array, type});
  globals_.Add(SpirvOp::kTypeStruct, {block, array});
  globals_.Add(SpirvOp::kTypePointer, {pointer, kStorageBuffer, block});
  globals_.Add(SpirvOp::kVariable, {pointer, variable, kStorageBuffer});
  Decorate(array, SpirvDecoration::kArrayStride, {bytes});
  Decorate(block, SpirvDecoration::kBlock, {});
  annotations_.Add(SpirvOp::kMemberDecorate,
                   {block, 0, static_cast<uint32_t>(SpirvDecoration::kOffset), 0});
  if (!written) Decorate(variable, SpirvDecoration::kNonWritable, {});
  if (aliased) Decorate(variable, SpirvDecoration::kAliased, {});
  Decorate(variable, SpirvDecoration::kDescriptorSet, {0});
  Decorate(variable, SpirvDecoration::kBinding, {binding});
  return variable;
}

void SpirvBuilder::Require(uint32_t capability, const char* extension) {
  const uint32_t words[] = {2u << 16 | static_cast<uint32_t>(SpirvOp::kCapability), capability};
  for (const SpirvInstruction& it : module_.instructions()) {
    if (it.op == SpirvOp::kCapability && it.word(1) == capability) return;
  }
  if (Has(capabilities_.span(), words)) return;
  capabilities_.Append(words);
  if (extension == nullptr) return;
  // A text and its zero byte, in whole words.
  uint32_t text[kMaxTextWords] = {};
  const size_t length = std::min(std::strlen(extension), sizeof(text) - 1);
  std::memcpy(text, extension, length);
  extensions_.Add(SpirvOp::kExtension, std::span<const uint32_t>(text, length / 4 + 1));
}

void SpirvBuilder::Decorate(uint32_t id, SpirvDecoration decoration,
                            std::initializer_list<uint32_t> operands) {
  uint32_t words[kMaxOperands] = {id, static_cast<uint32_t>(decoration)};
  std::copy(operands.begin(), operands.end(), words + 2);
  annotations_.Add(SpirvOp::kDecorate, {words, operands.size() + 2});
}

uint32_t SpirvBuilder::Compute(SpirvOp op, uint32_t type,
                               std::initializer_list<uint32_t> operands) {
  uint32_t words[kMaxOperands] = {type, NewId()};
  std::copy(operands.begin(), operands.end(), words + 2);
  body.Add(op, {words, operands.size() + 2});
  return words[1];
}

uint32_t SpirvBuilder::Call(uint32_t function, uint32_t type, std::span<const uint32_t> arguments) {
  uint32_t words[kMaxOperands] = {type, NewId(), function};
  const size_t count = std::min(arguments.size(), kMaxOperands - 3);
  std::copy_n(arguments.begin(), count, words + 3);
  body.Add(SpirvOp::kFunctionCall, {words, count + 3});
  calls_.Append({&function, 1});
  return words[1];
}

std::span<const uint32_t> SpirvBuilder::Added(SpirvSection section) const {
  switch (section) {
    case SpirvSection::kCapabilities:
      return capabilities_.span();
    case SpirvSection::kExtensions:
      return extensions_.span();
    case SpirvSection::kAnnotations:
      return annotations_.span();
    case SpirvSection::kGlobals:
      return globals_.span();
    case SpirvSection::kFunctions:
      return functions.span();
    default:
      return {};
  }
}

Status SpirvBuilder::TakeStatus() {
  for (SpirvWords* words :
       {&capabilities_, &extensions_, &annotations_, &globals_, &calls_, &body, &functions}) {
    STINT_TRY(words->TakeStatus());
  }
  return {};
}

}  // namespace stint::gpu
