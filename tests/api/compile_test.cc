// compile.hpp, and compile.h below it: models in memory to plans that run.
#include <onnx/onnx-ml.pb.h>

#include <catch2/catch.hpp>
#include <stint/compile.hpp>

namespace stint::testing {

namespace {

// y = op(x), x float32 [n, 2].
std::string ModelOf(const std::string& op) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("g");
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(op);
  node.set_name("the node");
  node.add_input("x");
  node.add_output("y");
  graph.add_output()->set_name("y");
  onnx::ValueInfoProto& x = *graph.add_input();
  x.set_name("x");
  auto& type = *x.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("n");
  type.mutable_shape()->add_dim()->set_dim_value(2);
  return model.SerializeAsString();
}

api::PlanBytes Compile(const std::string& op, const api::CompileOptions& options = {},
                       std::vector<api::UnsupportedNode>* unsupported = nullptr) {
  const std::string model = ModelOf(op);
  return api::CompileMemory(std::as_bytes(std::span(model)), "model.onnx", options, unsupported);
}

TEST_CASE("C++: a model in memory becomes a plan that runs", "[api]") {
  const api::PlanBytes bytes = Compile("Neg");
  const api::Plan plan = api::Plan::FromMemory(bytes.span());
  CHECK(plan.input(0).shape[0] == -1);
  CHECK(std::string(plan.input(0).symbols[0]) == "n");
  api::Session session(plan, {.threads = 1});
  const std::vector<float> x = {1, -2};
  session.Run({api::Tensor(x.data(), {1, 2})});
  CHECK(session.output(0).elements<float>()[1] == 2);
}

TEST_CASE("C++: symbols, shapes and targets are the plan's", "[api]") {
  const api::PlanBytes by_symbol = Compile("Neg", {.symbols = {{"n", 3}}});
  CHECK(api::Plan::FromMemory(by_symbol.span()).input(0).shape[0] == 3);
  const api::PlanBytes by_shape = Compile("Neg", {.shapes = {{"x", {4, 2}}}});
  CHECK(api::Plan::FromMemory(by_shape.span()).output(0).shape[0] == 4);
  const api::PlanBytes for_board = Compile("Neg", {.targets = "a53"});
  const api::Plan plan = api::Plan::FromMemory(for_board.span());
  CHECK(plan.properties() ==
        std::vector<std::pair<std::string, std::string>>{{"stint.target", "a53"}});
  CHECK_THROWS_AS(Compile("Neg", {.targets = "pdp11"}), api::Error);
}

TEST_CASE("C++: initialisers that are inputs become constants but for those that are named",
          "[api]") {
  onnx::ModelProto model;
  model.ParseFromString(ModelOf("Add"));
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_node(0)->add_input("w");
  onnx::TensorProto& w = *graph.add_initializer();
  w.set_name("w");
  w.set_data_type(onnx::TensorProto::FLOAT);
  w.add_dims(2);
  w.add_float_data(10);
  w.add_float_data(20);
  graph.add_input()->CopyFrom(graph.input(0));
  graph.mutable_input(1)->set_name("w");
  const std::string bytes = model.SerializeAsString();
  const auto inputs_with = [&](std::optional<std::vector<std::string>> overridable) {
    api::CompileOptions options;
    options.overridable = std::move(overridable);
    const auto plan = api::CompileMemory(std::as_bytes(std::span(bytes)), "model.onnx", options);
    return api::Plan::FromMemory(plan.span()).input_count();
  };
  CHECK(inputs_with(std::nullopt) == 2);
  CHECK(inputs_with(std::vector<std::string>()) == 1);
  CHECK(inputs_with(std::vector<std::string>{"w", "unknown"}) == 2);
  stint_compile_options options = STINT_COMPILE_OPTIONS_INIT;
  stint_plan_bytes* plan = nullptr;
  options.flags = 4;
  CHECK(stint_compile_memory(bytes.data(), bytes.size(), "m", &options, &plan, nullptr) ==
        STINT_ERROR_INVALID);
  options.flags = STINT_COMPILE_CONSTANT_INITIALIZERS;
  options.overridable_count = 1;
  CHECK(stint_compile_memory(bytes.data(), bytes.size(), "m", &options, &plan, nullptr) ==
        STINT_ERROR_INVALID);
}

TEST_CASE("C++: what cannot be compiled is told node by node, and thrown", "[api]") {
  std::vector<api::UnsupportedNode> nodes;
  try {
    Compile("Unheard", {}, &nodes);
    FAIL("found no exception, allowed one");
  } catch (const api::Error& error) {
    CHECK(error.code() == STINT_ERROR_UNSUPPORTED);
  }
  REQUIRE(nodes.size() == 1);
  CHECK(nodes[0].name == "the node");
  CHECK(nodes[0].op == "Unheard");
  CHECK(nodes[0].version == 17);
  CHECK(nodes[0].reason != "");
  CHECK_THROWS_AS(api::CompileFile("/nonexistent.onnx"), api::Error);
}

}  // namespace

}  // namespace stint::testing
