// What a pipeline is made from: a kernel source, specialisation constants, and the Map program that
// is linked into the source's hook. Equal descriptions give one pipeline.
//
// Each source has one hook, a function that does nothing of its own: `map_element(index)` of the
// Map kernel, `epilogue(value, index)` of the others. Linking replaces its body by the program,
// reading inputs and writing outputs through bindings that follow the source's own.
#ifndef STINT_BACKENDS_GPU_PIPELINE_H_
#define STINT_BACKENDS_GPU_PIPELINE_H_

#include <cstdint>
#include <span>

#include "runtime/ops/map/program.h"

namespace stint::gpu {

// A kernel as the build made it: see kernel_sources.inc.
struct KernelSource {
  const char* name;                 // "softmax_f32"
  std::span<const uint32_t> spirv;  // With a hook and names, as glslang wrote it.
  uint32_t bindings;                // Its own, the parameters included.
};

// Where element `index` of the result, counted in row-major order, has its input (or output).
enum class Access : uint8_t {
  kSame,     // At base + index.
  kOne,      // At base, for all.
  kStrided,  // At base + the sum of coordinate * stride over the program's axes.
};

// A Map program with the way in which each of its tensors is addressed. Its parameters stand behind
// the source's own, from word `first_parameter` on: the extents of the axes, then for each tensor
// (inputs, then outputs) its base and, if strided, one stride an axis.
struct LinkedProgram {
  MapProgram program;     // Without instructions: the hook stays as it is.
  bool epilogue = false;  // Input 0 and output 0 are the hook's value, not tensors.
  uint8_t rank = 0;       // Axes that strided accesses tell apart, outermost first.
  uint8_t first_parameter = 0;
  Access inputs[kMapMaxInputs] = {};
  Access outputs[kMapMaxOutputs] = {};

  friend bool operator==(const LinkedProgram&, const LinkedProgram&) = default;
};

inline constexpr int kMaxSpecialization = 8;

struct PipelineDescription {
  const KernelSource* source = nullptr;
  uint32_t constants[kMaxSpecialization] = {};  // By constant_id, from 0.
  uint32_t constant_count = 0;
  LinkedProgram linked;

  // How many buffers the pipeline sees: the source's own, then the linked program's tensors.
  uint32_t bindings() const;
  friend bool operator==(const PipelineDescription&, const PipelineDescription&) = default;
};

// The same on every machine; equal descriptions have equal hashes.
uint64_t HashOf(const PipelineDescription& description);

}  // namespace stint::gpu

#endif  // STINT_BACKENDS_GPU_PIPELINE_H_
