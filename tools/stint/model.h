// What stands on the command line as PLAN|MODEL.onnx, as a loaded plan.
#ifndef STINT_TOOLS_STINT_MODEL_H_
#define STINT_TOOLS_STINT_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stint/stint.hpp>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/arguments.h"

#ifdef STINT_HAS_COMPILER
#include "tools/compiler/compile.h"
#endif

namespace stint::cli {

struct Model {
  // The plan of an ONNX file, whose shapes the compiler applied; a plan file is mapped instead.
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
  api::Plan plan;
  double compile_ms = 0;
  double load_ms = 0;

  bool compiled() const { return owner != nullptr; }
};

// Whether the path is to be read as a plan: by its first bytes, else by its extension. kIo: not a
// regular file that can be read.
Result<bool> IsPlan(const std::string& path);

// Loads a plan, or compiles an ONNX file in memory with `shapes`. kInvalid for an ONNX file in a
// build without the compiler. `flags` are those of stint_plan_options. Where `given` is set, it
// names the inputs that the run is given: of the initialisers of an ONNX file all others are
// constants, which is faster.
Result<Model> LoadModel(const std::string& path, const Shapes& shapes, uint32_t flags = 0,
                        const std::optional<std::vector<std::string>>& given = {});

// The error for an ONNX file in a build without the compiler.
Status NoCompiler(const std::string& path);

// Of an input or output; it may hold zero bytes.
std::string NameOf(const api::TensorInfo& info);
std::vector<std::string> InputNames(const api::Plan& plan);
std::vector<std::string> OutputNames(const api::Plan& plan);

// How many ops of each kind there are, by name.
std::map<std::string, int> CountOps(const api::Plan& plan);

// Bytes of constants, without those of golden pairs.
uint64_t WeightsBytes(const api::Plan& plan);

#ifdef STINT_HAS_COMPILER
// Compiles an ONNX file into plan bytes. The error of unsupported nodes names the first, and says
// how many more there are.
Result<std::vector<uint8_t>> Compile(const std::string& path,
                                     const compiler::CompileOptions& options,
                                     compiler::ModelReport& report);

// A plan of bytes that the compiler has just made, which it copies. Their being refused is a bug:
// STINT_ERROR_INTERNAL is thrown.
api::Plan LoadCompiled(const std::vector<uint8_t>& bytes);
#endif

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_MODEL_H_
