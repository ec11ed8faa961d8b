// The rules that every function keeps between passes. A violation is a bug of the pass (or of the
// importer or text) that made it, never of the model.
#include <algorithm>
#include <string>

#include "runtime/base/checked.h"
#include "runtime/base/text.h"
#include "tools/compiler/graph/describe.h"
#include "tools/compiler/graph/disjoint_views.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

namespace {

std::string ShapeText(DType dtype, const std::vector<Dim>& dims, const Function& function) {
  std::string text = NameOf(dtype);
  text += '[';
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) text += ',';
    text += DescribeDim(dims[i], function);
  }
  return text + ']';
}

// The product of integer extents; false when one is an expression or the product overflows.
bool CountOf(const std::vector<Dim>& dims, int64_t* count) {
  *count = 1;
  for (const Dim dim : dims) {
    if (!dim.is_constant() || !CheckedMul(*count, dim.constant(), count)) return false;
  }
  return true;
}

class Checker {
 public:
  explicit Checker(Function& function)
      : function_(function),
        writes_(function.values.size(), 0),
        writes_left_(function.values.size(), 0),
        whole_(function.values.size(), false),
        reads_(function.values.size()) {}

  Status Run() {
    STINT_TRY(CheckValues());
    for (const Node& node : function_.nodes) {
      for (const View& result : node.results) {
        if (result.value < writes_left_.size()) ++writes_left_[result.value];
      }
    }
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      Node& node = function_.nodes[i];
      where_ = "node " + std::to_string(i) +
               (node.op == nullptr ? "" : std::string(" ") + node.op->name);
      if (!node.name.empty()) where_ += " '" + node.name + "'";
      STINT_TRY(CheckNode(node));
    }
    return CheckOutputs();
  }

 private:
  const char* where() const { return where_.c_str(); }

  Status CheckValues() {
    std::vector<bool> listed(function_.values.size(), false);
    where_ = "inputs";
    for (const ValueId id : function_.inputs) {
      STINT_TRY(CheckId(id));
      if (listed[id])
        return Error(Code::kInternal, where(), "found value %u twice, allowed once", id);
      listed[id] = true;
    }
    for (size_t i = 0; i < function_.values.size(); ++i) {
      const Value& value = function_.values[i];
      where_ = "value " + std::to_string(i) + " '" + value.name + "'";
      if (value.is_input != listed[i]) {
        return Error(Code::kInternal, where(), "found is_input %d, allowed %d", value.is_input,
                     static_cast<int>(listed[i]));
      }
      STINT_TRY(CheckValue(value));
    }
    return {};
  }

  Status CheckValue(const Value& value) {
    if (BytesOf(value.dtype) == 0) {
      return Error(Code::kInternal, where(), "found dtype %d, allowed 1 to %d",
                   static_cast<int>(value.dtype), kDTypeCount - 1);
    }
    if (value.dims.size() > kMaxRank) {
      return Error(Code::kInternal, where(), "found rank %zu, allowed 0 to %d", value.dims.size(),
                   kMaxRank);
    }
    for (const Dim dim : value.dims) {
      if (dim.is_constant() && dim.constant() < 0) {
        return Error(Code::kInternal, where(), "found extent %lld, allowed 0 and up",
                     static_cast<long long>(dim.constant()));
      }
    }
    int64_t count = 0;
    const bool counted = CountOf(value.dims, &count);
    if (value.data != nullptr) STINT_TRY(CheckData(value, counted, count));
    if (value.elements && (!counted || static_cast<int64_t>(value.elements->size()) != count)) {
      return Error(Code::kInternal, where(), "found %zu known elements, allowed one for each of %s",
                   value.elements->size(), ShapeText(value.dtype, value.dims, function_).c_str());
    }
    return {};
  }

  Status CheckData(const Value& value, bool counted, int64_t count) {
    int64_t bytes = 0;
    if (counted && CheckedMul(count, BytesOf(value.dtype), &bytes) &&
        bytes == static_cast<int64_t>(value.data->size())) {
      return {};
    }
    return Error(Code::kInternal, where(), "found %zu bytes of data, allowed those of %s",
                 value.data->size(), ShapeText(value.dtype, value.dims, function_).c_str());
  }

  Status CheckId(ValueId id) {
    if (id < function_.values.size()) return {};
    return Error(Code::kInternal, where(), "found value %u, allowed below %zu", id,
                 function_.values.size());
  }

  // A view of an existing value, of equal ranks and, when it is static, inside the value.
  Status CheckView(const View& view) {
    STINT_TRY(CheckId(view.value));
    if (view.dims.size() != view.strides.size() || view.dims.size() > kMaxRank) {
      return Error(Code::kInternal, where(),
                   "found %zu dims and %zu strides, allowed equal counts up to %d",
                   view.dims.size(), view.strides.size(), kMaxRank);
    }
    int64_t count = 0;
    if (!IsStatic(view) || !CountOf(function_[view.value].dims, &count)) return {};
    int64_t first = view.offset.constant();
    int64_t last = first;
    bool fits = true;
    for (size_t axis = 0; axis < view.dims.size(); ++axis) {
      if (view.dims[axis].constant() == 0) return {};
      int64_t span = 0;
      fits =
          fits && CheckedMul(view.dims[axis].constant() - 1, view.strides[axis].constant(), &span);
      int64_t& end = span < 0 ? first : last;
      fits = fits && CheckedAdd(end, span, &end);
    }
    if (fits && first >= 0 && last < count) return {};
    return Error(
        Code::kInternal, where(), "found a view of elements %lld to %lld, allowed those of %s",
        static_cast<long long>(first), static_cast<long long>(last),
        ShapeText(function_[view.value].dtype, function_[view.value].dims, function_).c_str());
  }

  Status CheckRead(const View& view) {
    STINT_TRY(CheckView(view));
    const Value& value = function_[view.value];
    if (writes_left_[view.value] > 0) AddRead(view);
    if (value.is_input || value.is_constant() || writes_[view.value] > 0) return {};
    return Error(Code::kInternal, where(),
                 "found value %u '%s' before it is written, allowed after", view.value,
                 value.name.c_str());
  }

  void AddRead(const View& view) {
    std::vector<View>& reads = reads_[view.value];
    if (std::find(reads.begin(), reads.end(), view) == reads.end()) reads.push_back(view);
  }

  Status CheckWrite(const View& view) {
    STINT_TRY(CheckView(view));
    const Value& value = function_[view.value];
    if (value.is_input || value.is_constant()) {
      return Error(Code::kInternal, where(),
                   "found a result in an input or constant, allowed in other values");
    }
    const std::vector<View>& reads = reads_[view.value];
    const auto is_apart = [&](const View& read) { return AreDisjoint(read, view, function_.dims); };
    if (!std::all_of(reads.begin(), reads.end(), is_apart)) {
      return Error(Code::kInternal, where(),
                   "found a write to value %u '%s' after it was read, allowed before", view.value,
                   value.name.c_str());
    }
    const bool whole = IsWhole(view, function_, function_.dims);
    if (writes_[view.value] > 0 && (whole || whole_[view.value])) {
      return Error(Code::kInternal, where(), "found value %u '%s' written twice, allowed once",
                   view.value, value.name.c_str());
    }
    whole_[view.value] = whole;
    --writes_left_[view.value];
    ++writes_[view.value];
    return {};
  }

  Status CheckNode(Node& node) {
    if (node.op == nullptr)
      return Error(Code::kInternal, where(), "found no op, allowed those of ops.inc");
    std::vector<TensorShape> shapes;
    for (const View& operand : node.operands) {
      if (operand.present()) STINT_TRY(CheckRead(operand));
      shapes.push_back(ShapeOf(operand, function_));
    }
    std::vector<TensorShape> results(static_cast<size_t>(node.op->core_results));
    Status inferred = InferOp(*node.op, node.attributes.data(), shapes, function_.dims, results);
    // Extents that no number holds are the model's: a copy may be the first to multiply them.
    if (inferred.code() == Code::kLimit) return std::move(inferred).At(where());
    if (!inferred.ok()) {
      return Error(Code::kInternal, where(),
                   "found a node that its shape function refuses (%s: %s), allowed others",
                   inferred.where(), inferred.message());
    }
    return CheckResults(node, results);
  }

  Status CheckResults(const Node& node, const std::vector<TensorShape>& inferred) {
    if (node.results.size() > inferred.size()) {
      return Error(Code::kInternal, where(), "found %zu results, allowed %zu at most",
                   node.results.size(), inferred.size());
    }
    for (size_t i = 0; i < inferred.size(); ++i) {
      const bool present = i < node.results.size() && node.results[i].present();
      if (present != inferred[i].present()) {
        return Error(Code::kInternal, where(), "found result %zu %s, allowed %s", i,
                     present ? "present" : "absent", inferred[i].present() ? "present" : "absent");
      }
      if (!present) continue;
      const View& view = node.results[i];
      STINT_TRY(CheckWrite(view));
      const std::vector<Dim> dims(inferred[i].extents, inferred[i].extents + inferred[i].rank);
      if (view.dims != dims || function_[view.value].dtype != inferred[i].dtype) {
        return Error(Code::kInternal, where(), "found result %zu as %s, allowed %s as inferred", i,
                     DescribeView(view, function_).c_str(),
                     ShapeText(inferred[i].dtype, dims, function_).c_str());
      }
    }
    return {};
  }

  Status CheckOutputs() {
    for (const Output& output : function_.outputs) {
      where_ = "output '" + output.name + "'";
      STINT_TRY(CheckRead(output.view));
      if (!output.is_shape || IsStatic(output.view)) continue;
      return Error(Code::kInternal, where(),
                   "found a shape output of unknown extents, allowed numbers");
    }
    return {};
  }

  Function& function_;
  std::vector<int> writes_;
  std::vector<int> writes_left_;  // How often the rest of the function writes.
  std::vector<bool> whole_;
  std::vector<std::vector<View>> reads_;  // Different ones.
  std::string where_;
};

}  // namespace

Status CheckFunction(Function& function) { return Checker(function).Run(); }

}  // namespace stint::compiler
