// Copies functions of one SPIR-V module, the library of Map functions, into what is added to
// another, so that kernels need not hold functions that only linked programs call.
#ifndef STINT_BACKENDS_GPU_SPIRV_IMPORT_H_
#define STINT_BACKENDS_GPU_SPIRV_IMPORT_H_

#include <cstdint>
#include <string_view>

#include "backends/gpu/spirv_builder.h"

namespace stint::gpu {

class SpirvImporter {
 public:
  SpirvImporter(const SpirvModule& library, SpirvBuilder* builder)
      : library_(library), builder_(*builder) {}

  // The id of the library's function NAME(...) among the builder's; *id is 0 when there is none.
  // What it calls comes with Finish.
  Status Import(std::string_view name, uint32_t* id);
  // Copies the functions that were asked for, and what they call and use. kInternal: the library
  // has instructions that are not scalar arithmetic.
  Status Finish();

 private:
  Status CopyFunction(const SpirvFunction& function);
  Status CopyInstruction(const SpirvInstruction& it);
  Status CopyGlobal(const SpirvInstruction& it, uint32_t* id);
  Status MapEarlier(const SpirvInstruction& it, size_t word, uint32_t* mapped);
  // The builder's id for one of the library's.
  Status Map(uint32_t id, uint32_t* mapped);
  Status CopyDecorations();

  const SpirvModule& library_;
  SpirvBuilder& builder_;
  Array<uint32_t> mapped_;   // By the library's id; 0: not so far.
  Array<uint32_t> pending_;  // Functions of the library that are called.
  size_t copied_ = 0;        // How many of them are.
};

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_SPIRV_IMPORT_H_
