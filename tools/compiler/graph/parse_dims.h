// Reads Dims: expressions over the symbols and named expressions of one function.
#ifndef STINT_TOOLS_COMPILER_GRAPH_PARSE_DIMS_H_
#define STINT_TOOLS_COMPILER_GRAPH_PARSE_DIMS_H_

#include <map>
#include <string>
#include <vector>

#include "tools/compiler/graph/symbolic_dims.h"
#include "tools/compiler/graph/text_reader.h"

namespace stint::compiler {

class DimReader {
 public:
  DimReader(TextReader& reader, SymbolicDims& dims) : reader_(reader), dims_(dims) {}

  // "symbol N = extent 2 of input 0", "symbol N = extent 0 of output 1", after the word "symbol".
  Status ReadSymbol();
  // "dim #0 = floordiv(N, 2)", after the word "dim".
  Status ReadDefinition();
  // "check N == M", after the word "check".
  Status ReadCheck();
  Result<Dim> Read();
  // "[N, 2*N]", at most `capacity` of them.
  Result<std::vector<Dim>> ReadList(size_t capacity);

 private:
  Result<Dim> ReadSum(int depth);
  Result<Dim> ReadProduct(int depth);
  Result<Dim> ReadFactor(int depth);
  Result<Dim> ReadCall(DimOp op, int depth);
  Status Count();

  TextReader& reader_;
  SymbolicDims& dims_;
  std::map<std::string, Dim, std::less<>> symbols_;  // By name, or "$index".
  std::vector<Dim> definitions_;
  int operations_ = 0;
};

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_PARSE_DIMS_H_
