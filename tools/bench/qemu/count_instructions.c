// A QEMU TCG plugin: how many instructions of each class a region of 64-bit ARM code executes.
//
//   -plugin count_instructions.so,out=FILE
//
// Every translated block adds what it holds when it runs, so counts are exact up to the two blocks
// that hold the markers, a few dozen instructions. Classes are those of the last column of
// `patterns`; what matches none is `other`.
#include "plugin.h"

enum {
  kInstructions,
  kSimdMultiplyAdd,
  kSimdLoad,
  kSimdStore,
  kSimdOther,
  kScalarLoadStore,
  kOther,
  kClasses
};

static const char* const class_names[kClasses] = {
    "instructions", "simd_multiply_add", "simd_load", "simd_store",
    "simd_other",   "scalar_load_store", "other"};

// The first pattern with (word & mask) == value tells the class.
typedef struct {
  uint32_t mask;
  uint32_t value;
  int class;
} pattern;

static const pattern patterns[] = {
    {0x3f000000, 0x1c000000, kSimdLoad},         // ldr (literal)
    {0x0e400000, 0x0c400000, kSimdLoad},         // ldr, ldp, ldur, ld1 and others of their form
    {0x0e400000, 0x0c000000, kSimdStore},        // str, stp, stur, st1 and others of their form
    {0x0a000000, 0x08000000, kScalarLoadStore},  // general registers, exclusives, prefetches
    {0xbf20fc00, 0x0e20cc00, kSimdMultiplyAdd},  // fmla, fmls (vector)
    {0xbf60fc00, 0x0e400c00, kSimdMultiplyAdd},  // fmla, fmls (vector, half)
    {0xbf80b400, 0x0f801000, kSimdMultiplyAdd},  // fmla, fmls (by element)
    {0xbfc0b400, 0x0f001000, kSimdMultiplyAdd},  // fmla, fmls (by element, half)
    {0xbf60fc00, 0x0e20ec00, kSimdMultiplyAdd},  // fmlal, fmlsl
    {0xbf60fc00, 0x2e20cc00, kSimdMultiplyAdd},  // fmlal2, fmlsl2
    {0x9f20f400, 0x0e009400, kSimdMultiplyAdd},  // sdot, udot, usdot (vector)
    {0x9f00f400, 0x0f00e000, kSimdMultiplyAdd},  // sdot, udot (by element)
    {0xdfe0f400, 0x4e80a400, kSimdMultiplyAdd},  // smmla, ummla, usmmla
    {0xbfe0fc00, 0x2e40fc00, kSimdMultiplyAdd},  // bfdot
    {0xffe0fc00, 0x6e40ec00, kSimdMultiplyAdd},  // bfmmla
    {0xbf20fc00, 0x0e209400, kSimdMultiplyAdd},  // mla
    {0x9f20fc00, 0x0e208000, kSimdMultiplyAdd},  // smlal, umlal (vector)
    {0x9f00f400, 0x0f002000, kSimdMultiplyAdd},  // smlal, umlal (by element)
    {0xff000000, 0x1f000000, kSimdMultiplyAdd},  // fmadd and its like
    {0x0e000000, 0x0e000000, kSimdOther},
};

static uint64_t running[kClasses];   // Since the start of the program,
static uint64_t at_begin[kClasses];  // when the region began,
static uint64_t counted[kClasses];   // and in the last region.
static char out_path[4096];

static int class_of(uint32_t word) {
  for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); ++i) {
    if ((word & patterns[i].mask) == patterns[i].value) return patterns[i].class;
  }
  return kOther;
}

static void on_region_begin(void) { memcpy(at_begin, running, sizeof(running)); }

static void on_region_end(void) {
  for (int i = 0; i < kClasses; ++i) counted[i] = running[i] - at_begin[i];
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  uint64_t held[kClasses] = {0};
  const size_t count = qemu_plugin_tb_n_insns(block);
  held[kInstructions] = count;
  for (size_t i = 0; i < count; ++i) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    const uint32_t word = instruction_word(instruction);
    ++held[class_of(word)];
    watch_markers(instruction, word);
  }
  for (int i = 0; i < kClasses; ++i) {
    if (held[i] == 0) continue;
    qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, &running[i],
                                             held[i]);
  }
}

static void on_exit(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  write_counts(out_path, class_names, counted, kClasses);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int count, char** arguments) {
  (void)info;
  const char* path = find_argument(count, arguments, "out");
  if (path == NULL || strlen(path) >= sizeof(out_path)) return 1;
  strcpy(out_path, path);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  qemu_plugin_register_atexit_cb(id, on_exit, NULL);
  return 0;
}
