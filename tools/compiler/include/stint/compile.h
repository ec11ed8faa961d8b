/* Stint's compiler: ONNX models to the plans that stint.h runs, for programs that compile what they
 * run. It is a library of its own, libstint_compiler.a, with Protobuf and the C++ library behind
 * it; no device needs it. Errors, ownership and versions are as in stint.h. Any thread may call;
 * nothing is shared between calls.
 */
#ifndef STINT_COMPILE_H_
#define STINT_COMPILE_H_

#include <stint/stint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The extents of an input, which override what the model declares; -1: not known. */
typedef struct stint_input_shape {
  const char* name;
  int32_t rank;
  int32_t reserved; /* 0. */
  const int64_t* shape;
} stint_input_shape;

/* The value of a named extent. */
typedef struct stint_symbol_value {
  const char* name;
  int64_t value;
} stint_symbol_value;

/* A node that this version cannot compile. Texts live as long as the call. */
typedef struct stint_unsupported_node {
  uint32_t struct_size;
  uint32_t reserved;
  const char* name;
  const char* op;
  const char* domain;
  int64_t version;      /* Of the operator. */
  const char* operands; /* "float32[1,3,N,N], int64[2]" */
  const char* reason;
} stint_unsupported_node;

/* Flags of stint_compile_options. From IR version 4 on, an initialiser that is an input too is a
 * default that callers may override in each run; then kernels read it as the model has it. With
 * this flag all but the `overridable` ones are constants: packed, and no inputs of the plan. */
#define STINT_COMPILE_CONSTANT_INITIALIZERS 1u
/* float16 and bfloat16 stay what they are between ops and in weights: half the size, for devices
 * that store them so. Without it they become float32, which the CPU's kernels know. */
#define STINT_COMPILE_KEEP_HALVES 2u

typedef struct stint_compile_options {
  uint32_t struct_size;
  uint32_t flags;
  const stint_input_shape* shapes;
  size_t shape_count;
  const stint_symbol_value* symbols;
  size_t symbol_count;
  /* Bytes that folding constants may add to the plan in all; 0: the default. */
  uint64_t fold_budget;
  /* Called with every node that cannot be compiled, before the call fails; may be NULL. */
  void (*unsupported)(void* user, const stint_unsupported_node* node);
  void* user;
  /* What the plan is for: "a53,x1", as `stint compile --target` takes it; NULL or "": any
   * processor. */
  const char* targets;
  /* Names of initialisers; others are ignored. */
  const char* const* overridable;
  size_t overridable_count;
} stint_compile_options;
#define STINT_COMPILE_OPTIONS_INIT {sizeof(stint_compile_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* The bytes of a plan, as stint_plan_from_memory takes them. */
typedef struct stint_plan_bytes stint_plan_bytes;

/* Compiles an ONNX file, with external data beside it. STINT_ERROR_IO: missing, unreadable;
 * STINT_ERROR_INVALID: no ONNX model, or one that contradicts itself or the options;
 * STINT_ERROR_UNSUPPORTED: nodes that this version cannot compile, the first of them. */
STINT_API stint_code stint_compile_file(const char* path, const stint_compile_options* options,
                                        stint_plan_bytes** plan, stint_error* error);
/* The same of a model in memory. `path` is its name in errors, and says where external data lies.
 */
STINT_API stint_code stint_compile_memory(const void* model, size_t size, const char* path,
                                          const stint_compile_options* options,
                                          stint_plan_bytes** plan, stint_error* error);

/* Borrowed from `plan`, at a multiple of 64; NULL and 0 for NULL. */
STINT_API const void* stint_plan_bytes_data(const stint_plan_bytes* plan);
STINT_API size_t stint_plan_bytes_size(const stint_plan_bytes* plan);
STINT_API void stint_plan_bytes_destroy(stint_plan_bytes* plan);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* STINT_COMPILE_H_ */
