// A SPIR-V module taken apart: its instructions by section, and its functions by name. Modules come
// from the build, yet nothing in them is trusted: lengths and ids are checked before use.
#ifndef STINT_BACKENDS_GPU_SPIRV_MODULE_H_
#define STINT_BACKENDS_GPU_SPIRV_MODULE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/base/array.h"
#include "runtime/base/result.h"

namespace stint::gpu {

// Numbers of the SPIR-V specification, as far as they are spoken here.
enum class SpirvOp : uint16_t {
  kNop = 0,
  kUndef = 1,
  kSource = 3,
  kSourceExtension = 4,
  kName = 5,
  kMemberName = 6,
  kString = 7,
  kLine = 8,
  kExtension = 10,
  kExtInstImport = 11,
  kExtInst = 12,
  kMemoryModel = 14,
  kEntryPoint = 15,
  kExecutionMode = 16,
  kCapability = 17,
  kTypeVoid = 19,
  kTypeBool = 20,
  kTypeInt = 21,
  kTypeFloat = 22,
  kTypeRuntimeArray = 29,
  kTypeStruct = 30,
  kTypePointer = 32,
  kTypeFunction = 33,
  kTypeForwardPointer = 39,
  kConstantTrue = 41,
  kConstantFalse = 42,
  kConstant = 43,
  kFunction = 54,
  kFunctionParameter = 55,
  kFunctionEnd = 56,
  kFunctionCall = 57,
  kVariable = 59,
  kLoad = 61,
  kStore = 62,
  kCopyMemory = 63,
  kAccessChain = 65,
  kDecorate = 71,
  kMemberDecorate = 72,
  kConvertFToU = 109,
  kUConvert = 113,
  kSConvert = 114,
  kBitcast = 124,
  kIAdd = 128,
  kIMul = 132,
  kUDiv = 134,
  kUMod = 137,
  kSelect = 169,
  kINotEqual = 171,
  kNot = 200,
  kControlBarrier = 224,
  kMemoryBarrier = 225,
  kPhi = 245,
  kLoopMerge = 246,
  kSelectionMerge = 247,
  kLabel = 248,
  kBranch = 249,
  kBranchConditional = 250,
  kSwitch = 251,
  kKill = 252,
  kReturn = 253,
  kReturnValue = 254,
  kUnreachable = 255,
  kNoLine = 317,
  kModuleProcessed = 330,
  kExecutionModeId = 331,
  kDecorateId = 332,
};

enum class SpirvDecoration : uint32_t {
  kSpecId = 1,
  kBlock = 2,
  kArrayStride = 6,
  kBuiltIn = 11,
  kAliased = 20,
  kNonWritable = 24,
  kBinding = 33,
  kDescriptorSet = 34,
  kOffset = 35,
  kNoContraction = 42,
};

// In the order in which sections stand in a module.
enum class SpirvSection : uint8_t {
  kCapabilities,
  kExtensions,
  kPreamble,  // Imports, memory model, entry points, execution modes.
  kNames,
  kAnnotations,
  kGlobals,  // Types, constants, variables.
  kFunctions,
};

struct SpirvInstruction {
  SpirvOp op = SpirvOp::kNop;
  SpirvSection section = SpirvSection::kPreamble;
  std::span<const uint32_t> words;  // The first one, opcode and length, included.

  // 0, which is no id, when there is no such word.
  uint32_t word(size_t i) const { return i < words.size() ? words[i] : 0; }
  // The id that it defines; 0: none.
  uint32_t result() const;
};

struct SpirvFunction {
  uint32_t id = 0;
  // Instructions from OpFunction up to OpFunctionEnd.
  size_t first = 0;
  size_t end = 0;
};

inline constexpr size_t kSpirvHeaderWords = 5;

class SpirvModule {
 public:
  // The words outlive the module. kInvalid: they are no module of SPIR-V 1.0 to 1.3.
  static Result<SpirvModule> Parse(std::span<const uint32_t> words);

  std::span<const uint32_t> header() const { return words_.first(kSpirvHeaderWords); }
  // All ids are below.
  uint32_t bound() const { return words_[3]; }
  std::span<const SpirvInstruction> instructions() const { return instructions_.span(); }
  std::span<const SpirvFunction> functions() const { return functions_.span(); }

  // nullptr: there is none.
  const SpirvFunction* FindFunction(uint32_t id) const;
  // The function NAME(...), as the compiler mangles it.
  const SpirvFunction* FindFunction(std::string_view name) const;
  // The type, constant, variable or import whose id it is; nullptr: there is none.
  const SpirvInstruction* FindResult(uint32_t id) const;
  // The id of the import of instructions of that name, in words; 0: there is none.
  uint32_t FindImport(std::span<const uint32_t> name) const;
  // The id of the variable at the binding; 0: there is none.
  uint32_t FindBinding(uint32_t binding) const;
  // The function at which the entry point begins; 0: there is none.
  uint32_t EntryPoint() const;
  // The id of the type or constant (everything but its id given); 0: there is none.
  uint32_t FindGlobal(SpirvOp op, std::span<const uint32_t> operands) const;

 private:
  Status Scan();

  std::span<const uint32_t> words_;
  Array<SpirvInstruction> instructions_;
  Array<SpirvFunction> functions_;
};

// Whether the instruction, of a type or constant, is the one that FindGlobal looks for.
bool IsGlobal(std::span<const uint32_t> instruction, SpirvOp op,
              std::span<const uint32_t> operands);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_SPIRV_MODULE_H_
