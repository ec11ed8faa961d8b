// Makes nodes: what importers and passes write graphs with. Emit runs the op's shape function at
// once, folds small constant work at once and carries known elements along, so that the caller
// always knows dtype and rank of what it made.
#ifndef STINT_TOOLS_COMPILER_GRAPH_BUILDER_H_
#define STINT_TOOLS_COMPILER_GRAPH_BUILDER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/ops/map/build_map.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

class Builder {
 public:
  // Nodes are appended to `nodes`, values to `function`.
  Builder(Function& function, std::vector<Node>& nodes) : function_(function), nodes_(nodes) {}

  Function& function() { return function_; }
  SymbolicDims& dims() { return function_.dims; }
  // The name that nodes get from now on: provenance for errors and `inspect`.
  void SetName(std::string name) { name_ = std::move(name); }
  const std::string& name() const { return name_; }

  DType dtype(const View& view) const { return function_[view.value].dtype; }

  // Appends a node; its results are dense views of new values. kInvalid, kUnsupported or kLimit
  // from the shape function.
  Result<std::vector<View>> Emit(OpKind kind, Attributes attributes, std::vector<View> operands);
  template <typename T>
  Result<View> EmitOne(OpKind kind, const T& attributes, std::vector<View> operands) {
    STINT_ASSIGN(std::vector<View> results,
                 Emit(kind, Attributes::Of(attributes), std::move(operands)));
    return std::move(results[0]);
  }

  // Constants.
  View Constant(DType dtype, const std::vector<int64_t>& extents, Bytes data);
  // A tensor of one repeated number, converted by the Cast rules; rank 0 unless `extents` says
  // more.
  View Scalar(DType dtype, double value);
  View Int64s(const std::vector<int64_t>& values);  // Rank 1.
  // An int64 (or int32, bool) tensor of Dims: a constant when all are, else an Eval node.
  Result<View> FromElements(DType dtype, const std::vector<Dim>& extents,
                            const std::vector<Dim>& elements);

  // Maps. `make` gets the registers of the loaded inputs and returns the register to store.
  using MapBody = std::function<int(MapBuilder&, const std::vector<int>&)>;
  Result<View> Map(std::vector<View> inputs, DType result, const MapBody& make,
                   MapStoreMode mode = MapStoreMode::kWrap);
  // As Map, over the given extents; inputs may be none (fills, iota).
  Result<View> MapOver(const std::vector<Dim>& extents, std::vector<View> inputs, DType result,
                       const MapBody& make, MapStoreMode mode = MapStoreMode::kWrap);
  Result<View> Unary(MapOpcode opcode, const View& x);                  // Result has x's dtype.
  Result<View> Binary(MapOpcode opcode, const View& a, const View& b);  // Result has a's dtype.
  Result<View> Cast(const View& x, DType dtype, MapStoreMode mode = MapStoreMode::kWrap);

  // Views. None of them makes a node unless the elements must move first.
  Result<View> Reshape(const View& x, std::vector<Dim> dims);  // Same element count, required.
  View Transpose(const View& x, const std::vector<int>& permutation);
  View Squeeze(const View& x, const std::vector<int>& axes);    // Axes from 0; extents required 1.
  View Unsqueeze(const View& x, const std::vector<int>& axes);  // Axes of the result, from 0.
  // Elements start, start + step, ... along an axis; the caller keeps them inside.
  View Slice(const View& x, int axis, Dim start, Dim step, Dim extent);
  // Stride 0 on new and broadcast axes. An axis of extent 1 that meets an unknown extent is
  // broadcast; an unknown extent that may or may not be 1 is copied.
  Result<View> Expand(const View& x, const std::vector<Dim>& dims);
  // The same elements in a dense value of their own (a Copy), or `x` when it is contiguous.
  Result<View> Dense(const View& x);
  // At most 16 parts of one rank, whose other extents agree.
  Result<View> Concat(const std::vector<View>& parts, int axis);

  std::optional<std::vector<Dim>> Elements(const View& x) const { return ElementsOf(x, function_); }
  // The numbers of a view of floats or of what Elements knows; nothing where they are not known.
  std::optional<std::vector<Real>> Reals(const View& x);
  // Makes the elements of a view that a node computes from data known, as symbols; false: there are
  // too many, or a number of them that is not known.
  bool MakeSymbols(const View& x);
  // The dense bytes of a view of a constant; nothing for other values.
  std::optional<Bytes> ConstantBytes(const View& x) const;

 private:
  // kUnsupported: Maps do not compute with complex numbers.
  Status CheckMapTypes(const std::vector<View>& inputs, DType result) const;

  Function& function_;
  std::vector<Node>& nodes_;
  std::string name_;
};

// The elements of a node's result, computed over Dims from those of its operands; nothing when the
// op or an operand does not allow it. Results have integer extents.
std::optional<std::vector<Dim>> PropagateElements(const Node& node, Function& function);

// Runs a node whose operands are all constants by its reference kernel; one byte vector a result:
// its elements, dense, wherever it lies in its value. Nothing is returned as an error but a failing
// kernel (bad data).
Result<std::vector<Bytes>> EvaluateNode(const Node& node, const Function& function);

// Whether EvaluateNode can run: constant operands, integer extents, results of at most `budget`
// bytes.
bool CanEvaluate(const Node& node, const Function& function, uint64_t budget);

// Takes the work of a node that CanEvaluate from what is left to the function; false: it is more.
bool SpendEvaluation(const Node& node, Function& function);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_BUILDER_H_
