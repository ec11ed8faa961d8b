// Files that are there as a whole or not at all.
#ifndef STINT_TOOLS_COMPILER_EMIT_WRITE_FILE_H_
#define STINT_TOOLS_COMPILER_EMIT_WRITE_FILE_H_

#include <cstdint>
#include <span>
#include <string>

#include "runtime/base/status.h"

namespace stint::compiler {

// Writes `bytes` under a temporary name beside `path`, syncs and renames, so that `path` holds what
// it held before or all of `bytes`. A symbolic link keeps pointing at its target, which is
// replaced. kIo: the folder is missing or not writable, the disk is full, or `path` is there and is
// no regular file; nothing is left behind then.
Status WriteFileAtomically(const std::string& path, std::span<const uint8_t> bytes);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_EMIT_WRITE_FILE_H_
