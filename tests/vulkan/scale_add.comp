#version 450
// y = x * factor + addend, for 32-bit integers: the tests' kernel. Its hook is empty, as those of
// the backend's kernels are before a program is linked.
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kAddend = 0;
layout(constant_id = 1) const uint kUnused = 0;
layout(set = 0, binding = 0) readonly buffer Parameters { uint parameters[]; };
layout(set = 0, binding = 1) readonly buffer X { uint x[]; };
layout(set = 0, binding = 2) writeonly buffer Y { uint y[]; };

float epilogue(float value, uint index) { return value; }

void main() {
  const uint index = gl_GlobalInvocationID.x;
  if (index < parameters[0]) y[index] = x[index] * parameters[1] + kAddend + kUnused;
}
