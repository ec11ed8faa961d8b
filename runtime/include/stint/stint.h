/* Stint: runs plans that `stint compile` made of ONNX models. This is the whole public interface of
 * the runtime, for C and for everything that speaks C; stint.hpp has RAII over it for C++20.
 *
 *     stint_plan* plan;          the model: immutable, shared by threads and sessions
 *     stint_device* device;      what runs it: the CPU with its threads, a GPU
 *     stint_session* session;    a plan on devices: its memory, its prepared kernels, its state
 *
 * Errors. Calls that can fail return STINT_OK or a stint_code, and describe the failure in a
 * stint_error of the caller's, which may be NULL. Nothing throws, aborts or keeps an error anywhere
 * else. After an error an object is as it was, and what a call would have given out is not touched.
 *
 * Ownership. What *_open, *_create, *_read and *_from_memory give belongs to the caller until
 * *_destroy. A session keeps the plan and the devices that it uses: they may be destroyed before
 * it. Everything else is borrowed from the object that it was asked of, for as long as its call
 * says.
 *
 * Threads. Any thread may use any object. Plans and devices may be used by several threads at once;
 * a session by one at a time, apart from stint_session_cancel. A call that meets a session's run in
 * flight is STINT_ERROR_INVALID.
 *
 * Versions. Structures that may grow begin with struct_size, which the caller sets to sizeof(the
 * structure), best by their _INIT. A larger structure than the library knows is accepted if what it
 * does not know is zero. Zero always means the default. stint_tensor never changes.
 *
 * Units. Sizes are bytes, strides too; times are nanoseconds in options and seconds in
 * measurements. Texts are UTF-8 and end with a zero byte; names come from the model and may be
 * anything.
 */
#ifndef STINT_STINT_H_
#define STINT_STINT_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define STINT_API __attribute__((visibility("default")))
#else
#define STINT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Codes and types ---- */

typedef int32_t stint_code;
enum {
  STINT_OK = 0,
  STINT_ERROR_INVALID = 2,     /* Bad arguments, or bad content: plan, tensor. */
  STINT_ERROR_UNSUPPORTED = 4, /* Sound, but this build or device does not have it. */
  STINT_ERROR_UNAVAILABLE = 5, /* A device that is not there or was lost. */
  STINT_ERROR_LIMIT = 6,       /* A limit, or memory, was exceeded. */
  STINT_ERROR_IO = 7,          /* A file is missing or cannot be read. */
  STINT_ERROR_CANCELLED = 8,   /* stint_session_cancel stopped the run. */
  STINT_ERROR_DEADLINE = 9,    /* The run took longer than its timeout. */
  STINT_ERROR_INTERNAL = 70    /* A bug in Stint. */
};

/* Element types. The numbers are those in plans and never change. */
typedef int32_t stint_dtype;
enum {
  STINT_NONE = 0, /* No tensor: an optional input that is left out. */
  STINT_FLOAT32 = 1,
  STINT_FLOAT16 = 2,
  STINT_BFLOAT16 = 3,
  STINT_FLOAT64 = 4,
  STINT_INT8 = 5,
  STINT_INT16 = 6,
  STINT_INT32 = 7,
  STINT_INT64 = 8,
  STINT_UINT8 = 9,
  STINT_UINT16 = 10,
  STINT_UINT32 = 11,
  STINT_UINT64 = 12,
  STINT_BOOL = 13, /* One byte, 0 or 1. */
  STINT_FLOAT8E4M3FN = 14,
  STINT_FLOAT8E4M3FNUZ = 15,
  STINT_FLOAT8E5M2 = 16,
  STINT_FLOAT8E5M2FNUZ = 17,
  STINT_FLOAT8E8M0 = 18,
  STINT_FLOAT4E2M1 = 19, /* These five: one byte an element. */
  STINT_INT4 = 20,
  STINT_UINT4 = 21,
  STINT_INT2 = 22,
  STINT_UINT2 = 23,
  STINT_COMPLEX64 = 24,
  STINT_COMPLEX128 = 25,
  STINT_STRING = 26 /* Cannot be passed in or out. */
};

enum { STINT_MAX_RANK = 8 };

typedef struct stint_plan stint_plan;
typedef struct stint_device stint_device;
typedef struct stint_session stint_session;

typedef struct stint_error {
  uint32_t struct_size;
  stint_code code;
  char where[160];   /* A field, an op, an input, a file. */
  char message[256]; /* "found X, allowed Y": printable ASCII, other bytes escaped. */
} stint_error;
#define STINT_ERROR_INIT {sizeof(stint_error), STINT_OK, {0}, {0}}

/* A tensor in somebody's memory: nothing is owned. */
typedef struct stint_tensor {
  void* data; /* Of the element whose coordinates are all 0. Inputs are never written. */
  stint_dtype dtype;
  int32_t rank; /* 0 to STINT_MAX_RANK. */
  int64_t shape[STINT_MAX_RANK];
  int64_t strides[STINT_MAX_RANK]; /* Bytes from an element to the next along an axis: any, also
                                      0 and negative ones. */
} stint_tensor;

/* Where an object's log lines go. `write` is called by any thread that uses the object, and must
 * not use it itself; `line` lives as long as the call. */
enum { STINT_LOG_NONE = 0, STINT_LOG_WARNING = 1, STINT_LOG_INFO = 2, STINT_LOG_DEBUG = 3 };
typedef struct stint_log {
  void (*write)(void* user, int32_t level, const char* line);
  void* user;
  int32_t level; /* Lines up to this level are written. */
} stint_log;

/* "0.1.0", of the library. */
STINT_API const char* stint_version(void);
/* "invalid", "limit"; "internal" for numbers that are no code. */
STINT_API const char* stint_code_name(stint_code code);
/* "float32"; "none" for numbers that are no dtype. */
STINT_API const char* stint_dtype_name(stint_dtype dtype);
/* Bytes of an element; 0 for STINT_NONE and numbers that are no dtype. */
STINT_API size_t stint_dtype_size(stint_dtype dtype);
/* The view of row-major elements without gaps. `shape` has `rank` extents. A rank or dtype that
 * there is not, or NULL for a shape that is needed, gives a view that every call refuses. */
STINT_API stint_tensor stint_dense(stint_dtype dtype, int32_t rank, const int64_t* shape,
                                   void* data);

/* ---- Plans ---- */

/* What a load may spend on bytes that nobody vouches for. 0: the default, which is generous. */
typedef struct stint_limits {
  uint32_t struct_size;
  uint32_t functions; /* These four: each of all functions together. */
  uint32_t ops;
  uint32_t values;      /* With inputs, outputs and views. */
  uint32_t expressions; /* With symbols and checks. */
  uint32_t reserved;    /* 0. */
  uint64_t file_bytes;
  uint64_t metadata_bytes;
  uint64_t arena_bytes;     /* Of each set of input shapes that a session prepares: what its
                               intermediate results take on all devices together. No view of a
                               smaller tensor shows more elements. */
  uint64_t structure_bytes; /* What metadata unfolds to in memory. */
} stint_limits;
#define STINT_LIMITS_INIT {sizeof(stint_limits), 0, 0, 0, 0, 0, 0, 0, 0, 0}

enum {
  /* Do not read the weights when loading, only what describes them: pages come in when they are
   * used, and damage of weights goes unseen. No damage makes a plan unsafe. */
  STINT_PLAN_SKIP_CONTENT_CHECK = 1,
  /* stint_plan_from_memory: keep a copy of the bytes. */
  STINT_PLAN_COPY = 2
};

typedef struct stint_plan_options {
  uint32_t struct_size;
  uint32_t flags;
  const stint_limits* limits; /* Read during the call; NULL: the defaults. */
} stint_plan_options;
#define STINT_PLAN_OPTIONS_INIT {sizeof(stint_plan_options), 0, 0}

/* A source of plan bytes that is no file: an archive, something encrypted. */
typedef struct stint_reader {
  uint32_t struct_size;
  uint32_t reserved; /* 0. */
  uint64_t size;     /* Bytes in all. */
  void* user;
  /* Writes bytes offset .. offset + size to `to`; 0: done, else the load is STINT_ERROR_IO. Called
   * during the load only, on the caller's thread, forward, at most a MiB each time. */
  int (*read)(void* user, uint64_t offset, void* to, size_t size);
} stint_reader;

/* Maps a plan file; the weights are used in place. The file must not change while the plan lives
 * (replace it by rename). STINT_ERROR_IO: missing, no regular file, unreadable;
 * STINT_ERROR_INVALID: no plan, damaged, of another format version; STINT_ERROR_LIMIT. */
STINT_API stint_code stint_plan_open(const char* path, const stint_plan_options* options,
                                     stint_plan** plan, stint_error* error);
/* The same of bytes in memory. Without STINT_PLAN_COPY they are borrowed until the plan and all its
 * sessions are destroyed, and must begin at a multiple of 64. */
STINT_API stint_code stint_plan_from_memory(const void* bytes, size_t size,
                                            const stint_plan_options* options, stint_plan** plan,
                                            stint_error* error);
/* The same of what a reader gives, which is kept in memory. */
STINT_API stint_code stint_plan_read(const stint_reader* reader, const stint_plan_options* options,
                                     stint_plan** plan, stint_error* error);
/* NULL is ignored. Sessions of the plan go on. */
STINT_API void stint_plan_destroy(stint_plan* plan);

typedef struct stint_plan_info {
  uint32_t struct_size;
  uint32_t format_version;
  const char* producer;    /* These two live as long as the plan. */
  const char* min_runtime; /* The oldest version that runs it. */
  uint64_t file_bytes;
  uint64_t weights_bytes;
  uint64_t ops; /* Of the main function. */
  /* Parts that run one after the other, as extents depend on what the ones before compute; 1 where
   * no extent depends on data. With more, steps and outputs' shapes are known after a run only. */
  uint32_t regions;
  uint32_t golden_pairs; /* Inputs and outputs that `stint compile --golden` stored. */
  uint64_t golden_bytes; /* Of weights_bytes: what only these pairs use, and no run reads. */
} stint_plan_info;
#define STINT_PLAN_INFO_INIT {sizeof(stint_plan_info), 0, 0, 0, 0, 0, 0, 0, 0, 0}
STINT_API stint_code stint_plan_get_info(const stint_plan* plan, stint_plan_info* info,
                                         stint_error* error);

/* What the model says of an input or output. Texts live as long as the plan. */
typedef struct stint_tensor_info {
  uint32_t struct_size;
  stint_dtype dtype;
  const char* name;
  size_t name_size; /* Without the zero byte; a name may hold others. */
  int32_t rank;
  int32_t optional;              /* 1: an input with a default, which may be left out. */
  int64_t shape[STINT_MAX_RANK]; /* -1: known only when inputs are. */
  /* The name of such an extent: equal names are equal extents. NULL: none, or computed of others.
   */
  const char* symbols[STINT_MAX_RANK];
  /* From 1: which of the plan's symbols such an extent is, named or not: equal numbers are equal
   * extents. 0: none, or computed of others. */
  uint32_t symbol_numbers[STINT_MAX_RANK];
} stint_tensor_info;
#define STINT_TENSOR_INFO_INIT {sizeof(stint_tensor_info), 0, 0, 0, 0, 0, {0}, {0}, {0}}

/* 0 for NULL. */
STINT_API size_t stint_plan_input_count(const stint_plan* plan);
STINT_API size_t stint_plan_output_count(const stint_plan* plan);
STINT_API stint_code stint_plan_input(const stint_plan* plan, size_t index, stint_tensor_info* info,
                                      stint_error* error);
STINT_API stint_code stint_plan_output(const stint_plan* plan, size_t index,
                                       stint_tensor_info* info, stint_error* error);
/* The position of the input or output of this name; STINT_ERROR_INVALID: there is none. */
STINT_API stint_code stint_plan_find_input(const stint_plan* plan, const char* name, size_t* index,
                                           stint_error* error);
STINT_API stint_code stint_plan_find_output(const stint_plan* plan, const char* name, size_t* index,
                                            stint_error* error);

/* A metadata property of the model. Texts live as long as the plan. */
typedef struct stint_property {
  uint32_t struct_size;
  uint32_t reserved;
  const char* key;
  size_t key_size;
  const char* value;
  size_t value_size;
} stint_property;
#define STINT_PROPERTY_INIT {sizeof(stint_property), 0, 0, 0, 0, 0}
STINT_API size_t stint_plan_property_count(const stint_plan* plan);
STINT_API stint_code stint_plan_property(const stint_plan* plan, size_t index,
                                         stint_property* property, stint_error* error);

/* An op of the main function, stint_plan_info::ops in all. Texts live as long as the plan. */
typedef struct stint_op_info {
  uint32_t struct_size;
  uint32_t reserved;
  const char* kind; /* "Conv". */
  const char* name; /* Of the model's node that it comes from. */
} stint_op_info;
#define STINT_OP_INFO_INIT {sizeof(stint_op_info), 0, 0, 0}
STINT_API stint_code stint_plan_op(const stint_plan* plan, size_t index, stint_op_info* info,
                                   stint_error* error);

/* ---- Devices ---- */

typedef struct stint_device_options {
  uint32_t struct_size;
  int32_t threads; /* Of the CPU, at most 256; 0: as many as the process may use cores. */
} stint_device_options;
#define STINT_DEVICE_OPTIONS_INIT {sizeof(stint_device_options), 0}

/* Opens "cpu", "vulkan", "vulkan:1", "null" or "auto", the best device for most models: so far the
 * CPU. A device is expensive, its sessions share it: the CPU's threads run one session's op at a
 * time. STINT_ERROR_UNAVAILABLE: this machine or this build has none; STINT_ERROR_INVALID: no name
 * of a device. */
STINT_API stint_code stint_device_open(const char* name, const stint_device_options* options,
                                       stint_device** device, stint_error* error);
/* Whether stint_device_open takes the name, without opening anything: STINT_ERROR_INVALID: no name
 * of a device; STINT_ERROR_UNAVAILABLE: of a backend that this build does not have. Whether the
 * machine has the device, opening it tells. */
STINT_API stint_code stint_device_check_name(const char* name, stint_error* error);
/* NULL is ignored. Sessions on the device go on. */
STINT_API void stint_device_destroy(stint_device* device);

enum {
  STINT_DEVICE_HOST_MEMORY = 1, /* Reads inputs where they are. */
  STINT_DEVICE_SOFTWARE = 2,    /* A GPU that is imitated by the processor. */
  STINT_DEVICE_TIMESTAMPS = 4,  /* Can be profiled op by op. */
  STINT_DEVICE_STORAGE16 = 8,   /* Buffers of 16-bit elements. */
  STINT_DEVICE_STORAGE8 = 16    /* Buffers of 8-bit elements. */
};

/* What a device is. Limits that mean nothing to it are as large as they can be. */
typedef struct stint_device_info {
  uint32_t struct_size;
  uint32_t features;         /* STINT_DEVICE_ bits. */
  const char* name;          /* As stint_device_open takes it, without ":0". */
  const char* description;   /* Model, instruction set, driver. */
  int32_t threads;           /* 0 where it means nothing. */
  stint_code unavailable;    /* Of stint_list_devices: why it cannot be opened, else 0. */
  uint64_t max_buffer_bytes; /* That one command sees. */
  uint32_t max_buffers;      /* That one command sees. */
  uint32_t max_group_invocations;
  uint32_t max_group_bytes;
  uint32_t reserved;
  double operations_per_second; /* Estimates, from which placement predicts time. */
  double bytes_per_second;
} stint_device_info;
#define STINT_DEVICE_INFO_INIT {sizeof(stint_device_info), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
/* Texts live as long as the device. */
STINT_API stint_code stint_device_get_info(const stint_device* device, stint_device_info* info,
                                           stint_error* error);
/* Calls `visit` with each device of each backend of this build, in order of preference, until it
 * returns something but 0. A backend without a device is shown once, with `unavailable` set and the
 * reason as description. Opens each device for the length of the call; texts live as long. */
STINT_API stint_code stint_list_devices(int (*visit)(void* user, const stint_device_info* info),
                                        void* user, stint_error* error);

/* Counts since the device was opened. */
typedef struct stint_device_counters {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t submissions;
  uint64_t dispatches;  /* Commands executed. */
  uint64_t recorded;    /* Commands written into a form that the device executes. */
  uint64_t allocations; /* Of device memory. */
  uint64_t written_bytes;
  uint64_t read_bytes;
  uint64_t pipelines_compiled;
  uint64_t pipeline_hits;
} stint_device_counters;
#define STINT_DEVICE_COUNTERS_INIT {sizeof(stint_device_counters), 0, 0, 0, 0, 0, 0, 0, 0, 0}
STINT_API stint_code stint_device_get_counters(const stint_device* device,
                                               stint_device_counters* counters, stint_error* error);

/* Calls `visit` with each rule by which the device chooses kernels and splits work, a line of text
 * with the numbers that hold on it, until it returns something but 0. Devices without rules of
 * their own show none. Lines are for people and live as long as the call. STINT_ERROR_INVALID: no
 * device or visitor. */
STINT_API stint_code stint_device_rules(const stint_device* device,
                                        int (*visit)(void* user, const char* rule), void* user,
                                        stint_error* error);

/* ---- Sessions ---- */

enum {
  STINT_SESSION_NO_FALLBACK = 1, /* An error where the first device refuses an op, or fails. */
  STINT_SESSION_PROFILE = 2,     /* Measures each step of each run; costs time itself. */
  STINT_SESSION_NO_GROUPS = 4    /* Runs each step alone (stint_group); the same bits. */
};

typedef struct stint_session_options {
  uint32_t struct_size;
  uint32_t flags;
  /* In order of preference, at most four; each op runs on the first that takes it. None: a CPU of
   * the session's own, with `threads` threads (0: the allowed cores). */
  stint_device* const* devices;
  size_t device_count;
  int32_t threads;
  /* Sets of input shapes that stay prepared, and what they keep in memory; 0: the defaults. */
  uint32_t prepared_shapes;
  uint64_t prepared_bytes;
  /* The most that intermediate results may take, all devices together; 0: the plan's limit. More:
   * STINT_ERROR_LIMIT, before anything runs. Counted for each set of input shapes by itself, not
   * for all that stay prepared. */
  uint64_t arena_bytes;
  stint_log log;
} stint_session_options;
#define STINT_SESSION_OPTIONS_INIT {sizeof(stint_session_options), 0, 0, 0, 0, 0, 0, 0, {0, 0, 0}}

STINT_API stint_code stint_session_create(const stint_plan* plan,
                                          const stint_session_options* options,
                                          stint_session** session, stint_error* error);
/* Cancels an asynchronous run and waits for its callback. NULL is ignored; not from the session's
 * own callback, where the call does nothing. */
STINT_API void stint_session_destroy(stint_session* session);

typedef struct stint_run_options {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t timeout; /* Nanoseconds from the call; 0: none. */
} stint_run_options;
#define STINT_RUN_OPTIONS_INIT {sizeof(stint_run_options), 0, 0}

/* Prepares for inputs of these shapes: chooses kernels, plans memory. Afterwards outputs have
 * shapes, and a run of the same shapes and strides allocates nothing, if its data is aligned. Data
 * may be NULL but for inputs that shapes are computed from. Runs do this themselves when needed.
 * After an error outputs are undefined. */
STINT_API stint_code stint_session_prepare(stint_session* session, const stint_tensor* inputs,
                                           size_t count, stint_error* error);

/* Runs the plan: all inputs, in order; optional ones may have dtype STINT_NONE, inputs that state
 * is bound to must. Views without gaps whose data lies at a multiple of their elements' bytes are
 * used where they are; others are first copied to memory of the session. Where a device is lost or
 * out of memory, the whole run is done again without it, unless STINT_SESSION_NO_FALLBACK. After an
 * error outputs are undefined and state is as before the run.
 *
 * Cancel and timeout act between two commands of the CPU, each an op or a stint_group, and never
 * inside one; a GPU finishes what was submitted to it. */
STINT_API stint_code stint_session_run(stint_session* session, const stint_tensor* inputs,
                                       size_t count, const stint_run_options* options,
                                       stint_error* error);

/* Starts a run on a thread of the session's. Inputs' data, and memory bound to outputs, must stay
 * until it is over; the views themselves are copied. `done`, which may be NULL, is called on that
 * thread with error->code 0 or the error; it may look at the session (outputs, profile), but not
 * run it. STINT_OK: the run was started, and `done` will be called. */
STINT_API stint_code stint_session_run_async(stint_session* session, const stint_tensor* inputs,
                                             size_t count, const stint_run_options* options,
                                             void (*done)(void* user, stint_session* session,
                                                          const stint_error* error),
                                             void* user, stint_error* error);
/* Returns what the last asynchronous run came to, once it and its callback are over; STINT_OK when
 * there was none. Not from the callback: STINT_ERROR_INVALID. */
STINT_API stint_code stint_session_wait(stint_session* session, stint_error* error);
/* From any thread, at any time: asks the run in flight to stop with STINT_ERROR_CANCELLED. It may
 * still succeed. Without a run in flight, nothing. */
STINT_API void stint_session_cancel(stint_session* session);

/* Output `index` after a successful run, borrowed until the session's next prepare, run, binding or
 * reset of state; after prepare alone its shape, with data NULL and -1 for extents that depend on
 * data. STINT_ERROR_INVALID: neither has been. */
STINT_API stint_code stint_session_output(const stint_session* session, size_t index,
                                          stint_tensor* output, stint_error* error);
/* From now on runs write output `index` to this memory, until it is bound again; NULL: to the
 * session's own. Views without gaps whose data lies at a multiple of their elements' bytes are
 * written in place by the CPU; others are copied to. A run whose output has another dtype or shape
 * is STINT_ERROR_INVALID: where extents are dynamic, ask for them first (stint_session_prepare).
 * The memory must not overlap that of an input or of another output. */
STINT_API stint_code stint_session_bind_output(stint_session* session, size_t index,
                                               const stint_tensor* memory, stint_error* error);

/* Makes output `output` of a run input `input` of the next one, without a copy on devices that
 * share the host's memory: two buffers that change places after each run that succeeds. `first` is
 * the input of the first run, copied by this call; data NULL: zeros. Every output must have its
 * dtype and shape. An output feeds one input, and an input is fed by one output: the same two may
 * be bound again, to begin anew; another partner is STINT_ERROR_INVALID until the output is
 * unbound. NULL for `first` unbinds it, as stint_session_bind_output does. */
STINT_API stint_code stint_session_bind_state(stint_session* session, size_t output, size_t input,
                                              const stint_tensor* first, stint_error* error);
/* All state is again what it was first. The last run's outputs are over, as state may lie there. */
STINT_API stint_code stint_session_reset_state(stint_session* session, stint_error* error);

/* ---- What a session did: after prepare or a run ---- */

/* How many of the plan's ops run on device `index` of the session's. */
typedef struct stint_placement {
  uint32_t struct_size;
  uint32_t ops;
  const char* device; /* Lives as long as the session. */
} stint_placement;
#define STINT_PLACEMENT_INIT {sizeof(stint_placement), 0, 0}
STINT_API size_t stint_session_device_count(const stint_session* session);
STINT_API stint_code stint_session_placement(const stint_session* session, size_t index,
                                             stint_placement* placement, stint_error* error);

/* A step: a kernel, or a copy of a value to another device. Texts live until the session's next
 * prepare or run. */
typedef struct stint_step {
  uint32_t struct_size;
  uint32_t group;     /* From 1: stint_session_group(group - 1) runs it; 0: a command of its own. */
  int64_t op;         /* Of the plan; -1: no op asked for it. */
  const char* name;   /* Of that op's node; "" without. */
  const char* kind;   /* "Conv"; "copy". */
  const char* device; /* Where it runs, or goes. */
  const char* kernel; /* NULL: a copy. */
  const char* source; /* Of a copy: a device or "input"; else NULL. */
  uint64_t bytes;     /* Of a copy; else all that the kernel reads and writes. */
  double operations;  /* Multiply-accumulates, or elements computed. */
  double predicted_seconds;
  /* Of the last run, with STINT_SESSION_PROFILE; negative: not measured. A group's first step has
   * the time of all. */
  double seconds;
  const char* alone; /* Why the device does not run it as one command with the step before; NULL: it
                        does, or was not asked. */
} stint_step;
#define STINT_STEP_INIT {sizeof(stint_step), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
STINT_API size_t stint_session_step_count(const stint_session* session);
STINT_API stint_code stint_session_step(stint_session* session, size_t index, stint_step* step,
                                        stint_error* error);

/* Neighbouring steps that a device runs as one command, so that what passes between them is never
 * written to memory as a whole. */
typedef struct stint_group {
  uint32_t struct_size;
  uint32_t lines; /* Of the last result, made at a time. */
  uint64_t first_step;
  uint64_t end_step;   /* Behind the last. */
  uint64_t kept_bytes; /* That hold what passes between the steps. */
} stint_group;
#define STINT_GROUP_INIT {sizeof(stint_group), 0, 0, 0, 0}
STINT_API size_t stint_session_group_count(const stint_session* session);
STINT_API stint_code stint_session_group(const stint_session* session, size_t index,
                                         stint_group* group, stint_error* error);

/* Why a kernel did not run an op on a device that was asked. Texts live as long as those of steps.
 */
typedef struct stint_refusal {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t op;
  const char* name;
  const char* device;
  const char* kernel; /* "": the device has none for the op. */
  const char* reason; /* A phrase: "needs float32". */
} stint_refusal;
#define STINT_REFUSAL_INIT {sizeof(stint_refusal), 0, 0, 0, 0, 0, 0}
STINT_API size_t stint_session_refusal_count(const stint_session* session);
STINT_API stint_code stint_session_refusal(const stint_session* session, size_t index,
                                           stint_refusal* refusal, stint_error* error);

typedef struct stint_statistics {
  uint32_t struct_size;
  uint32_t submissions; /* Of command lists, a run. */
  uint64_t arena_bytes; /* For the shapes that are prepared now. */
  uint64_t live_bytes;  /* The least that any arena could have. */
  uint64_t prepared_hits;
  uint64_t prepared_misses;
  uint32_t transfers; /* Of values between devices, a run; inputs apart. */
  uint32_t reserved;
  /* Of constants, made when the session was prepared: packed, transformed or copied. */
  uint64_t packed_bytes;
} stint_statistics;
#define STINT_STATISTICS_INIT {sizeof(stint_statistics), 0, 0, 0, 0, 0, 0, 0, 0}
STINT_API stint_code stint_session_get_statistics(const stint_session* session,
                                                  stint_statistics* statistics, stint_error* error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* STINT_STINT_H_ */
