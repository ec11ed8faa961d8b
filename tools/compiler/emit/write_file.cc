#include "tools/compiler/emit/write_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

namespace stint::compiler {

namespace {

namespace fs = std::filesystem;

Status Failed(const std::string& path, const char* what, int error) {
  return Error(Code::kIo, path.c_str(), "found %s while %s, allowed a file that can be written",
               std::generic_category().message(error).c_str(), what);
}

// A file under a temporary name, removed again unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) {
    const std::string pattern =
        (target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string();
    name_.assign(pattern.begin(), pattern.end());
    name_.push_back('\0');
    descriptor_ = mkstemp(name_.data());
    exists_ = descriptor_ >= 0;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    Close();
    if (exists_) unlink(name_.data());
  }

  bool exists() const { return exists_; }

  // All return 0 or the system's error.
  int Write(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      const size_t part = std::min<size_t>(bytes.size(), size_t{1} << 30);
      const ssize_t written = write(descriptor_, bytes.data(), part);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errno;
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return 0;
  }
  int Finish(mode_t mode) {
    if (fchmod(descriptor_, mode) != 0 || fsync(descriptor_) != 0) return errno;
    return Close();
  }
  int RenameTo(const fs::path& target) {
    if (rename(name_.data(), target.c_str()) != 0) return errno;
    exists_ = false;
    return 0;
  }

 private:
  int Close() {
    if (descriptor_ < 0) return 0;
    const int result = close(descriptor_);
    descriptor_ = -1;
    return result == 0 ? 0 : errno;
  }

  std::vector<char> name_;
  int descriptor_ = -1;
  bool exists_ = false;
};

mode_t ModeOfNewFiles() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Makes the rename itself survive a loss of power; file systems that cannot are left alone.
void SyncFolder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

Status WriteFileAtomically(const std::string& path, std::span<const uint8_t> bytes) {
  std::error_code error;
  fs::path target = fs::absolute(path, error);
  mode_t mode = ModeOfNewFiles();
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode)) {
      return Error(Code::kIo, path.c_str(),
                   "found something that is no regular file, allowed a file or a new name");
    }
    mode = status.st_mode & 07777;
    target = fs::canonical(path, error);
  }
  if (error || !target.has_filename()) {
    return Error(Code::kIo, path.c_str(), "found no file name, allowed a path that can be written");
  }
  TemporaryFile file(target);
  if (!file.exists()) return Failed(path, "creating it", errno);
  if (const int code = file.Write(bytes); code != 0) return Failed(path, "writing", code);
  if (const int code = file.Finish(mode); code != 0) return Failed(path, "syncing", code);
  if (const int code = file.RenameTo(target); code != 0) return Failed(path, "renaming", code);
  SyncFolder(target.parent_path());
  return {};
}

}  // namespace stint::compiler
