// The same model and flags give the same plan, byte for byte: again, and under any seed of the
// compiler's hash tables.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "onnx/onnx-ml.pb.h"
#include "tools/compiler/compile.h"

namespace stint::compiler {
namespace {

void AddDim(onnx::TypeProto::Tensor& type, const char* symbol, int64_t extent) {
  auto* dim = type.mutable_shape()->add_dim();
  if (symbol != nullptr) {
    dim->set_dim_param(symbol);
  } else {
    dim->set_dim_value(extent);
  }
}

onnx::NodeProto& AddNode(onnx::GraphProto& graph, const char* op,
                         std::initializer_list<const char*> inputs, const char* output) {
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(op);
  for (const char* input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

void AddInts(onnx::GraphProto& graph, const char* name, std::initializer_list<int64_t> values) {
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<int64_t>(values.size()));
  for (const int64_t value : values) tensor.add_int64_data(value);
}

// Dynamic extents, computed shapes, a convolution and something to fuse.
onnx::ModelProto MakeModel() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto& x = *graph.add_input();
  x.set_name("x");
  auto& type = *x.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  AddDim(type, "batch", 0);
  AddDim(type, nullptr, 3);
  AddDim(type, "height", 0);
  AddDim(type, "width", 0);
  onnx::TensorProto& weight = *graph.add_initializer();
  weight.set_name("weight");
  weight.set_data_type(onnx::TensorProto::FLOAT);
  for (const int64_t extent : {5, 3, 3, 3}) weight.add_dims(extent);
  for (int i = 0; i < 135; ++i) weight.add_float_data(0.01f * static_cast<float>(i - 60));
  AddInts(graph, "zero", {0});
  AddInts(graph, "minus_one", {-1});
  AddNode(graph, "Conv", {"x", "weight"}, "conv");
  AddNode(graph, "Relu", {"conv"}, "relu");
  AddNode(graph, "Shape", {"relu"}, "shape");
  AddNode(graph, "Gather", {"shape", "zero"}, "batch_size");
  onnx::NodeProto& concat = AddNode(graph, "Concat", {"batch_size", "minus_one"}, "target");
  auto& axis = *concat.add_attribute();
  axis.set_name("axis");
  axis.set_type(onnx::AttributeProto::INT);
  axis.set_i(0);
  AddNode(graph, "Reshape", {"relu", "target"}, "flat");
  AddNode(graph, "Sigmoid", {"flat"}, "y");
  graph.add_output()->set_name("y");
  return model;
}

class ModelFile {
 public:
  ModelFile()
      : path_(std::filesystem::temp_directory_path() /
              ("stint-determinism-" + std::to_string(getpid()) + ".onnx")) {
    std::ofstream file(path_, std::ios::binary);
    MakeModel().SerializeToOstream(&file);
  }
  ~ModelFile() { std::filesystem::remove(path_); }
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;

  std::vector<uint8_t> Compile(uint64_t hasher_seed) const {
    CompileOptions options;
    options.hasher_seed = hasher_seed;
    Result<std::vector<uint8_t>> plan = CompileModel(path_.string(), options, nullptr);
    INFO(plan.status().where() << ": " << plan.status().message());
    REQUIRE(plan.ok());
    return std::move(*plan);
  }

 private:
  std::filesystem::path path_;
};

TEST_CASE("the same model gives the same plan twice and under eight seeds of the hasher") {
  const ModelFile model;
  const std::vector<uint8_t> plan = model.Compile(0);
  CHECK(model.Compile(0) == plan);
  for (uint64_t seed = 1; seed <= 8; ++seed)
    CHECK(model.Compile(seed * 0x9e3779b97f4a7c15U) == plan);
}

}  // namespace
}  // namespace stint::compiler
