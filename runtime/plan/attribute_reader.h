// Attributes from metadata into an op's attribute struct, by the op's field table.
#ifndef STINT_RUNTIME_PLAN_ATTRIBUTE_READER_H_
#define STINT_RUNTIME_PLAN_ATTRIBUTE_READER_H_

#include <cstdint>

#include "runtime/ops/op_table.h"
#include "runtime/plan/metadata.h"

namespace stint {

// What attributes of a function may refer to.
struct AttributeScope {
  uint64_t expressions = 0;  // Of the function.
  uint64_t constants = 0;    // Of the plan.
  uint64_t functions = 0;
  uint64_t function = 0;  // The index of this one: it may name later ones only, so calls end.
};

// An expression of the function, or a constant.
Status CheckDimIndex(const Path& path, Dim dim, uint64_t expressions);

// `attributes` holds a default-constructed struct of `op`; `path` is the op's. Afterwards the
// struct satisfies CheckAttributes and every id in it is in range. kInvalid otherwise.
Status ReadAttributes(
    const OpInfo& op,
    const flatbuffers::Vector<flatbuffers::Offset<schema::Attribute>>* stored_attributes,
    const Path& path, const AttributeScope& scope, void* attributes);

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_ATTRIBUTE_READER_H_
