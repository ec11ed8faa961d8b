// What the plugins of this folder share: the part of QEMU's TCG plugin interface, version 1, that
// they use (Debian's qemu-user takes plugins but brings no header), the marker instructions between
// which a plugin counts (tools/stint/region_markers.h), and the file that it writes at the end.
//
// A plugin counts one region of one thread: what other guest threads do meanwhile is counted too.
#ifndef STINT_TOOLS_BENCH_QEMU_PLUGIN_H_
#define STINT_TOOLS_BENCH_QEMU_PLUGIN_H_

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };

typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t, struct qemu_plugin_tb*);
typedef void (*qemu_plugin_vcpu_udata_cb_t)(unsigned int, void*);
typedef void (*qemu_plugin_vcpu_mem_cb_t)(unsigned int, qemu_plugin_meminfo_t, uint64_t, void*);
typedef void (*qemu_plugin_udata_cb_t)(qemu_plugin_id_t, void*);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, qemu_plugin_vcpu_tb_trans_cb_t);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb*, enum qemu_plugin_op, void*,
                                              uint64_t);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, qemu_plugin_vcpu_udata_cb_t,
                                            enum qemu_plugin_cb_flags, void*);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn*, qemu_plugin_vcpu_mem_cb_t,
                                      enum qemu_plugin_cb_flags, enum qemu_plugin_mem_rw, void*);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, qemu_plugin_udata_cb_t, void*);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn*);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);

// The plugin's own entry points.
PLUGIN_EXPORT int qemu_plugin_version = 1;
PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t, const qemu_info_t*, int, char**);

// Set while the region runs; `regions` counts how many have ended.
static bool in_region;
static uint64_t regions;

// Each plugin says what happens where its region begins and ends.
static void on_region_begin(void);
static void on_region_end(void);

static void at_begin_marker(unsigned int cpu, void* data) {
  (void)cpu;
  (void)data;
  in_region = true;
  on_region_begin();
}

static void at_end_marker(unsigned int cpu, void* data) {
  (void)cpu;
  (void)data;
  if (!in_region) return;
  on_region_end();
  in_region = false;
  ++regions;
}

static inline uint32_t instruction_word(const struct qemu_plugin_insn* instruction) {
  uint32_t word;
  memcpy(&word, qemu_plugin_insn_data(instruction), sizeof(word));
  return word;
}

// Calls back where `instruction` is a marker.
static inline void watch_markers(struct qemu_plugin_insn* instruction, uint32_t word) {
  enum { kBegin = 0xaa1502b5u, kEnd = 0xaa1602d6u };  // orr x21, x21, x21; orr x22, x22, x22
  if (word == (uint32_t)kBegin) {
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_begin_marker, QEMU_PLUGIN_CB_NO_REGS,
                                           NULL);
  } else if (word == (uint32_t)kEnd) {
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_end_marker, QEMU_PLUGIN_CB_NO_REGS,
                                           NULL);
  }
}

// Loads and stores of A64, of general and SIMD registers.
static inline bool is_load_or_store(uint32_t word) { return (word & 0x0a000000u) == 0x08000000u; }

// The value of argument "key=value", or NULL.
static inline const char* find_argument(int count, char** arguments, const char* key) {
  const size_t length = strlen(key);
  for (int i = 0; i < count; ++i) {
    if (strncmp(arguments[i], key, length) == 0 && arguments[i][length] == '=') {
      return arguments[i] + length + 1;
    }
  }
  return NULL;
}

// Writes "regions N" and then "NAME N" for each count, one a line.
static inline void write_counts(const char* path, const char* const* names, const uint64_t* counts,
                                int count) {
  FILE* file = fopen(path, "w");
  if (file == NULL) {
    fprintf(stderr, "qemu plugin: found no way to write %s\n", path);
    return;
  }
  fprintf(file, "regions %" PRIu64 "\n", regions);
  for (int i = 0; i < count; ++i) fprintf(file, "%s %" PRIu64 "\n", names[i], counts[i]);
  fclose(file);
}

#endif  // STINT_TOOLS_BENCH_QEMU_PLUGIN_H_
