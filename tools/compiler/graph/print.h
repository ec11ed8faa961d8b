// The text form of a graph: everything that a graph says, for people and for ParseGraph.
// docs/text-form.md describes it.
#ifndef STINT_TOOLS_COMPILER_GRAPH_PRINT_H_
#define STINT_TOOLS_COMPILER_GRAPH_PRINT_H_

#include <cstdint>
#include <string>

#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

struct PrintOptions {
  // Constants of more bytes are given by their hash only: text to look at, not to read back.
  uint64_t max_constant_bytes = UINT64_MAX;
};

// Values that nothing names are left out. The graph stays as it is, but for interned Dims.
std::string PrintGraph(Graph& graph, const PrintOptions& options = {});

// The program as lines of instructions, each after `indent`.
std::string PrintProgram(const MapProgram& program, const std::string& indent);

// The dense elements of a constant: numbers where they are few, else bytes.
std::string PrintData(DType dtype, const Bytes& data, const PrintOptions& options);

// Whether both graphs say the same: equal but for the numbers of values and expressions, for values
// that nothing names, and for absent operands and results at the end of a list.
bool EqualGraphs(const Graph& a, const Graph& b);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_PRINT_H_
