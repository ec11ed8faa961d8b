// Instructions that change nothing and that no compiler emits: tools that watch a program, such as
// tools/bench/count_instructions.py, see by them where a region of interest begins and ends.
// Elsewhere than on 64-bit ARM they only keep the compiler from moving work across.
#ifndef STINT_TOOLS_STINT_REGION_MARKERS_H_
#define STINT_TOOLS_STINT_REGION_MARKERS_H_

namespace stint::cli {

inline void MarkRegionBegin() {
#if defined(__aarch64__)
  asm volatile("orr x21, x21, x21" ::: "memory");
#else
  asm volatile("" ::: "memory");
#endif
}

inline void MarkRegionEnd() {
#if defined(__aarch64__)
  asm volatile("orr x22, x22, x22" ::: "memory");
#else
  asm volatile("" ::: "memory");
#endif
}

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_REGION_MARKERS_H_
