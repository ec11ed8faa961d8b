// A QEMU TCG plugin: how often a region of 64-bit ARM code misses each cache of its data.
//
//   -plugin count_misses.so,out=FILE,l1=KIB:WAYS,l2=KIB:WAYS[,l3=KIB:WAYS]
//
// The model: lines of 64 bytes, least recently used out first, write-allocate and write-back, one
// level behind another, indexed by guest addresses; no prefetcher, no instruction fetches. What ran
// before the region has warmed the caches. Real processors prefetch and replace otherwise: the
// counts compare one version of a program with another, they predict no time.
#include <stdlib.h>

#include "plugin.h"

enum { kLineShift = 6, kLevels = 3 };
static const uint64_t kNoLine = UINT64_MAX;

// A set's lines stand in order of use, the last used first.
typedef struct {
  uint64_t sets;
  uint64_t ways;
  uint64_t* lines;
  bool* dirty;
  uint64_t accesses;
  uint64_t misses;
  uint64_t write_backs;
} cache;

static cache caches[kLevels];
static int levels;
static char out_path[4096];

enum { kCounts = 1 + 2 * kLevels };
static const char* const count_names[kCounts] = {
    "l1_accesses",    "l1_misses", "l1_write_backs", "l2_misses",
    "l2_write_backs", "l3_misses", "l3_write_backs"};
static uint64_t counted[kCounts];

// Uses `line`; whether it was there. A dirty line that must leave goes to `evicted`.
static bool use_line(cache* c, uint64_t line, bool store, uint64_t* evicted) {
  uint64_t* lines = c->lines + (line % c->sets) * c->ways;
  bool* dirty = c->dirty + (line % c->sets) * c->ways;
  uint64_t way = 0;
  while (way < c->ways && lines[way] != line) ++way;
  const bool hit = way < c->ways;
  const bool was_dirty = hit && dirty[way];
  ++c->accesses;
  if (!hit) {
    ++c->misses;
    way = c->ways - 1;
    if (lines[way] != kNoLine && dirty[way]) {
      ++c->write_backs;
      *evicted = lines[way];
    }
  }
  memmove(lines + 1, lines, way * sizeof(*lines));
  memmove(dirty + 1, dirty, way * sizeof(*dirty));
  lines[0] = line;
  dirty[0] = was_dirty || store;
  return hit;
}

// A miss asks the next level for the line, and gives it the line that had to leave.
static void use_level(int level, uint64_t line, bool store) {
  if (level == levels) return;
  uint64_t evicted = kNoLine;
  const bool hit = use_line(&caches[level], line, store, &evicted);
  if (evicted != kNoLine) use_level(level + 1, evicted, true);
  if (!hit) use_level(level + 1, line, false);
}

static void on_access(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t address, void* data) {
  (void)cpu;
  (void)data;
  const bool store = qemu_plugin_mem_is_store(info);
  const uint64_t last = address + (1u << qemu_plugin_mem_size_shift(info)) - 1;
  use_level(0, address >> kLineShift, store);
  if (last >> kLineShift != address >> kLineShift) use_level(0, last >> kLineShift, store);
}

static void on_region_begin(void) {
  for (int i = 0; i < levels; ++i) {
    caches[i].accesses = caches[i].misses = caches[i].write_backs = 0;
  }
}

static void on_region_end(void) {
  counted[0] = caches[0].accesses;
  for (int i = 0; i < levels; ++i) {
    counted[1 + 2 * i] = caches[i].misses;
    counted[2 + 2 * i] = caches[i].write_backs;
  }
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < count; ++i) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    const uint32_t word = instruction_word(instruction);
    watch_markers(instruction, word);
    if (!is_load_or_store(word)) continue;
    qemu_plugin_register_vcpu_mem_cb(instruction, on_access, QEMU_PLUGIN_CB_NO_REGS,
                                     QEMU_PLUGIN_MEM_RW, NULL);
  }
}

static void on_exit(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  write_counts(out_path, count_names, counted, 1 + 2 * levels);
}

// Makes the next level from "KIB:WAYS".
static bool add_level(const char* text) {
  unsigned long kib = 0, ways = 0;
  if (sscanf(text, "%lu:%lu", &kib, &ways) != 2 || kib == 0 || ways == 0) return false;
  cache* c = &caches[levels];
  c->ways = ways;
  c->sets = (kib << 10 >> kLineShift) / ways;
  if (c->sets == 0) return false;
  c->lines = malloc(c->sets * ways * sizeof(*c->lines));
  c->dirty = calloc(c->sets * ways, sizeof(*c->dirty));
  if (c->lines == NULL || c->dirty == NULL) return false;
  for (uint64_t i = 0; i < c->sets * ways; ++i) c->lines[i] = kNoLine;
  ++levels;
  return true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int count, char** arguments) {
  (void)info;
  static const char* const keys[kLevels] = {"l1", "l2", "l3"};
  const char* path = find_argument(count, arguments, "out");
  if (path == NULL || strlen(path) >= sizeof(out_path)) return 1;
  strcpy(out_path, path);
  for (int i = 0; i < kLevels; ++i) {
    const char* geometry = find_argument(count, arguments, keys[i]);
    if (geometry == NULL) break;
    if (!add_level(geometry)) return 1;
  }
  if (levels == 0) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  qemu_plugin_register_atexit_cb(id, on_exit, NULL);
  return 0;
}
