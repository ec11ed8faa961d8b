#include "tools/compiler/import/onnx/check_node.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace stint::compiler {

namespace {

// Whether no field of another type is set. Zeros and empty lists may be left out.
bool HoldsItsType(const onnx::AttributeProto& attribute) {
  using Proto = onnx::AttributeProto;
  const std::pair<bool, Proto::AttributeType> fields[] = {
      {attribute.has_i(), Proto::INT},
      {attribute.has_f(), Proto::FLOAT},
      {attribute.has_s(), Proto::STRING},
      {attribute.has_t(), Proto::TENSOR},
      {attribute.has_g(), Proto::GRAPH},
      {attribute.ints_size() > 0, Proto::INTS},
      {attribute.floats_size() > 0, Proto::FLOATS},
      {attribute.strings_size() > 0, Proto::STRINGS},
      {attribute.has_sparse_tensor(), Proto::SPARSE_TENSOR},
      {attribute.has_tp(), Proto::TYPE_PROTO},
      {attribute.tensors_size() > 0, Proto::TENSORS},
      {attribute.graphs_size() > 0, Proto::GRAPHS},
      {attribute.sparse_tensors_size() > 0, Proto::SPARSE_TENSORS},
      {attribute.type_protos_size() > 0, Proto::TYPE_PROTOS},
  };
  const bool typed = attribute.has_type() && attribute.type() != Proto::UNDEFINED;
  return std::all_of(std::begin(fields), std::end(fields), [&](const auto& field) {
    return !field.first || !typed || field.second == attribute.type();
  });
}

}  // namespace

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
    if (!HoldsItsType(attribute)) {
      return Error(Code::kInvalid, where.c_str(),
                   "found type %d and a value of another, allowed values of their type",
                   static_cast<int>(attribute.type()));
    }
  }
  return {};
}

}  // namespace stint::compiler
