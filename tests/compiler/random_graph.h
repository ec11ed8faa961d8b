// Graphs that nobody would write: for properties that hold for every graph.
#ifndef STINT_TESTS_COMPILER_RANDOM_GRAPH_H_
#define STINT_TESTS_COMPILER_RANDOM_GRAPH_H_

#include <cstdint>
#include <random>
#include <vector>

#include "tools/compiler/graph/builder.h"

namespace stint::compiler {

// A graph of float32 tensors with about `steps` steps, made by the Builder: Maps, views, Copies,
// reductions, products, convolutions and pools. With `symbolic` the first extent of the inputs is a
// symbol. The same seed gives the same graph.
Graph RandomGraph(uint32_t seed, int steps, bool symbolic);

// The outputs of a function with integer extents, on inputs that depend on their position alone, by
// the reference kernels. The function's values hold their data afterwards.
std::vector<std::vector<float>> Evaluate(Function& function);

}  // namespace stint::compiler

#endif  // STINT_TESTS_COMPILER_RANDOM_GRAPH_H_
