// What passes ask about graphs.
#ifndef STINT_TOOLS_COMPILER_PASSES_QUERIES_H_
#define STINT_TOOLS_COMPILER_PASSES_QUERIES_H_

#include <optional>

#include "tools/compiler/graph/graph.h"
#include "tools/compiler/graph/uses.h"

namespace stint::compiler {

// Whether the view is its whole value in the value's own dims and order. Axes of extent 1 may have
// any stride.
bool IsPlain(const View& view, Function& function);
// Whether operand `index` of the op may be a strided view.
bool TakesStrides(const OpInfo& op, size_t index);
// Whether all results that the node has are plain.
bool HasPlainResults(const Node& node, Function& function);
// Whether the node has one result, which is present and plain.
bool HasPlainResult(const Node& node, Function& function);
// The node whose one plain result the view shows in full, when nobody else reads it; nullptr: there
// is none. `index`, if not null, gets the node's index.
const Node* SoleProducer(const View& view, const Uses& uses, Function& function,
                         size_t* index = nullptr);
// `view` with stride 0 along axes that broadcast to `dims`; nothing when an extent neither is 1 nor
// equals the other.
std::optional<View> ExpandTo(const View& view, const std::vector<Dim>& dims);
bool IsWindowOp(const Node& node);
// Whether plans can hold the constant in panels, or the operand: all of such a one.
bool IsPackable(const Value& value);
bool IsPackable(const View& view, Function& function);
// Whether kernels exist for the window op on channels that lie last.
bool HasChannelsLastKernel(const Node& node, Function& function);
// The dense bytes of a static view of a constant; nothing for other views.
std::optional<Bytes> ConstantBytesOf(const View& view, Function& function);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_PASSES_QUERIES_H_
