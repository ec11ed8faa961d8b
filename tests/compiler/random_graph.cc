#include "random_graph.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "runtime/ops/conv.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/pool.h"
#include "runtime/ops/reduce.h"
#include "runtime/ops/softmax.h"

namespace stint::compiler {

namespace {

Bytes FloatBytes(const std::vector<float>& numbers) {
  Bytes bytes(numbers.size() * sizeof(float));
  if (!numbers.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

class Generator {
 public:
  Generator(Function& function, uint32_t seed, bool symbolic)
      : function_(function), build_(function, function.nodes), random_(seed) {
    const Dim first = symbolic ? function.dims.AddSymbol({"N", false, 0, 0}) : Dim(2);
    for (int i = 0; i < 2; ++i) {
      Value value;
      value.name = i == 0 ? "x" : "an odd name: \"\\1";
      value.dtype = DType::kFloat32;
      value.dims = {first, 4, 6};
      value.is_input = true;
      const ValueId id = function.AddValue(std::move(value));
      function.inputs.push_back(id);
      pool_.push_back(function.ViewOf(id));
    }
  }

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      build_.SetName("step " + std::to_string(i));
      Result<View> made = Step();
      // What the shape rules refuse is no step.
      if (made.ok() && function_.dims.ok()) {
        pool_.push_back(*made);
      } else if (!function_.dims.ok()) {
        (void)function_.dims.TakeStatus();
      }
    }
    function_.outputs.push_back({"last", pool_.back()});
    function_.outputs.push_back({"any", Any()});
  }

 private:
  size_t Below(size_t limit) { return random_() % limit; }

  // Late values more often than early ones, so that graphs grow deep.
  const View& Any() {
    const size_t back = std::min(Below(pool_.size()), Below(pool_.size()));
    return pool_[pool_.size() - 1 - back];
  }

  View Numbers(const std::vector<int64_t>& extents) {
    size_t count = 1;
    for (const int64_t extent : extents) count *= static_cast<size_t>(extent);
    std::vector<float> numbers;
    for (size_t i = 0; i < count; ++i) {
      numbers.push_back(static_cast<float>(Below(17)) / 8.0F - 1.0F);
    }
    return build_.Constant(DType::kFloat32, extents, FloatBytes(numbers));
  }

  Result<View> Step() {
    const View& x = Any();
    switch (Below(12)) {
      case 0:
        return build_.Unary(Below(2) == 0 ? MapOpcode::kNeg : MapOpcode::kTanh, x);
      case 1:
        return build_.Binary(MapOpcode::kMax, x, build_.Scalar(DType::kFloat32, 0));
      case 2:
        return build_.Binary(Below(2) == 0 ? MapOpcode::kAdd : MapOpcode::kMul, x, Any());
      case 3:
        return Scale(x);
      case 4:
        return Turn(x);
      case 5:
        return Part(x);
      case 6:
        return Flatten(x);
      case 7:
        return Pad(x);
      case 8:
        return build_.Concat({x, x}, static_cast<int>(Below(x.dims.size())));
      case 9:
        return RowOp(x);
      case 10:
        return Product(x);
      default:
        return Window(x);
    }
  }

  Result<View> Scale(const View& x) {
    if (x.rank() < 2 || !x.dims[1].is_constant()) return View(x);
    std::vector<int64_t> extents(x.dims.size() - 1, 1);
    extents[0] = x.dims[1].constant();
    const View factor = Numbers(extents);
    return build_.Binary(Below(2) == 0 ? MapOpcode::kMul : MapOpcode::kSub, x, factor);
  }

  View Turn(const View& x) {
    std::vector<int> axes;
    for (int i = 0; i < x.rank(); ++i) axes.push_back(i);
    if (x.rank() > 1) std::swap(axes[Below(axes.size())], axes[Below(axes.size())]);
    return build_.Transpose(x, axes);
  }

  View Part(const View& x) {
    const size_t axis = Below(x.dims.size());
    if (!x.dims[axis].is_constant() || x.dims[axis].constant() < 3) return x;
    return build_.Slice(x, static_cast<int>(axis), 1, 1, x.dims[axis].constant() - 1);
  }

  Result<View> Flatten(const View& x) {
    if (x.rank() < 3) return build_.Unsqueeze(x, {static_cast<int>(Below(x.dims.size() + 1))});
    std::vector<Dim> dims(x.dims.begin(), x.dims.end() - 1);
    dims.back() = build_.dims().Mul(dims.back(), x.dims.back());
    return build_.Reshape(x, dims);
  }

  Result<View> Pad(const View& x) {
    CopyAttributes attributes;
    for (size_t axis = 0; axis < x.dims.size(); ++axis) {
      const auto before = static_cast<int64_t>(axis < 2 ? 0 : Below(2));
      attributes.starts.Push(before);
      attributes.extents.Push(build_.dims().Add(x.dims[axis], before + (axis < 2 ? 0 : 1)));
    }
    return build_.EmitOne(OpKind::kCopy, attributes, {x});
  }

  Result<View> RowOp(const View& x) {
    if (Below(2) == 0) {
      SoftmaxAttributes attributes;
      attributes.axis = x.rank() - 1;
      return build_.EmitOne(OpKind::kSoftmax, attributes, {x});
    }
    ReduceAttributes attributes;
    attributes.kind = Below(2) == 0 ? ReduceKind::kMean : ReduceKind::kMax;
    attributes.axes.Push(static_cast<int64_t>(Below(x.dims.size())));
    return build_.EmitOne(OpKind::kReduce, attributes, {x});
  }

  Result<View> Product(const View& x) {
    if (x.rank() < 2 || !x.dims.back().is_constant()) return View(x);
    const View weights = Numbers({3, x.dims.back().constant()});
    return build_.EmitOne(OpKind::kMatMul, MatMulAttributes(),
                          {x, build_.Transpose(weights, {1, 0})});
  }

  Result<View> Window(const View& x) {
    if (x.rank() < 3 || !x.dims[1].is_constant()) return View(x);
    const auto spatial = x.dims.size() - 2;
    if (Below(2) == 0) {
      PoolAttributes attributes;
      attributes.kind = Below(2) == 0 ? PoolKind::kAverage : PoolKind::kMax;
      for (size_t i = 0; i < spatial; ++i) {
        attributes.kernel.Push(2);
        attributes.strides.Push(1);
        attributes.dilations.Push(1);
      }
      for (size_t i = 0; i < 2 * spatial; ++i) attributes.pads.Push(0);
      return build_.EmitOne(OpKind::kPool, attributes, {x});
    }
    ConvAttributes attributes;
    std::vector<int64_t> extents = {3, x.dims[1].constant()};
    for (size_t i = 0; i < spatial; ++i) {
      extents.push_back(2);
      attributes.strides.Push(1);
      attributes.dilations.Push(1);
    }
    for (size_t i = 0; i < 2 * spatial; ++i) attributes.pads.Push(1);
    return build_.EmitOne(OpKind::kConv, attributes, {x, Numbers(extents)});
  }

  Function& function_;
  Builder build_;
  std::mt19937 random_;
  std::vector<View> pool_;
};

}  // namespace

Graph RandomGraph(uint32_t seed, int steps, bool symbolic) {
  Graph graph;
  graph.properties.emplace_back("seed", std::to_string(seed));
  Function& function = graph.functions.emplace_back();
  function.name = "main";
  Generator(function, seed, symbolic).Run(steps);
  return graph;
}

namespace {

// Writes the dense elements of a result, which may be part of its value.
void Write(const Bytes& elements, const View& result, Function& function) {
  Value& value = function[result.value];
  size_t count = 1;
  for (const Dim dim : value.dims) count *= static_cast<size_t>(dim.constant());
  const auto width = static_cast<size_t>(BytesOf(value.dtype));
  Bytes bytes = value.data == nullptr ? Bytes(count * width) : *value.data;
  std::vector<int64_t> at(result.dims.size());
  for (size_t i = 0; i < elements.size() / width; ++i) {
    int64_t position = result.offset.constant();
    for (size_t axis = 0; axis < at.size(); ++axis) {
      position += at[axis] * result.strides[axis].constant();
    }
    REQUIRE((position >= 0 && static_cast<size_t>(position) < count));
    std::memcpy(&bytes[static_cast<size_t>(position) * width], &elements[i * width], width);
    for (size_t axis = at.size(); axis-- > 0;) {
      if (++at[axis] < result.dims[axis].constant()) break;
      at[axis] = 0;
    }
  }
  value.data = std::make_shared<const Bytes>(std::move(bytes));
}

}  // namespace

std::vector<std::vector<float>> Evaluate(Function& function) {
  for (const ValueId id : function.inputs) {
    Value& input = function[id];
    size_t count = 1;
    for (const Dim dim : input.dims) count *= static_cast<size_t>(dim.constant());
    std::vector<float> numbers;
    for (size_t i = 0; i < count; ++i) {
      numbers.push_back(std::sin(static_cast<float>(i + id * 100)));
    }
    input.data = std::make_shared<const Bytes>(FloatBytes(numbers));
    input.is_input = false;
  }
  for (const Node& node : function.nodes) {
    Result<std::vector<Bytes>> results = EvaluateNode(node, function);
    INFO(results.status().message());
    REQUIRE(results.ok());
    for (size_t i = 0; i < node.results.size(); ++i) {
      if (node.results[i].present()) Write((*results)[i], node.results[i], function);
    }
  }
  std::vector<std::vector<float>> outputs;
  for (const Output& output : function.outputs) {
    std::vector<Node> none;
    const std::optional<Bytes> bytes = Builder(function, none).ConstantBytes(output.view);
    REQUIRE(bytes.has_value());
    auto& numbers = outputs.emplace_back(bytes->size() / sizeof(float));
    if (!numbers.empty()) std::memcpy(numbers.data(), bytes->data(), bytes->size());
  }
  return outputs;
}

}  // namespace stint::compiler
