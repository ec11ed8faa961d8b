// For tests of what must not allocate: a program that has allocation_count.cc counts.
#ifndef STINT_TESTS_COMPILER_ALLOCATION_COUNT_H_
#define STINT_TESTS_COMPILER_ALLOCATION_COUNT_H_

#include <cstdint>

namespace stint::testing {

// How many times memory was asked for since the process started, by any thread.
uint64_t AllocationCount();

}  // namespace stint::testing

#endif  // STINT_TESTS_COMPILER_ALLOCATION_COUNT_H_
