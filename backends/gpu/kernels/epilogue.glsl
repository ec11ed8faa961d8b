// The hook of kernels that compute floats, and the functions that a program linked into it calls.
#include "map_functions.glsl"

// What becomes of `value`, element `index` of the result in row-major order. Linking replaces the
// body.
float epilogue(const float value, const uint index) { return value; }
