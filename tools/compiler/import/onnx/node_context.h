// One ONNX node while it is imported: its operands as views, its attributes, the opset version that
// rules it, and the builder that makes the plan ops it decomposes into.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_NODE_CONTEXT_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_NODE_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "onnx/onnx-ml.pb.h"
#include "tools/compiler/graph/builder.h"
#include "tools/compiler/import/onnx/sparse_tensor.h"

namespace stint::compiler {

class NodeContext {
 public:
  NodeContext(const onnx::NodeProto& node, int64_t version, Builder& builder, TensorSource& source,
              std::vector<View> inputs)
      : build(builder),
        node_(node),
        version_(version),
        source_(source),
        inputs_(std::move(inputs)),
        outputs_(static_cast<size_t>(node.output_size())) {}

  Builder& build;

  const std::string& op() const { return node_.op_type(); }
  // The version of the operator's schema is the newest that is not above this opset version.
  int64_t version() const { return version_; }

  // A seed of the node's own, of its place alone: whatever else the model holds.
  uint32_t OwnSeed() const;

  // kInvalid: an attribute that was asked for is there and of another type.
  Status CheckAttributes() const;

  // Operands. has(i) is false for short lists and empty names.
  int input_count() const { return static_cast<int>(inputs_.size()); }
  bool has(int i) const { return i < input_count() && inputs_[static_cast<size_t>(i)].present(); }
  const View& input(int i) const { return inputs_[static_cast<size_t>(i)]; }
  DType dtype(int i) const { return build.dtype(input(i)); }
  // kInvalid unless operand i is there.
  Status Need(int i) const;

  // Results. Those whose name is empty are not wanted.
  int output_count() const { return node_.output_size(); }
  bool wants(int i) const { return i < output_count() && !node_.output(i).empty(); }
  void SetOutput(int i, View view) {
    if (i < output_count()) outputs_[static_cast<size_t>(i)] = std::move(view);
  }
  const std::vector<View>& outputs() const { return outputs_; }

  // Attributes; the default when absent. One of another type is absent and makes CheckAttributes
  // fail.
  bool has_attribute(const char* name) const { return Find(name) != nullptr; }
  int64_t Int(const char* name, int64_t otherwise) const;
  double Float(const char* name, double otherwise) const;
  std::string String(const char* name, const std::string& otherwise) const;
  std::vector<int64_t> Ints(const char* name, std::vector<int64_t> otherwise = {}) const;
  // Integers that are data: any int64, where Int and Ints clamp to what a Dim holds. 0 when absent.
  int64_t RawInt(const char* name) const;
  std::vector<int64_t> RawInts(const char* name) const;
  std::vector<double> Floats(const char* name, std::vector<double> otherwise = {}) const;
  std::vector<std::string> Strings(const char* name) const;
  Result<TensorData> Tensor(const char* name) const;
  // Made dense.
  Result<TensorData> SparseTensor(const char* name) const;

  // Host operands: the elements of a small operand of integers or bool as Dims: constants,
  // expressions over the extents and elements of graph inputs, or where the graph computes them
  // from data, symbols that the next region knows. kUnsupported: too many, or of unknown number.
  Result<std::vector<Dim>> Elements(int i) const;
  // As Elements, also of floats, which are rounded down.
  Result<std::vector<Dim>> WholeElements(int i) const;
  // The same of any numbers, as Reals.
  Result<std::vector<Real>> Reals(int i) const;
  // A host operand of one element.
  Result<Dim> Element(int i) const;
  Result<Real> RealElement(int i) const;
  // As Elements, all constants.
  Result<std::vector<int64_t>> ConstantInts(int i) const;
  // The elements of a constant operand of any numeric type.
  Result<std::vector<double>> ConstantFloats(int i) const;

  // An axis from the end when negative; kInvalid outside [-rank, rank).
  Result<int> Axis(int64_t axis, int rank) const;

  // Imports the graph in an attribute, with `inputs` as its inputs, in place: its results. Values
  // around the node may be used by name. kInvalid: no such attribute, other numbers of inputs.
  Result<std::vector<View>> Inline(const char* name, const std::vector<View>& inputs) const;
  // What tells the node apart from all others of the model, also from itself where its graph is
  // inlined again: set by the importer.
  void SetPlace(std::string place) { place_ = std::move(place); }

  // How Inline imports: set by the importer.
  using Inliner =
      std::function<Result<std::vector<View>>(const onnx::GraphProto&, const std::vector<View>&)>;
  void SetInliner(Inliner inliner) { inliner_ = std::move(inliner); }

  Status Unsupported(const std::string& reason) const;
  Status Invalid(const std::string& found_and_allowed) const;

  // "float32[1,3,N,N], int64[2]": the operands as errors and reports name them.
  std::string Operands() const;

 private:
  const onnx::AttributeProto* Find(const char* name) const;
  const onnx::AttributeProto* Find(const char* name,
                                   onnx::AttributeProto::AttributeType type) const;

  const onnx::NodeProto& node_;
  int64_t version_;
  TensorSource& source_;
  std::vector<View> inputs_;
  std::vector<View> outputs_;
  std::string place_;
  Inliner inliner_;
  mutable std::string mistyped_;  // The first attribute that was asked for as another type.
};

using ImportFunction = Status (*)(NodeContext& node);

// One row an operator: the opset versions of its schemas for which the function is right.
struct ImportRule {
  const char* op;
  ImportFunction function;
  int64_t first_version = 1;
  int64_t last_version = INT64_MAX;
  const char* domain = "";
};

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_NODE_CONTEXT_H_
