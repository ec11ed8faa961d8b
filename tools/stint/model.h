// What stands on the command line as PLAN|MODEL.onnx, as a loaded plan.
#ifndef STINT_TOOLS_STINT_MODEL_H_
#define STINT_TOOLS_STINT_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/plan/plan.h"
#include "tools/stint/arguments.h"
#include "tools/stint/host_tensor.h"

#ifdef STINT_HAS_COMPILER
#include "tools/compiler/compile.h"
#endif

namespace stint::cli {

struct Model {
  AlignedBytes bytes;  // The plan of a compiled model; a plan file is mapped instead.
  std::unique_ptr<Plan> plan;
  bool compiled = false;  // From an ONNX file; its shapes were applied by the compiler.
  double compile_ms = 0;
  double load_ms = 0;
};

// Whether the path is to be read as a plan: by its first bytes, else by its extension. kIo: not a
// regular file that can be read.
Result<bool> IsPlan(const std::string& path);

// Loads a plan, or compiles an ONNX file in memory with `shapes`. kInvalid for an ONNX file in a
// build without the compiler.
Result<Model> LoadModel(const std::string& path, const Shapes& shapes, Verify verify);

// The error for an ONNX file in a build without the compiler.
Status NoCompiler(const std::string& path);

std::vector<std::string> InputNames(const PlanFunction& function);
std::vector<std::string> OutputNames(const PlanFunction& function);

#ifdef STINT_HAS_COMPILER
// Compiles an ONNX file into plan bytes. The error of unsupported nodes names the first, and says
// how many more there are.
Result<std::vector<uint8_t>> Compile(const std::string& path,
                                     const compiler::CompileOptions& options,
                                     compiler::ModelReport& report);

// Loads plan bytes that the compiler has just made. Their being refused is a bug: kInternal.
Result<Model> LoadCompiled(const std::vector<uint8_t>& bytes);
#endif

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_MODEL_H_
