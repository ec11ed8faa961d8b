// Nodes that compute the same of the same operands become one, and so do equal constants. One sweep
// is enough for chains: operands are compared as what stands for them already.
#include <map>
#include <numeric>
#include <string>
#include <type_traits>

#include "runtime/base/hash.h"
#include "tools/compiler/graph/uses.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// Keys are bytes that are equal exactly when what they describe is.
void Append(std::string& key, const void* data, size_t size) {
  key.append(static_cast<const char*>(data), size);
}

void AppendNumber(std::string& key, int64_t number) { Append(key, &number, sizeof(number)); }

void AppendDims(std::string& key, const std::vector<Dim>& dims) {
  AppendNumber(key, static_cast<int64_t>(dims.size()));
  for (const Dim dim : dims) AppendNumber(key, dim.raw());
}

template <typename List>
void AppendList(std::string& key, const Field& field, const void* attributes) {
  const auto& list = FieldAs<List>(field, attributes);
  AppendNumber(key, list.size);
  Append(key, list.values, static_cast<size_t>(list.size) * sizeof(list.values[0]));
}

void AppendField(std::string& key, const Field& field, const void* attributes) {
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kEnum:
    case FieldType::kFunction:
    case FieldType::kConstant:
    case FieldType::kFloat:
      return AppendNumber(key, FieldAs<int64_t>(field, attributes));
    case FieldType::kIntList:
      return AppendList<IntList>(key, field, attributes);
    case FieldType::kFloatList:
      return AppendList<FloatList>(key, field, attributes);
    case FieldType::kExtents:
      return AppendList<DimList>(key, field, attributes);
    case FieldType::kLongExtents:
      return AppendList<LongDimList>(key, field, attributes);
    case FieldType::kBytes:
      return AppendList<SmallBytes>(key, field, attributes);
    case FieldType::kProgram: {
      const auto& program = FieldAs<MapProgram>(field, attributes);
      return Append(key, &program, sizeof(program));
    }
  }
}

// Which value stands for each one.
using Standing = std::vector<ValueId>;

std::string KeyOf(const Node& node, const Standing& standing) {
  std::string key;
  AppendNumber(key, static_cast<int64_t>(node.op->kind));
  for (const Field& field : node.op->fields) AppendField(key, field, node.attributes.data());
  for (const View& view : node.operands) {
    AppendNumber(key, view.present() ? standing[view.value] : view.value);
    AppendDims(key, view.dims);
    AppendDims(key, view.strides);
    AppendNumber(key, view.offset.raw());
  }
  return key;
}

void Merge(Function& function, ValueId same, ValueId value, Standing& standing, Patch& patch) {
  standing[value] = same;
  patch.redirect.emplace_back(value, function.ViewOf(same));
}

void MergeConstants(Function& function, Standing& standing, Patch& patch) {
  const Uses uses(function);
  std::map<std::string, ValueId> known;
  for (ValueId id = 0; id < function.values.size(); ++id) {
    const Value& value = function[id];
    if (!value.is_constant() || uses.of(id).empty()) continue;
    std::string key;
    AppendNumber(key, static_cast<int64_t>(value.dtype));
    AppendDims(key, value.dims);
    const Hash128 hash = HashBytes(*value.data);
    Append(key, &hash, sizeof(hash));
    const auto [first, added] = known.emplace(std::move(key), id);
    if (!added && *function[first->second].data == *value.data) {
      Merge(function, first->second, id, standing, patch);
    }
  }
}

}  // namespace

Result<Patch> EliminateCommonSubexpressions(Function& function, PassContext&) {
  static_assert(std::has_unique_object_representations_v<MapInstruction>);
  Patch patch;
  Standing standing(function.values.size());
  std::iota(standing.begin(), standing.end(), ValueId{0});
  MergeConstants(function, standing, patch);
  std::map<std::string, size_t> known;
  for (size_t i = 0; i < function.nodes.size(); ++i) {
    const Node& node = function.nodes[i];
    if (!HasPlainResults(node, function)) continue;
    const auto [first, added] = known.emplace(KeyOf(node, standing), i);
    if (added) continue;
    const Node& same = function.nodes[first->second];
    for (size_t k = 0; k < node.results.size(); ++k) {
      if (!node.results[k].present()) continue;
      Merge(function, same.results[k].value, node.results[k].value, standing, patch);
    }
    patch.erase.push_back(i);
  }
  return patch;
}

}  // namespace stint::compiler
