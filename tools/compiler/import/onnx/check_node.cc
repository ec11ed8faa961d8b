#include "tools/compiler/import/onnx/check_node.h"

#include <set>

#include "tools/compiler/import/onnx/attribute_types.h"

namespace stint::compiler {

std::string NodeName(const onnx::NodeProto& node) {
  if (!node.name().empty()) return node.name();
  return node.op_type() + (node.output_size() > 0 ? " " + node.output(0) : std::string());
}

std::string Where(const onnx::NodeProto& node) {
  return "node '" + NodeName(node) + "' (" + node.op_type() + ")";
}

Status CheckAttributes(const onnx::NodeProto& node) {
  std::set<std::string> names;
  for (const auto& attribute : node.attribute()) {
    const std::string where = Where(node) + " attribute '" + attribute.name() + "'";
    if (!names.insert(attribute.name()).second) {
      return Error(Code::kInvalid, where.c_str(), "found a second one, allowed one");
    }
    if (!attribute.ref_attr_name().empty()) {
      return Error(Code::kInvalid, where.c_str(),
                   "found a reference to '%s', allowed values outside functions",
                   attribute.ref_attr_name().c_str());
    }
    if (!IsOfType(attribute, attribute.type())) {
      return Error(Code::kInvalid, where.c_str(),
                   "found type %d and a value of another, allowed values of their type",
                   static_cast<int>(attribute.type()));
    }
  }
  return {};
}

}  // namespace stint::compiler
