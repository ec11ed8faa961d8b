// What linking adds to a SPIR-V module: words of each section, with ids behind the module's own.
// Running out of memory is remembered, so that a program is emitted without a check a word.
#ifndef STINT_BACKENDS_GPU_SPIRV_BUILDER_H_
#define STINT_BACKENDS_GPU_SPIRV_BUILDER_H_

#include <cstdint>
#include <initializer_list>
#include <span>

#include "backends/gpu/spirv_module.h"

namespace stint::gpu {

class SpirvWords {
 public:
  void Add(SpirvOp op, std::span<const uint32_t> operands);
  void Add(SpirvOp op, std::initializer_list<uint32_t> operands) {
    Add(op, {operands.begin(), operands.size()});
  }
  void Append(std::span<const uint32_t> words);

  std::span<const uint32_t> span() const { return words_.span(); }
  Array<uint32_t>& words() { return words_; }
  // Of the first word that was lost.
  Status TakeStatus() { return std::move(status_); }

 private:
  Array<uint32_t> words_;
  Status status_;
};

class SpirvBuilder {
 public:
  explicit SpirvBuilder(const SpirvModule& module) : module_(module), bound_(module.bound()) {}

  const SpirvModule& module() const { return module_; }
  uint32_t bound() const { return bound_; }
  uint32_t NewId() { return bound_++; }

  // The id of a type or constant, the module's own where it has it.
  uint32_t Global(SpirvOp op, std::span<const uint32_t> operands);
  uint32_t Global(SpirvOp op, std::initializer_list<uint32_t> operands) {
    return Global(op, std::span<const uint32_t>(operands.begin(), operands.size()));
  }
  uint32_t Void() { return Global(SpirvOp::kTypeVoid, {}); }
  uint32_t Bool() { return Global(SpirvOp::kTypeBool, {}); }
  uint32_t Float() { return Global(SpirvOp::kTypeFloat, {32}); }
  uint32_t Int() { return Global(SpirvOp::kTypeInt, {32, 1}); }
  uint32_t Uint(uint32_t bits = 32) { return Global(SpirvOp::kTypeInt, {bits, 0}); }
  uint32_t Constant(uint32_t value) { return Global(SpirvOp::kConstant, {Uint(), value}); }
  // The type of pointers into storage buffers.
  uint32_t Pointer(uint32_t type);
  // A new variable: a storage buffer of elements of the type, each `bytes` long.
  uint32_t AddBuffer(uint32_t type, uint32_t bytes, uint32_t binding, bool written, bool aliased);
  // Each of them once.
  void Require(uint32_t capability, const char* extension = nullptr);
  void Decorate(uint32_t id, SpirvDecoration decoration, std::initializer_list<uint32_t> operands);

  // The body of the hook.
  SpirvWords body;
  // Functions behind those of the module, which call one another only.
  SpirvWords functions;
  // Adds an instruction of the body that has a result, and returns its id.
  uint32_t Compute(SpirvOp op, uint32_t type, std::initializer_list<uint32_t> operands);
  uint32_t Call(uint32_t function, uint32_t type, std::span<const uint32_t> arguments);
  // Functions that the body calls, whether of the module or new.
  std::span<const uint32_t> calls() const { return calls_.span(); }

  // The words that it adds to the section.
  std::span<const uint32_t> Added(SpirvSection section) const;
  Status TakeStatus();

 private:
  const SpirvModule& module_;
  uint32_t bound_;
  SpirvWords capabilities_;
  SpirvWords extensions_;
  SpirvWords annotations_;
  SpirvWords globals_;
  SpirvWords calls_;
};

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_SPIRV_BUILDER_H_
