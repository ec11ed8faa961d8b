// Runs a Map program, one invocation an element.
//
// Parameters: count of elements.
#include "map_functions.glsl"

// Computes element `index`, in row-major order. Linking replaces the body.
void map_element(const uint index) {}

KERNEL_BEGIN(256)
KERNEL_SHARED
KERNEL_BODY
  const uint index = GROUP_INDEX * 256u + LOCAL_INDEX;
  if (index < PARAMETER(0u)) map_element(index);
KERNEL_END
