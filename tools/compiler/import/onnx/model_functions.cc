#include "tools/compiler/import/onnx/model_functions.h"

#include <algorithm>
#include <utility>

#include "tools/compiler/import/onnx/check_node.h"
#include "tools/compiler/import/onnx/scope.h"

namespace stint::compiler {

namespace {

// Calls multiply what a model holds: those in one another exponentially.
constexpr uint64_t kMaxNodes = uint64_t{1} << 18;
constexpr uint64_t kMaxBytes = uint64_t{1} << 30;

std::string TitleOf(const onnx::FunctionProto& function) {
  return "function '" + function.domain() + "." + function.name() + "'";
}

// Whether `predicate` holds for a graph of the attribute.
template <typename Predicate>
bool AnyGraph(const onnx::AttributeProto& attribute, const Predicate& predicate) {
  return (attribute.has_g() && predicate(attribute.g())) ||
         std::any_of(attribute.graphs().begin(), attribute.graphs().end(), predicate);
}

bool GraphRefers(const onnx::GraphProto& graph) {
  return std::any_of(graph.node().begin(), graph.node().end(), RefersToAttributes);
}

const onnx::AttributeProto* FindAttribute(
    const google::protobuf::RepeatedPtrField<onnx::AttributeProto>& attributes,
    const std::string& name) {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const auto& own) { return own.name() == name; });
  return found != attributes.end() ? &*found : nullptr;
}

// Binds the nodes of one call.
class Binder {
 public:
  Binder(const onnx::FunctionProto& function, const onnx::NodeProto& call)
      : function_(function), call_(call) {}

  Status Bind(onnx::NodeProto* node) const {
    auto* attributes = node->mutable_attribute();
    for (int i = attributes->size() - 1; i >= 0; --i) {
      onnx::AttributeProto* attribute = attributes->Mutable(i);
      if (attribute->ref_attr_name().empty()) {
        STINT_TRY(BindGraphs(attribute));
        continue;
      }
      const onnx::AttributeProto* value = ValueOf(attribute->ref_attr_name());
      if (value == nullptr) {
        attributes->DeleteSubrange(i, 1);
        continue;
      }
      STINT_TRY(CheckType(*node, *attribute, *value));
      const std::string name = attribute->name();
      *attribute = *value;
      attribute->set_name(name);
    }
    return {};
  }

 private:
  const onnx::AttributeProto* ValueOf(const std::string& name) const {
    const auto* given = FindAttribute(call_.attribute(), name);
    return given != nullptr ? given : FindAttribute(function_.attribute_proto(), name);
  }

  static Status CheckType(const onnx::NodeProto& node, const onnx::AttributeProto& reference,
                          const onnx::AttributeProto& value) {
    const auto any = onnx::AttributeProto::UNDEFINED;
    if (reference.type() == value.type() || reference.type() == any || value.type() == any) {
      return {};
    }
    const std::string where = Where(node) + " attribute '" + reference.name() + "'";
    return Error(Code::kInvalid, where.c_str(), "found a reference to type %d, allowed type %d",
                 static_cast<int>(value.type()), static_cast<int>(reference.type()));
  }

  Status BindGraphs(onnx::AttributeProto* attribute) const {
    if (!AnyGraph(*attribute, GraphRefers)) return {};
    if (attribute->has_g()) STINT_TRY(BindGraph(attribute->mutable_g()));
    for (auto& graph : *attribute->mutable_graphs()) STINT_TRY(BindGraph(&graph));
    return {};
  }

  Status BindGraph(onnx::GraphProto* graph) const {
    for (auto& node : *graph->mutable_node()) STINT_TRY(Bind(&node));
    return {};
  }

  const onnx::FunctionProto& function_;
  const onnx::NodeProto& call_;
};

}  // namespace

Status ModelFunctions::Read(const onnx::ModelProto& model) {
  for (const auto& function : model.functions()) {
    auto key = std::make_tuple(DomainOf(function.domain()), function.name(), function.overload());
    if (functions_.emplace(std::move(key), &function).second) continue;
    return Error(Code::kInvalid, TitleOf(function).c_str(),
                 "found a second one of this name, allowed one");
  }
  return {};
}

const onnx::FunctionProto* ModelFunctions::Find(const onnx::NodeProto& node) const {
  if (functions_.empty()) return nullptr;
  const auto found =
      functions_.find(std::make_tuple(DomainOf(node.domain()), node.op_type(), node.overload()));
  return found != functions_.end() ? found->second : nullptr;
}

Status ModelFunctions::Enter(const onnx::FunctionProto& function, const Function& graph) {
  if (std::find(calls_.begin(), calls_.end(), &function) != calls_.end()) {
    return Error(Code::kInvalid, TitleOf(function).c_str(),
                 "found a call of itself, allowed functions that end");
  }
  if (calls_.empty()) seen_values_ = graph.values.size();
  calls_.push_back(&function);
  return {};
}

Status ModelFunctions::SpendNode(const onnx::NodeProto& node) {
  if (calls_.empty()) return {};
  nodes_ += 1;
  node_bytes_ += node.ByteSizeLong();
  if (nodes_ <= kMaxNodes) return CheckBytes(node_bytes_);
  return Error(Code::kLimit, TitleOf(*calls_.back()).c_str(),
               "found more than %llu nodes in calls of functions, allowed as many",
               static_cast<unsigned long long>(kMaxNodes));
}

Status ModelFunctions::SpendConstants(const Function& graph) {
  for (; seen_values_ < graph.values.size(); ++seen_values_) {
    const Value& value = graph.values[seen_values_];
    if (value.is_constant()) constant_bytes_ += value.data->size();
  }
  return CheckBytes(constant_bytes_);
}

Status ModelFunctions::CheckBytes(uint64_t bytes) const {
  if (bytes <= kMaxBytes) return {};
  return Error(Code::kLimit, TitleOf(*calls_.back()).c_str(),
               "found %llu bytes in calls of functions, allowed %llu",
               static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(kMaxBytes));
}

bool RefersToAttributes(const onnx::NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(), [](const auto& attribute) {
    return !attribute.ref_attr_name().empty() || AnyGraph(attribute, GraphRefers);
  });
}

Result<onnx::NodeProto> BindAttributes(const onnx::NodeProto& node,
                                       const onnx::FunctionProto& function,
                                       const onnx::NodeProto& call) {
  onnx::NodeProto bound = node;
  STINT_TRY(Binder(function, call).Bind(&bound));
  return bound;
}

}  // namespace stint::compiler
