#include "tools/compiler/import/onnx/import_model.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "runtime/base/hash.h"
#include "tools/compiler/graph/describe.h"
#include "tools/compiler/import/onnx/check_node.h"
#include "tools/compiler/import/onnx/model_functions.h"
#include "tools/compiler/import/onnx/node_context.h"
#include "tools/compiler/import/onnx/read_model.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/scope.h"
#include "tools/compiler/import/onnx/sparse_tensor.h"

namespace stint::compiler {

namespace {

// From this IR version on, an initialiser that is also an input is a default that callers override;
// before, every initialiser had to be listed as an input and all of them are constants.
constexpr int64_t kOverridableInitializers = 4;

constexpr int kMaxDepth = 64;

class Importer {
 public:
  Importer(const onnx::ModelProto& model, const std::string& path, const CompileOptions& options,
           ModelReport* report)
      : model_(model),
        proto_(model.graph()),
        source_{std::filesystem::path(path).parent_path().string()},
        options_(options),
        report_(report) {
    graph_.functions.emplace_back();
  }

  Result<Graph> Import() {
    Function& function = graph_.main();
    function.name = proto_.name();
    function.dims.SetHasherSeed(options_.hasher_seed);
    STINT_ASSIGN(scope_.versions, ReadOpsets("model", model_.opset_import()));
    STINT_TRY(functions_.Read(model_));
    STINT_TRY(ImportInitializers(proto_));
    STINT_TRY(BindSymbols());
    STINT_TRY(ImportInputs());
    STINT_TRY(CheckOptions());
    Builder builder(function, function.nodes);
    for (const auto& node : proto_.node()) STINT_TRY(ImportNode(node, builder));
    ReportForeignInputs();
    if (!report_->unsupported.empty()) return FirstUnsupported();
    STINT_TRY(ImportOutputs());
    for (const auto& property : model_.metadata_props()) {
      graph_.properties.emplace_back(property.key(), property.value());
    }
    return std::move(graph_);
  }

 private:
  Status ImportInitializers(const onnx::GraphProto& graph) {
    for (const auto& sparse : graph.sparse_initializer()) {
      STINT_TRY(CheckNewInitializer(sparse.values().name()));
      STINT_ASSIGN(TensorData data, DecodeSparseTensor(sparse, source_));
      STINT_TRY(DefineConstant(sparse.values().name(), std::move(data)));
    }
    for (const auto& tensor : graph.initializer()) {
      STINT_TRY(CheckNewInitializer(tensor.name()));
      if (tensor.data_type() == onnx::TensorProto::STRING) {
        scope_.foreign[tensor.name()] = "string";
        continue;
      }
      STINT_ASSIGN(TensorData data, DecodeTensor(tensor, source_.folder));
      STINT_TRY(DefineConstant(tensor.name(), std::move(data)));
    }
    return {};
  }

  Status CheckNewInitializer(const std::string& name) const {
    if (scope_.views.count(name) == 0 && scope_.foreign.count(name) == 0) return {};
    return Error(Code::kInvalid, ("tensor '" + name + "'").c_str(),
                 "found a second initializer of this name, allowed one");
  }

  Status DefineConstant(const std::string& name, TensorData data) {
    Value value;
    value.name = name;
    value.dtype = data.dtype;
    value.dims.assign(data.extents.begin(), data.extents.end());
    value.data = std::make_shared<const Bytes>(std::move(data.bytes));
    if (value.dims.size() > kMaxRank) {
      return Error(Code::kUnsupported, ("tensor '" + name + "'").c_str(),
                   "found rank %zu, allowed %d", value.dims.size(), kMaxRank);
    }
    Define(name, graph_.main().AddValue(std::move(value)));
    return {};
  }

  void Define(const std::string& name, ValueId id) {
    scope_.views[name] = graph_.main().ViewOf(id);
  }

  Status ImportInputs() {
    std::set<std::string> names;
    for (const auto& input : proto_.input()) {
      if (!names.insert(input.name()).second) {
        return Error(Code::kInvalid, ("input '" + input.name() + "'").c_str(),
                     "found a second one of this name, allowed one");
      }
      const auto found = scope_.views.find(input.name());
      if (found != scope_.views.end()) {
        STINT_TRY(CheckDefault(input.name(), found->second));
        if (!IsOverridable(input.name())) continue;
        MakeInput(found->second.value);
        found->second = graph_.main().ViewOf(found->second.value);
        continue;
      }
      STINT_TRY(ImportInput(input));
    }
    return {};
  }

  // A shape that is given for an input with a default is that of the default.
  Status CheckDefault(const std::string& name, const View& view) const {
    const auto given = options_.input_shapes.find(name);
    if (given == options_.input_shapes.end()) return {};
    if (view.dims == std::vector<Dim>(given->second.begin(), given->second.end())) return {};
    return Error(Code::kInvalid, ("input '" + name + "'").c_str(),
                 "found another shape in --input-shape, allowed that of its initializer: %s",
                 DescribeView(view, graph_.main()).c_str());
  }

  bool IsOverridable(const std::string& name) const {
    if (model_.ir_version() < kOverridableInitializers) return false;
    return !options_.overridable || options_.overridable->count(name) > 0;
  }

  void MakeInput(ValueId id) {
    Function& function = graph_.main();
    Value& value = function[id];
    value.is_input = true;
    const auto position = static_cast<uint32_t>(function.inputs.size());
    function.inputs.push_back(id);
    const std::optional<int64_t> count = HostElements(value);
    if (!count) return;
    value.elements.emplace();
    for (int64_t i = 0; i < *count; ++i) {
      value.elements->push_back(
          function.dims.AddSymbol({"", true, position, static_cast<uint32_t>(i)}));
    }
  }

  Status ImportInput(const onnx::ValueInfoProto& input) {
    const std::string where = "input '" + input.name() + "'";
    if (!input.type().has_tensor_type()) {
      scope_.foreign[input.name()] = input.type().has_sequence_type()   ? "sequence"
                                     : input.type().has_optional_type() ? "optional"
                                                                        : "map";
      return {};
    }
    const auto& type = input.type().tensor_type();
    Value value;
    value.name = input.name();
    value.dtype = DTypeFromOnnx(type.elem_type());
    if (value.dtype == DType::kNone) {
      return Error(Code::kInvalid, where.c_str(),
                   "found element type %d, allowed those of ONNX 1.22", type.elem_type());
    }
    if (value.dtype == DType::kString) {
      scope_.foreign[input.name()] = "string";
      return {};
    }
    STINT_ASSIGN(value.dims, InputDims(input.name(), type, where));
    if (value.dims.size() > kMaxRank) {
      return Error(Code::kUnsupported, where.c_str(), "found rank %zu, allowed %d",
                   value.dims.size(), kMaxRank);
    }
    const ValueId id = graph_.main().AddValue(std::move(value));
    MakeInput(id);
    Define(input.name(), id);
    return {};
  }

  Result<std::vector<Dim>> InputDims(const std::string& name, const onnx::TypeProto::Tensor& type,
                                     const std::string& where) {
    const auto given = options_.input_shapes.find(name);
    if (given != options_.input_shapes.end()) {
      return std::vector<Dim>(given->second.begin(), given->second.end());
    }
    if (!type.has_shape()) {
      return Error(Code::kInvalid, where.c_str(),
                   "found no declared rank, allowed a shape (give --input-shape)");
    }
    std::vector<Dim> dims;
    const auto position = static_cast<uint32_t>(graph_.main().inputs.size());
    for (const auto& dim : type.shape().dim()) {
      const auto axis = static_cast<uint32_t>(dims.size());
      if (dim.has_dim_value() && dim.dim_value() >= 0) {
        dims.push_back(dim.dim_value());
      } else {
        dims.push_back(SymbolicDim(dim.dim_param(), position, axis));
      }
    }
    return dims;
  }

  // Exporters write "?" and the like for extents that they do not know: two of them need not agree.
  static bool NamesSymbol(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char byte) { return std::isalpha(byte) != 0 || byte >= 0x80; });
  }

  Dim SymbolicDim(const std::string& declared, uint32_t position, uint32_t axis) {
    SymbolicDims& dims = graph_.main().dims;
    const std::string name = NamesSymbol(declared) ? declared : std::string();
    const auto fixed = options_.dims.find(name);
    if (!name.empty() && fixed != options_.dims.end()) {
      used_dims_.insert(name);
      return fixed->second;
    }
    if (const auto bound = bound_dims_.find(name); bound != bound_dims_.end()) return bound->second;
    if (!name.empty()) {
      if (const auto found = dims.FindSymbol(name)) return *found;
    }
    return dims.AddSymbol({name, false, position, axis});
  }

  // A shape that is given for one input says what the symbols that the model declares in it are
  // in the others: unless two such shapes differ, for then the declaration is wrong.
  Status BindSymbols() {
    std::set<std::string> contradicted;
    for (const auto& input : proto_.input()) {
      const auto given = options_.input_shapes.find(input.name());
      const auto& shape = input.type().tensor_type().shape();
      if (given == options_.input_shapes.end()) continue;
      if (given->second.size() != static_cast<size_t>(shape.dim_size())) continue;
      for (int axis = 0; axis < shape.dim_size(); ++axis) {
        const std::string& name = shape.dim(axis).dim_param();
        const int64_t extent = given->second[static_cast<size_t>(axis)];
        if (!NamesSymbol(name)) continue;
        if (bound_dims_.emplace(name, extent).first->second != extent) contradicted.insert(name);
      }
    }
    for (const std::string& name : contradicted) bound_dims_.erase(name);
    for (const auto& [name, extent] : bound_dims_) {
      const auto fixed = options_.dims.find(name);
      if (fixed == options_.dims.end() || fixed->second == extent) continue;
      return Error(Code::kInvalid, "--dim", "found %s=%lld, allowed %lld as --input-shape says",
                   name.c_str(), static_cast<long long>(fixed->second),
                   static_cast<long long>(extent));
    }
    return {};
  }

  // Names in the options that the model does not have are mistakes of the caller.
  Status CheckOptions() const {
    for (const auto& [name, shape] : options_.input_shapes) {
      const auto& inputs = proto_.input();
      const bool known = std::any_of(inputs.begin(), inputs.end(),
                                     [&](const auto& input) { return input.name() == name; });
      if (!known) {
        return Error(Code::kInvalid, "--input-shape",
                     "found input '%s', allowed the model's inputs", name.c_str());
      }
    }
    for (const auto& [name, value] : options_.dims) {
      if (used_dims_.count(name) == 0 && !(NamesSymbol(name) && IsDeclared(name))) {
        return Error(Code::kInvalid, "--dim", "found symbol '%s', allowed the model's dim names",
                     name.c_str());
      }
    }
    return {};
  }

  bool IsDeclared(const std::string& symbol) const {
    for (const auto& input : proto_.input()) {
      for (const auto& dim : input.type().tensor_type().shape().dim()) {
        if (dim.dim_param() == symbol) return true;
      }
    }
    return false;
  }

  // No other node of the graph has these results, and none around it this prefix, which is short
  // however long the names around it are.
  std::string PlaceOf(const onnx::NodeProto& node) const {
    std::string place = scope_.place + node.op_type();
    for (const auto& output : node.output()) place += " " + output;
    return place;
  }

  static std::string PrefixOf(const std::string& place, int inlined) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(place.data());
    return std::to_string(HashBytes({bytes, place.size()}, 0).low) + "/" + std::to_string(inlined) +
           "/";
  }

  void Poison(const onnx::NodeProto& node) {
    for (const auto& output : node.output()) scope_.poisoned.insert(output);
  }

  void Report(const onnx::NodeProto& node, int64_t version, std::string operands,
              const std::string& reason) {
    report_->unsupported.push_back({scope_.prefix + NodeName(node), node.op_type(), node.domain(),
                                    version, std::move(operands), reason});
    Poison(node);
  }

  // The types of the operands, when one is of a type that plans do not hold; else empty.
  std::string ForeignOperands(const onnx::NodeProto& node) {
    std::string text;
    bool found = false;
    for (const auto& name : node.input()) {
      const auto foreign = scope_.foreign.find(name);
      const auto view = scope_.views.find(name);
      found = found || foreign != scope_.foreign.end();
      if (!text.empty()) text += ", ";
      text += foreign != scope_.foreign.end() ? foreign->second
              : view != scope_.views.end()    ? DescribeView(view->second, graph_.main())
                                              : "-";
    }
    return found ? text : std::string();
  }

  // Inputs of such types that no node reads.
  void ReportForeignInputs() {
    if (!report_->unsupported.empty()) return;
    for (const auto& input : proto_.input()) {
      const auto foreign = scope_.foreign.find(input.name());
      if (foreign == scope_.foreign.end() || scope_.views.count(input.name()) != 0) continue;
      report_->unsupported.push_back(
          {input.name(), "Input", "", 0, foreign->second, "inputs of this type"});
    }
  }

  // The operands as views; nothing when one comes from a node that cannot be imported.
  Result<std::optional<std::vector<View>>> Operands(const onnx::NodeProto& node) {
    std::vector<View> operands;
    for (const auto& name : node.input()) {
      if (name.empty()) {
        operands.emplace_back();
        continue;
      }
      if (scope_.poisoned.count(name) != 0) return std::optional<std::vector<View>>();
      const auto found = scope_.views.find(name);
      if (found == scope_.views.end()) {
        return Error(Code::kInvalid, ("node '" + NodeName(node) + "'").c_str(),
                     "found operand '%s', allowed values that come before it", name.c_str());
      }
      operands.push_back(found->second);
    }
    return std::optional<std::vector<View>>(std::move(operands));
  }

  // The graph's names hide those around it and end with it.
  Result<std::vector<View>> Inline(const onnx::GraphProto& graph, const std::vector<View>& inputs,
                                   Builder& builder) {
    if (graph.input_size() != static_cast<int>(inputs.size())) {
      return Error(Code::kInvalid, ("graph '" + graph.name() + "'").c_str(),
                   "found %d inputs, allowed %zu", graph.input_size(), inputs.size());
    }
    STINT_TRY(CheckDepth());
    std::vector<HiddenName> hidden = HideNames(graph, scope_);
    ++depth_;
    auto results = InlineNodes(graph, inputs, builder);
    --depth_;
    RestoreNames(std::move(hidden), scope_);
    return results;
  }

  Result<std::vector<View>> InlineNodes(const onnx::GraphProto& graph,
                                        const std::vector<View>& inputs, Builder& builder) {
    STINT_TRY(ImportInitializers(graph));
    for (size_t i = 0; i < inputs.size(); ++i) {
      scope_.views[graph.input(static_cast<int>(i)).name()] = inputs[i];
    }
    for (const auto& node : graph.node()) STINT_TRY(ImportNode(node, builder));
    const std::string where = "graph '" + graph.name() + "'";
    std::vector<View> results;
    for (const auto& output : graph.output()) {
      if (scope_.poisoned.count(output.name()) != 0) {
        lacks_results_ = true;
        return Error(Code::kUnsupported, where.c_str(),
                     "found operators without support, allowed others");
      }
      const auto found = scope_.views.find(output.name());
      if (found == scope_.views.end() || !found->second.present()) {
        return Error(Code::kInvalid, where.c_str(),
                     "found an output without a value, allowed results of its nodes");
      }
      results.push_back(found->second);
    }
    return results;
  }

  // Graphs and functions in one another take stack.
  Status CheckDepth() const {
    if (depth_ < kMaxDepth) return {};
    return Error(Code::kLimit, "model",
                 "found more than %d graphs and functions in one another, "
                 "allowed as many",
                 kMaxDepth);
  }

  // Imports what the function computes in place of the node that calls it.
  Status ImportCall(const onnx::NodeProto& node, const onnx::FunctionProto& function,
                    Builder& builder) {
    STINT_TRY(CheckDepth());
    STINT_TRY(CheckAttributes(node));
    Scope inside;
    inside.place = PrefixOf(PlaceOf(node), 0);
    inside.prefix = InnerPrefix(scope_.prefix, NodeName(node));
    STINT_ASSIGN(inside.versions, ReadOpsets(Where(node), function.opset_import()));
    STINT_TRY(BindOperands(node, function, scope_, inside));
    STINT_TRY(functions_.Enter(function, graph_.main()));
    Scope around = std::exchange(scope_, std::move(inside));
    ++depth_;
    Status status = ImportBody(function, node, builder);
    --depth_;
    inside = std::exchange(scope_, std::move(around));
    functions_.Leave();
    if (!status.ok()) return std::move(status).At(Where(node).c_str());
    return BindResults(node, function, inside, scope_);
  }

  Status ImportBody(const onnx::FunctionProto& function, const onnx::NodeProto& call,
                    Builder& builder) {
    for (const auto& node : function.node()) {
      if (RefersToAttributes(node)) {
        STINT_ASSIGN(const onnx::NodeProto bound, BindAttributes(node, function, call));
        STINT_TRY(ImportNode(bound, builder));
      } else {
        STINT_TRY(ImportNode(node, builder));
      }
      STINT_TRY(functions_.SpendConstants(graph_.main()));
    }
    return {};
  }

  Status ImportNode(const onnx::NodeProto& node, Builder& builder) {
    STINT_TRY(functions_.SpendNode(node));
    const std::string domain = DomainOf(node.domain());
    const auto version = scope_.versions.find(domain);
    if (version == scope_.versions.end()) {
      return Error(Code::kInvalid, ("node '" + NodeName(node) + "'").c_str(),
                   "found domain '%s', allowed those of opset_import", node.domain().c_str());
    }
    if (const auto* function = functions_.Find(node)) return ImportCall(node, *function, builder);
    if (const std::string foreign = ForeignOperands(node); !foreign.empty()) {
      Report(node, version->second, foreign, "strings, sequences, optionals and maps");
      return {};
    }
    bool known = false;
    const ImportRule* rule = FindRule(domain, node.op_type(), version->second, &known);
    STINT_ASSIGN(std::optional<std::vector<View>> operands, Operands(node));
    if (rule == nullptr) {
      NodeContext context(node, version->second, builder, source_,
                          operands ? std::move(*operands) : std::vector<View>());
      Report(node, version->second, context.Operands(),
             known ? "this version of the operator is not supported"
                   : "the operator is not supported");
      return {};
    }
    if (!operands) {
      Poison(node);
      return {};
    }
    STINT_TRY(CheckAttributes(node));
    builder.SetName(scope_.prefix + NodeName(node));
    NodeContext context(node, version->second, builder, source_, std::move(*operands));
    const std::string place = PlaceOf(node);
    context.SetPlace(place);
    int inlined = 0;
    context.SetInliner([&](const onnx::GraphProto& graph, const std::vector<View>& inputs) {
      const std::string around = std::exchange(scope_.place, PrefixOf(place, inlined++));
      auto results = Inline(graph, inputs, builder);
      scope_.place = around;
      return results;
    });
    Status status = rule->function(context);
    if (Status types = context.CheckAttributes(); !types.ok()) status = std::move(types);
    if (status.ok() && !builder.dims().ok()) status = builder.dims().TakeStatus();
    if (status.ok()) {
      ReportUnfused(node, context);
      return DefineOutputs(node, context);
    }
    (void)builder.dims().TakeStatus();
    if (status.code() != Code::kUnsupported) return std::move(status).At(Where(node).c_str());
    if (std::exchange(lacks_results_, false)) {
      Poison(node);
      return {};
    }
    Report(node, version->second, context.Operands(), status.message());
    return {};
  }

  // What operators on quantised numbers compute, and others between DequantizeLinear and
  // QuantizeLinear, is computed in float32: kernels know no quantised numbers.
  void ReportUnfused(const onnx::NodeProto& node, const NodeContext& context) {
    const std::string_view op = node.op_type();
    if (op == "QuantizeLinear") return;
    if (op == "DequantizeLinear") {
      for (const View& view : context.outputs()) dequantized_.insert(view.value);
      return;
    }
    bool reads = false;
    for (int i = 0; i < context.input_count(); ++i) {
      reads = reads || (context.has(i) && dequantized_.contains(context.input(i).value));
    }
    // Others ask for extents only.
    const bool computes = std::any_of(
        context.outputs().begin(), context.outputs().end(),
        [&](const View& view) { return view.present() && IsFloat(context.build.dtype(view)); });
    const bool quantized = op.starts_with("QLinear") || op.ends_with("Integer");
    if (!quantized && !(reads && computes)) return;
    report_->unfused.push_back({scope_.prefix + NodeName(node), node.op_type(), node.domain(),
                                context.version(), context.Operands(), "computes in float32"});
  }

  Status DefineOutputs(const onnx::NodeProto& node, const NodeContext& context) {
    Function& function = graph_.main();
    for (int i = 0; i < node.output_size(); ++i) {
      const std::string& name = node.output(i);
      if (name.empty()) continue;
      const View& view = context.outputs()[static_cast<size_t>(i)];
      if (!view.present()) {
        Report(node, context.version(), context.Operands(),
               "output " + std::to_string(i) + " is not supported");
        return {};
      }
      if (scope_.views.count(name) != 0) {
        return Error(Code::kInvalid, Where(node).c_str(), "found a second value '%s', allowed one",
                     name.c_str());
      }
      scope_.views[name] = view;
      if (function[view.value].name.empty()) function[view.value].name = name;
    }
    return {};
  }

  Status FirstUnsupported() const {
    const ReportedNode& node = report_->unsupported.front();
    return Error(Code::kUnsupported, ("node '" + node.name + "'").c_str(),
                 "found %s version %lld (%.120s), allowed other nodes: %s", node.op.c_str(),
                 static_cast<long long>(node.version), node.operands.c_str(), node.reason.c_str());
  }

  Status ImportOutputs() {
    for (const auto& output : proto_.output()) {
      const auto found = scope_.views.find(output.name());
      if (found == scope_.views.end()) {
        return Error(Code::kInvalid, ("output '" + output.name() + "'").c_str(),
                     "found no value of this name, allowed results of nodes and inputs");
      }
      graph_.main().outputs.push_back({output.name(), found->second, false});
    }
    if (proto_.output().empty()) {
      return Error(Code::kInvalid, "model", "found no outputs, allowed one or more");
    }
    return {};
  }

  const onnx::ModelProto& model_;
  const onnx::GraphProto& proto_;
  TensorSource source_;
  const CompileOptions& options_;
  ModelReport* report_;
  Graph graph_;
  Scope scope_;
  ModelFunctions functions_;
  int depth_ = 0;  // Of the graph or function that is imported in others.
  // Set when a graph could not be inlined because of nodes that were reported.
  bool lacks_results_ = false;
  std::set<std::string> used_dims_;
  std::map<std::string, int64_t> bound_dims_;  // By shapes of inputs that are given.
  std::set<ValueId> dequantized_;
};

}  // namespace

Result<Graph> ImportModel(const std::string& path, const CompileOptions& options,
                          ModelReport* report) {
  STINT_ASSIGN(const std::unique_ptr<onnx::ModelProto> model, ReadModel(path, options.model));
  ModelReport own;
  return Importer(*model, path, options, report != nullptr ? report : &own).Import();
}

}  // namespace stint::compiler
