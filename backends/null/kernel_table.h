// The kernels of the null device: one row an op, which accepts everything and computes nothing.
#ifndef STINT_BACKENDS_NULL_KERNEL_TABLE_H_
#define STINT_BACKENDS_NULL_KERNEL_TABLE_H_

#include <cstdint>
#include <span>

#include "runtime/hal/device.h"

namespace stint::null {

// All rows, or those of the op with this number alone.
std::span<const Kernel> KernelTable(uint16_t only_op);

}  // namespace stint::null

#endif  // STINT_BACKENDS_NULL_KERNEL_TABLE_H_
