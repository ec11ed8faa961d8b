#include "backends/gpu/pipeline.h"

#include <cstring>
#include <type_traits>

#include "runtime/base/hash.h"

namespace stint::gpu {

namespace {

// Programs are hashed as bytes: none of them is padding.
static_assert(std::has_unique_object_representations_v<MapProgram>);

template <typename T>
uint64_t HashValue(const T& value, uint64_t seed) {
  return HashBytes({reinterpret_cast<const uint8_t*>(&value), sizeof(value)}, seed).low;
}

}  // namespace

uint32_t PipelineDescription::bindings() const {
  const MapProgram& program = linked.program;
  if (!program.present()) return source->bindings;
  const int tensors = program.input_count + program.output_count - (linked.epilogue ? 2 : 0);
  return source->bindings + static_cast<uint32_t>(tensors);
}

uint64_t HashOf(const PipelineDescription& description) {
  const KernelSource& source = *description.source;
  const LinkedProgram& linked = description.linked;
  const std::span<const uint32_t> words = source.spirv;
  uint64_t hash =
      HashBytes({reinterpret_cast<const uint8_t*>(words.data()), words.size_bytes()}).low;
  hash = HashBytes({reinterpret_cast<const uint8_t*>(source.name), std::strlen(source.name)}, hash)
             .low;
  hash = HashValue(description.constants, hash);
  hash = HashValue(linked.program, hash);
  hash = HashValue(linked.inputs, hash);
  hash = HashValue(linked.outputs, hash);
  const uint32_t numbers[] = {source.bindings, description.constant_count, linked.rank,
                              linked.first_parameter, linked.epilogue ? 1u : 0u};
  return HashValue(numbers, hash);
}

}  // namespace stint::gpu
