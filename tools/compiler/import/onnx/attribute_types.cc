#include "tools/compiler/import/onnx/attribute_types.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stint::compiler {

bool IsOfType(const onnx::AttributeProto& attribute, onnx::AttributeProto::AttributeType type) {
  using Proto = onnx::AttributeProto;
  if (type == Proto::UNDEFINED) return true;
  if (attribute.type() != Proto::UNDEFINED && attribute.type() != type) return false;
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
  return std::all_of(std::begin(fields), std::end(fields),
                     [&](const auto& field) { return !field.first || field.second == type; });
}

}  // namespace stint::compiler
