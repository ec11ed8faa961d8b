// Attribute structs into plan metadata, by the op's field table. Fields that hold their default are
// left out.
#ifndef STINT_TOOLS_COMPILER_EMIT_ATTRIBUTE_WRITER_H_
#define STINT_TOOLS_COMPILER_EMIT_ATTRIBUTE_WRITER_H_

#include <cstdint>
#include <vector>

#include "runtime/plan/schema.h"
#include "tools/compiler/emit/plan_writer.h"

namespace stint::compiler {

using AttributeOffsets = std::vector<flatbuffers::Offset<schema::Attribute>>;

// `constant_ids` gives the stored index of each constant of the description.
AttributeOffsets WriteAttributes(const OpDescription& op, const std::vector<uint32_t>& constant_ids,
                                 flatbuffers::FlatBufferBuilder& builder);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_ATTRIBUTE_WRITER_H_
