// The kernel language as OpenCL C 1.2; see prelude/glsl.glsl. 16-bit floats are loaded and
// stored by functions that need no extension. Constants of the pipeline are macros that the
// build of a program defines: STINT_CONSTANT_0 to 7.
#if defined(ELEMENT_f16)
#define ELEMENT half
#define LOAD(buffer, index) vload_half(index, buffer)
#define STORE(buffer, index, value) vstore_half(value, index, buffer)
#elif defined(ELEMENT_f32)
#define ELEMENT float
#define LOAD(buffer, index) buffer[index]
#define STORE(buffer, index, value) buffer[index] = value
#elif defined(ELEMENT_u8)
#define ELEMENT uchar
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = (uchar)(a)
#elif defined(ELEMENT_u16)
#define ELEMENT ushort
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = (ushort)(a)
#elif defined(ELEMENT_u64)
#define ELEMENT uint2
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = (uint2)(a, b)
#elif defined(ELEMENT_u128)
#define ELEMENT uint4
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = (uint4)(a, b, c, d)
#else
#define ELEMENT uint
#define STORE_WORDS(buffer, index, a, b, c, d) buffer[index] = a
#endif
#define MOVE(to, to_index, from, from_index) to[to_index] = from[from_index]

#ifndef STINT_CONSTANT_0
#define STINT_CONSTANT_0 0
#endif
#ifndef STINT_CONSTANT_1
#define STINT_CONSTANT_1 0
#endif
#ifndef STINT_CONSTANT_2
#define STINT_CONSTANT_2 0
#endif
#ifndef STINT_CONSTANT_3
#define STINT_CONSTANT_3 0
#endif
#ifndef STINT_CONSTANT_4
#define STINT_CONSTANT_4 0
#endif
#ifndef STINT_CONSTANT_5
#define STINT_CONSTANT_5 0
#endif
#ifndef STINT_CONSTANT_6
#define STINT_CONSTANT_6 0
#endif
#ifndef STINT_CONSTANT_7
#define STINT_CONSTANT_7 0
#endif
#define SPECIALIZATION(id, name) __constant const uint name = STINT_CONSTANT_##id;

#define KERNEL_BEGIN(invocations)                                    \
  __kernel __attribute__((reqd_work_group_size(invocations, 1, 1))) \
  void stint_kernel(__global const uint* parameters
#define READS(slot, name) , __global const ELEMENT* name
#define WRITES(slot, name) , __global ELEMENT* name
#define WRITES_WORDS(slot, name) , __global uint* name
#define KERNEL_SHARED ) {
#define SHARED(type, name, count) __local type name[count];
#define KERNEL_BODY
#define KERNEL_END }

#define PARAMETER(index) parameters[index]
#define LOCAL_INDEX ((uint)get_local_id(0))
#define GROUP_INDEX ((uint)(get_group_id(1) * get_num_groups(0) + get_group_id(0)))
#define BARRIER barrier(CLK_LOCAL_MEM_FENCE)

#define VEC4 float4
#define UVEC4 uint4
#define MAKE_UVEC4(a, b, c, d) ((uint4)(a, b, c, d))
#define MAKE_VEC4(a, b, c, d) ((float4)(a, b, c, d))
#define TO_FLOAT(value) ((float)(value))
#define BITS_OF(value) as_uint(value)
#define FLOAT_OF(bits) as_float(bits)
#define TO_INT(value) ((int)(value))
#define TO_UINT(value) ((uint)(value))
// Before a variable whose value must not be contracted or reassociated.
#define PRECISE
#pragma OPENCL FP_CONTRACT OFF

// What GLSL has built in.
#define floatBitsToUint(value) as_uint(value)
#define floatBitsToInt(value) as_int(value)
#define uintBitsToFloat(value) as_float(value)
#define intBitsToFloat(value) as_float(value)
#define roundEven(value) rint(value)
