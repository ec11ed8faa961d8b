// The compiler as a library: ONNX file in, plan bytes out.
#ifndef STINT_TOOLS_COMPILER_COMPILE_H_
#define STINT_TOOLS_COMPILER_COMPILE_H_

#include <cstdint>
#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace stint::compiler {

struct CompileOptions {
  // Extents of inputs by name; they override what the model declares.
  std::map<std::string, std::vector<int64_t>> input_shapes;
  // Values of named dims.
  std::map<std::string, int64_t> dims;
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
};

// A node that this version cannot compile, and why.
struct UnsupportedNode {
  std::string name;
  std::string op;
  std::string domain;
  int64_t version = 0;
  std::string operands;  // "float32[1,3,N,N], int64[2]"
  std::string reason;
};

struct ModelReport {
  std::vector<UnsupportedNode> unsupported;
};

// Compiles an ONNX file, with external data beside it, into the bytes of a plan. kUnsupported: the
// model is sound but has nodes that this version cannot compile; `report` (may be null) lists them
// all.
Result<std::vector<uint8_t>> CompileModel(const std::string& path, const CompileOptions& options,
                                          ModelReport* report);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_COMPILE_H_
