#include "tools/conformance/operators.h"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <tuple>

#include "tools/compiler/import/onnx/tensor_proto.h"

namespace stint::conformance {

namespace {

using Types = std::map<std::string, std::string>;
using Versions = std::map<std::string, int64_t>;

std::string DomainName(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

std::string TypeText(const onnx::TypeProto& type) {
  if (type.has_sequence_type()) return "sequence";
  if (type.has_optional_type()) return "optional";
  if (type.has_map_type()) return "map";
  return NameOf(compiler::DTypeFromOnnx(type.tensor_type().elem_type()));
}

class Collector {
 public:
  void AddGraph(const onnx::GraphProto& graph, const Versions& versions) {
    Types types;
    const auto declare = [&](const auto& values) {
      for (const auto& value : values) {
        if (value.has_type()) types[value.name()] = TypeText(value.type());
      }
    };
    declare(graph.value_info());
    declare(graph.input());
    declare(graph.output());
    for (const auto& tensor : graph.initializer()) {
      types[tensor.name()] = NameOf(compiler::DTypeFromOnnx(tensor.data_type()));
    }
    for (const auto& node : graph.node()) AddNode(node, types, versions);
  }

  void AddNode(const onnx::NodeProto& node, const Types& types, const Versions& versions) {
    const std::string domain = DomainName(node.domain());
    const auto version = versions.find(domain);
    auto& dtypes = operators_[{domain, node.op_type(),
                               version == versions.end() ? int64_t{0} : version->second}];
    const auto add = [&](const auto& names) {
      if (names.empty()) return;
      const auto found = types.find(names.Get(0));
      if (found != types.end()) dtypes.insert(found->second);
    };
    add(node.input());
    add(node.output());
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) AddGraph(attribute.g(), versions);
      for (const auto& graph : attribute.graphs()) AddGraph(graph, versions);
    }
  }

  cli::Json Document() const {
    cli::Json document = cli::Json::array();
    for (const auto& [key, dtypes] : operators_) {
      const auto& [domain, op, opset] = key;
      document.push_back({{"domain", domain}, {"op", op}, {"opset", opset}, {"dtypes", dtypes}});
    }
    return document;
  }

 private:
  std::map<std::tuple<std::string, std::string, int64_t>, std::set<std::string>> operators_;
};

template <typename Imports>
Versions VersionsOf(const Imports& imports) {
  Versions versions;
  for (const auto& import : imports) versions[DomainName(import.domain())] = import.version();
  return versions;
}

}  // namespace

cli::Json OperatorsOf(const onnx::ModelProto& model) {
  Collector collector;
  collector.AddGraph(model.graph(), VersionsOf(model.opset_import()));
  for (const auto& function : model.functions()) {
    const Versions versions = VersionsOf(function.opset_import());
    for (const auto& node : function.node()) collector.AddNode(node, {}, versions);
  }
  return collector.Document();
}

}  // namespace stint::conformance
