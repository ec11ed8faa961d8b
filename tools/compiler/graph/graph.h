// The compiler's graph: the plan's ops and no others.
//
// A function is a list of nodes in execution order over values. Operands are views of values (dims,
// strides, offset), so that Reshape, Transpose and Slice are no nodes at all. Every value has a
// dtype and symbolic extents from the moment it is made; small integer values carry their elements.
#ifndef STINT_TOOLS_COMPILER_GRAPH_GRAPH_H_
#define STINT_TOOLS_COMPILER_GRAPH_GRAPH_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/ops/op_table.h"
#include "tools/compiler/graph/symbolic_dims.h"

namespace stint::compiler {

using ValueId = uint32_t;
inline constexpr ValueId kNoValue = 0xffffffff;

// A value, or a part of it in another order. Strides and offset count elements.
struct View {
  ValueId value = kNoValue;  // kNoValue: an absent optional operand.
  std::vector<Dim> dims;
  std::vector<Dim> strides;
  Dim offset = 0;

  bool present() const { return value != kNoValue; }
  int rank() const { return static_cast<int>(dims.size()); }
  friend bool operator==(const View&, const View&) = default;
};

using Bytes = std::vector<uint8_t>;

struct Value {
  std::string name;  // May be empty; unique names are made when text or plans need them.
  DType dtype = DType::kNone;
  std::vector<Dim> dims;
  bool is_input = false;
  // The dense row-major bytes of a constant, or of an input's default. Shared, never changed.
  std::shared_ptr<const Bytes> data;
  // The row-major elements of a small value, where they are known: Dims of an int32, int64 or bool
  // one, the bits of Reals of one of floats.
  std::optional<std::vector<Dim>> elements;

  bool is_constant() const { return data != nullptr && !is_input; }
};

// The attribute struct of an op, with value semantics.
class Attributes {
 public:
  Attributes() = default;
  explicit Attributes(const OpInfo& op) : bytes_(op.attributes_size) {
    op.construct(bytes_.data());
  }
  template <typename T>
  static Attributes Of(const T& attributes) {
    Attributes result;
    result.bytes_.resize(sizeof(T));
    new (result.bytes_.data()) T(attributes);
    return result;
  }
  template <typename T>
  T& as() {
    return *reinterpret_cast<T*>(bytes_.data());
  }
  template <typename T>
  const T& as() const {
    return *reinterpret_cast<const T*>(bytes_.data());
  }
  void* data() { return bytes_.data(); }
  const void* data() const { return bytes_.data(); }

 private:
  std::vector<std::byte> bytes_;
};

struct Node {
  const OpInfo* op = nullptr;
  std::string name;  // Of the ONNX node that it came from.
  Attributes attributes;
  std::vector<View> operands;
  std::vector<View> results;
};

struct Output {
  std::string name;
  View view;
  // Not of the model: symbols are elements of it. Each value of one is dense and of integer
  // extents.
  bool is_shape = false;
};

struct Function {
  std::string name;
  std::vector<Value> values;
  std::vector<ValueId> inputs;
  std::vector<Output> outputs;
  std::vector<Node> nodes;
  SymbolicDims dims;
  // Multiplications that may still be done on constants: compiling must end, whatever the model.
  uint64_t evaluation_left = uint64_t{1} << 34;

  Value& operator[](ValueId id) { return values[id]; }
  const Value& operator[](ValueId id) const { return values[id]; }
  ValueId AddValue(Value value) {
    values.push_back(std::move(value));
    return static_cast<ValueId>(values.size() - 1);
  }
  // The whole of a value, dense.
  View ViewOf(ValueId id);
  // Symbols for the elements of a view of integer extents: what the ops after it may use as
  // extents, once it is computed. `extents`: none of them can be negative.
  std::vector<Dim> AddComputedSymbols(const View& view, bool extents);
};

struct Graph {
  // The first is the model. They stay where they are: Dims belong to their function.
  std::deque<Function> functions;
  std::vector<std::pair<std::string, std::string>> properties;

  Function& main() { return functions.front(); }
  const Function& main() const { return functions.front(); }
};

// Row-major strides of `dims`.
std::vector<Dim> DenseStrides(const std::vector<Dim>& dims, DimContext& context);
// Whether the view's elements follow each other in row-major order, from any offset. Axes of extent
// 1 may have any stride.
bool IsContiguous(const View& view, DimContext& context);
// Whether the view is its whole value in the value's own order; its dims may be others.
bool IsWhole(const View& view, const Function& function, DimContext& context);
// Dtype and extents of a view, as shape functions take them. Absent views give an absent shape.
TensorShape ShapeOf(const View& view, const Function& function);
// Whether all dims, strides and the offset are integers.
bool IsStatic(const View& view);

// The elements of a view of an int32, int64 or bool value of at most `limit` elements, row-major;
// nothing when they are not known.
std::optional<std::vector<Dim>> ElementsOf(const View& view, const Function& function,
                                           size_t limit = 1024);

// The same of a view of floats: the bits of Reals.
std::optional<std::vector<Dim>> RealsOf(const View& view, const Function& function,
                                        size_t limit = 1024);
// How many elements a value has whose elements may be symbols: integer extents, few of them.
std::optional<int64_t> HostElements(const Value& value);
// The element types that ElementsOf and RealsOf know.
bool HoldsDims(DType dtype);
bool HoldsReals(DType dtype);

// Checks everything that the rest of the compiler relies on: ids in range, values written before
// they are read and once (slots apart), ranks, op operand counts, shapes equal to what shape
// functions infer. kInternal, naming node and rule: a bug of the pass that ran last.
Status CheckFunction(Function& function);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_GRAPH_GRAPH_H_
