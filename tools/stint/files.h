// Reading and writing files: only regular files are read, and what is written appears whole or
// not at all.
#ifndef STINT_TOOLS_STINT_FILES_H_
#define STINT_TOOLS_STINT_FILES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/host_tensor.h"

namespace stint::cli {

struct FileBytes {
  AlignedBytes data;
  size_t size = 0;

  std::span<const uint8_t> span() const { return {data.get(), size}; }
};

// kIo: missing, not a regular file or unreadable; kLimit: larger than `limit` bytes.
Result<FileBytes> ReadFile(const std::string& path, uint64_t limit);

// The first bytes of a regular file, at most `count`. kIo as above.
Result<std::string> ReadStart(const std::string& path, size_t count);

// kIo: missing, not a regular file or unreadable.
Status CheckRegularFile(const std::string& path);

// ".npy" of "DIR/x.NPY"; empty when the last component has no dot.
std::string ExtensionOf(const std::string& path);

// Files and folders that come into being together. Stage() writes a temporary file beside its
// target and syncs it; Commit() renames them all. Without Commit() nothing remains. A path that is
// a device or a pipe ("/dev/stdout") is written at once by Commit(), before the renames. SIGINT,
// SIGTERM and SIGHUP wait until the transaction is over.
class FileTransaction {
 public:
  FileTransaction();
  ~FileTransaction();
  FileTransaction(const FileTransaction&) = delete;
  FileTransaction& operator=(const FileTransaction&) = delete;

  // Creates the folder and its parents where they are missing.
  Status CreateFolder(const std::string& path);
  Status Stage(const std::string& path, std::span<const uint8_t> bytes);
  Status Stage(const std::string& path, const std::string& text);
  Status Commit();

 private:
  struct Staged {
    std::string target;
    std::string temporary;
    bool is_new = false;  // The target did not exist.
    bool renamed = false;
  };
  struct Direct {
    std::string target;
    std::vector<uint8_t> bytes;
  };

  std::vector<std::string> folders_;
  std::vector<Staged> staged_;
  std::vector<Direct> direct_;
  bool committed_ = false;
};

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_FILES_H_
