// Changes to Map nodes and programs that several passes make.
#ifndef STINT_TOOLS_COMPILER_PASSES_MAP_EDITS_H_
#define STINT_TOOLS_COMPILER_PASSES_MAP_EDITS_H_

#include <cstdint>
#include <vector>

#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

// Loads of input `from` read input `to`, which has the same dtype.
void RedirectLoads(MapProgram& program, int from, int to);
// Loads of the input become a constant of these register bits; nothing happens when the program has
// no room for one.
void ReplaceLoads(MapProgram& program, int input, uint64_t bits);
// Removes the operands of a Map that its program never loads.
void DropUnreadOperands(Node& node);
// States the extents of a Map's results where its operands alone would not give them.
void KeepExtents(const std::vector<Dim>& extents, Function& function, Node& node);
// The program with input `input` first and the others after it in their order.
MapProgram WithFirstInput(const MapProgram& program, int input);
// Instructions that compute: neither loads nor stores nor constants.
int ComputingInstructions(const MapProgram& program);
bool ReadsCoordinates(const MapProgram& program);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_MAP_EDITS_H_
