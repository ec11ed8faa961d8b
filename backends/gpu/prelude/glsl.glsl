// The kernel language as GLSL, from which the build makes SPIR-V. Kernels are written in what GLSL
// and OpenCL C have in common and in the words of this file; prelude/opencl.cl has the same words.
//
// A kernel: functions of values (their parameters are `const`, which makes them values in SPIR-V
// too), then
//   KERNEL_BEGIN(invocations) READS(binding, name)... WRITES(binding, name)
//   KERNEL_SHARED SHARED(type, name, count)...
//   KERNEL_BODY statements KERNEL_END
// Only the body sees buffers, shared arrays and parameters. Indices are uint and wrap, so that
// negative strides need nothing special.
//
// The build defines what a buffer's elements are: ELEMENT_f32, _f16, or, for what only moves bytes,
// _u8, _u16, _u32, _u64, _u128.
#if defined(ELEMENT_f16)
#extension GL_EXT_shader_16bit_storage : require
#define ELEMENT float16_t
#define LOAD(buffer, index) float(buffer[index])
#define STORE(buffer, index, value) buffer[index] = float16_t(value)
#elif defined(ELEMENT_f32)
#define ELEMENT float
#define LOAD(buffer, index) buffer[index]
#define STORE(buffer, index, value) buffer[index] = value
#elif defined(ELEMENT_u8)
#extension GL_EXT_shader_8bit_storage : require
#define ELEMENT uint8_t
#define MOVE(to, to_index, from, from_index) to[to_index] = uint8_t(uint(from[from_index]))
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = uint8_t(a)
#elif defined(ELEMENT_u16)
#extension GL_EXT_shader_16bit_storage : require
#define ELEMENT uint16_t
#define MOVE(to, to_index, from, from_index) to[to_index] = uint16_t(uint(from[from_index]))
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = uint16_t(a)
#elif defined(ELEMENT_u64)
#define ELEMENT uvec2
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = uvec2(a, b)
#elif defined(ELEMENT_u128)
#define ELEMENT uvec4
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = uvec4(a, b, c, d)
#else
#define ELEMENT uint
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = a
#endif
#ifndef MOVE
#define MOVE(to, to_index, from, from_index) to[to_index] = from[from_index]
#endif

// A constant of the pipeline; 0 when it gives none.
#define SPECIALIZATION(id, name) layout(constant_id = id) const uint name = 0u;

#define KERNEL_BEGIN(invocations)               \
  layout(local_size_x = invocations) in;        \
  layout(std430, set = 0, binding = 0) readonly buffer ParametersBlock { uint parameters[]; };
#define READS(slot, name) \
  layout(std430, set = 0, binding = slot) readonly buffer name##Block { ELEMENT name[]; };
#define WRITES(slot, name) \
  layout(std430, set = 0, binding = slot) writeonly buffer name##Block { ELEMENT name[]; };
// Words of 32 bits, whatever the elements are.
#define WRITES_WORDS(slot, name) \
  layout(std430, set = 0, binding = slot) writeonly buffer name##Block { uint name[]; };
#define KERNEL_SHARED
#define SHARED(type, name, count) shared type name[count];
#define KERNEL_BODY void main() {
#define KERNEL_END }

#define PARAMETER(index) parameters[index]
#define LOCAL_INDEX gl_LocalInvocationID.x
// Workgroups beyond what one axis may have continue on the second.
#define GROUP_INDEX (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x)
#define BARRIER barrier()

#define VEC4 vec4
#define UVEC4 uvec4
#define MAKE_UVEC4(a, b, c, d) uvec4(a, b, c, d)
#define MAKE_VEC4(a, b, c, d) vec4(a, b, c, d)
#define TO_FLOAT(value) float(value)
#define BITS_OF(value) floatBitsToUint(value)
#define FLOAT_OF(bits) uintBitsToFloat(bits)
#define TO_INT(value) int(value)
#define TO_UINT(value) uint(value)
// Before a variable whose value must not be contracted or reassociated.
#define PRECISE precise
