// The functions of Map programs for 32-bit registers. What each gives is said in
// runtime/ops/map/functions.h and convert.h; integer functions, comparisons and conversions agree
// with those to the bit, the others within a few units of the last place, in float alone.
//
// A function is found by its name: the register type, `_`, the opcode's text. Conversions are
// TO_from_FROM. The text is plain C but for the prelude's macros, so that it is GLSL, OpenCL C and
// Metal alike: scalars only. Each file calls functions of itself and of those before it.
//
// Drivers may assume that no value is NaN, so that NaN is told by its bits. They may flush
// subnormal numbers to zero where arithmetic touches them. They contract nothing that is PRECISE.
#include "map_floats.glsl"
#include "map_exponentials.glsl"
#include "map_logarithms.glsl"
#include "map_angles.glsl"
#include "map_integers.glsl"
#include "map_conversions.glsl"
