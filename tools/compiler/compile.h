// The compiler as a library: ONNX file in, plan bytes out.
#ifndef STINT_TOOLS_COMPILER_COMPILE_H_
#define STINT_TOOLS_COMPILER_COMPILE_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/dtype.h"
#include "runtime/base/result.h"
#include "runtime/cost/profile.h"

namespace stint::compiler {

// A dense tensor of a golden pair.
struct GoldenTensor {
  std::string name;
  DType dtype = DType::kNone;
  std::vector<int64_t> extents;
  std::vector<uint8_t> bytes;
};

// What a model gave: one tensor for each input without a default, one for each output.
struct GoldenPair {
  std::vector<GoldenTensor> inputs;
  std::vector<GoldenTensor> outputs;
};

struct CompileOptions {
  // Extents of inputs by name; they override what the model declares.
  std::map<std::string, std::vector<int64_t>> input_shapes;
  // Values of named dims.
  std::map<std::string, int64_t> dims;
  // From IR version 4 on, an initialiser that is an input too is a default that callers override.
  // Set: all but those of these names are constants. Weights that can be overridden cannot be
  // packed, nor can anything be folded into them.
  std::optional<std::set<std::string>> overridable;
  // Leaves float16 and bfloat16 between ops and in weights: half the size, for devices that store
  // them so. The CPU's kernels know float32, and run the others by its reference.
  bool keep_halves = false;
  // The pass after which the graph's text goes to dump_stream; empty: none.
  std::string dump_after;
  std::ostream* dump_stream = nullptr;
  // How many passes run; negative: all.
  int stop_after = -1;
  // Folding constants may add this many bytes to the plan in all.
  uint64_t fold_budget_bytes = uint64_t{64} << 20;
  // The seed of the compiler's hash tables. No plan depends on it, which tests show.
  uint64_t hasher_seed = 0;
  // A model in memory, read instead of the file; its path still says where external data lies.
  std::span<const uint8_t> model;
  // What the plan is for; empty: any processor.
  std::vector<const CostProfile*> targets;
  // Runs the plan that was made, and returns the pairs to store in it; empty: none are. The
  // compiler itself has no device.
  std::function<Result<std::vector<GoldenPair>>(const std::vector<uint8_t>& plan)> make_golden;
};

// A node that the report names, and why.
struct ReportedNode {
  std::string name;
  std::string op;
  std::string domain;
  int64_t version = 0;
  std::string operands;  // "float32[1,3,N,N], int64[2]"
  std::string reason;
};

// What a pass did.
struct PassReport {
  std::string name;
  size_t patches = 0;
  size_t ops = 0;  // Of all functions, afterwards.
};

struct ModelReport {
  // Those that this version cannot compile.
  std::vector<ReportedNode> unsupported;
  // Those that compute with quantised numbers in float32.
  std::vector<ReportedNode> unfused;
  // Of a model that was compiled.
  std::vector<PassReport> passes;
  uint64_t folded_bytes = 0;  // That folding constants added to the plan.
  std::vector<std::string> warnings;
};

// Compiles an ONNX file, with external data beside it, into the bytes of a plan. kUnsupported: the
// model is sound but has nodes that this version cannot compile; `report` (may be null) lists them
// all, or says what was done.
Result<std::vector<uint8_t>> CompileModel(const std::string& path, const CompileOptions& options,
                                          ModelReport* report);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_COMPILE_H_
