#include "tools/stint/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

namespace stint::cli {

namespace {

Status SystemError(const std::string& path, const char* allowed) {
  return Error(Code::kIo, path.c_str(), "found '%s', allowed %s", std::strerror(errno), allowed);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  int number() const { return number_; }
  // Closes now; false when the system reports a late write error.
  bool Close() { return close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

const char* KindName(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  if (S_ISFIFO(mode)) return "a pipe";
  return "a special file";
}

// O_NONBLOCK: opening a pipe must not wait for its writer.
Result<Descriptor> OpenRegular(const std::string& path, uint64_t* size) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.number() < 0) return SystemError(path, "a readable file");
  struct stat facts = {};
  if (fstat(file.number(), &facts) != 0) return SystemError(path, "a readable file");
  if (!S_ISREG(facts.st_mode)) {
    return Error(Code::kIo, path.c_str(), "found %s, allowed a regular file",
                 KindName(facts.st_mode));
  }
  *size = static_cast<uint64_t>(facts.st_size);
  return file;
}

// Reads until `count` bytes or the end of the file; -1 on an error.
int64_t ReadUpTo(int file, uint8_t* out, uint64_t count) {
  uint64_t done = 0;
  while (done < count) {
    const ssize_t got = read(file, out + done, std::min<uint64_t>(count - done, 1 << 30));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<uint64_t>(got);
  }
  return static_cast<int64_t>(done);
}

bool WriteAll(int file, std::span<const uint8_t> bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put =
        write(file, bytes.data() + done, std::min<size_t>(bytes.size() - done, 1 << 30));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    done += static_cast<size_t>(put);
  }
  return true;
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The file behind links, so that a rename replaces the file and not the link.
std::string FollowLinks(const std::string& path) {
  char resolved[PATH_MAX];
  return realpath(path.c_str(), resolved) != nullptr ? resolved : path;
}

// Where a new file comes to lie: one text for all spellings of its folder.
std::string NewPath(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return FollowLinks(ParentOf(path)) + "/" +
         (slash == std::string::npos ? path : path.substr(slash + 1));
}

// A temporary name in the target's folder that nobody else uses, and the new empty file.
Result<Descriptor> CreateTemporary(const std::string& target, std::string* name) {
  const std::string stem = ParentOf(target) + "/.stint-" + std::to_string(getpid()) + "-";
  for (int i = 0; i < 100000; ++i) {
    *name = stem + std::to_string(i) + ".tmp";
    const int number = open(name->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (number >= 0) return Descriptor(number);
    if (errno != EEXIST) break;
  }
  return SystemError(target, "a folder that can be written");
}

// While transactions are open a signal that would end the program is only noted.
volatile std::sig_atomic_t noted_signal = 0;
void NoteSignal(int number) { noted_signal = number; }
constexpr int kHeldSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr size_t kHeldSignalCount = std::size(kHeldSignals);
struct sigaction previous_actions[kHeldSignalCount];

void HoldSignals() {
  struct sigaction note = {};
  note.sa_handler = NoteSignal;
  for (size_t i = 0; i < kHeldSignalCount; ++i) {
    sigaction(kHeldSignals[i], nullptr, &previous_actions[i]);
    if (previous_actions[i].sa_handler != SIG_IGN) sigaction(kHeldSignals[i], &note, nullptr);
  }
}

void ReleaseSignals() {
  for (size_t i = 0; i < kHeldSignalCount; ++i) {
    sigaction(kHeldSignals[i], &previous_actions[i], nullptr);
  }
  if (noted_signal != 0) std::raise(noted_signal);
}

}  // namespace

Result<FileBytes> ReadFile(const std::string& path, uint64_t limit) {
  FileBytes file;
  uint64_t size = 0;
  STINT_ASSIGN(const Descriptor descriptor, OpenRegular(path, &size));
  if (size > limit) {
    return Error(Code::kLimit, path.c_str(), "found %llu bytes, allowed %llu",
                 static_cast<unsigned long long>(size), static_cast<unsigned long long>(limit));
  }
  STINT_ASSIGN(file.data, AllocateAligned(path, size));
  const int64_t got = ReadUpTo(descriptor.number(), file.data.get(), size);
  if (got < 0) return SystemError(path, "a readable file");
  file.size = static_cast<size_t>(got);
  return file;
}

Result<std::string> ReadStart(const std::string& path, size_t count) {
  uint64_t size = 0;
  STINT_ASSIGN(const Descriptor descriptor, OpenRegular(path, &size));
  std::string start(std::min<uint64_t>(count, size), '\0');
  const int64_t got =
      ReadUpTo(descriptor.number(), reinterpret_cast<uint8_t*>(start.data()), start.size());
  if (got < 0) return SystemError(path, "a readable file");
  start.resize(static_cast<size_t>(got));
  return start;
}

Status CheckRegularFile(const std::string& path) {
  uint64_t size = 0;
  return OpenRegular(path, &size).TakeStatus();
}

std::string ExtensionOf(const std::string& path) {
  const size_t dot = path.find_last_of('.');
  if (dot == std::string::npos || path.find('/', dot) != std::string::npos) return {};
  std::string extension = path.substr(dot);
  for (char& letter : extension) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return extension;
}

FileTransaction::FileTransaction() { HoldSignals(); }

FileTransaction::~FileTransaction() {
  if (!committed_) {
    for (const Staged& file : staged_) {
      unlink(file.temporary.c_str());
      if (file.renamed && file.is_new) unlink(file.target.c_str());
    }
    for (size_t i = folders_.size(); i > 0; --i) rmdir(folders_[i - 1].c_str());
  }
  ReleaseSignals();
}

Status FileTransaction::CreateFolder(const std::string& path) {
  for (size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string prefix = path.substr(0, end);
    if (mkdir(prefix.c_str(), 0777) == 0) {
      folders_.push_back(prefix);
    } else if (errno != EEXIST && errno != EISDIR) {
      return SystemError(prefix, "a folder that can be created");
    }
  }
  struct stat facts = {};
  if (stat(path.c_str(), &facts) != 0) return SystemError(path, "a folder");
  if (S_ISDIR(facts.st_mode)) return {};
  return Error(Code::kIo, path.c_str(), "found no folder, allowed a folder or a new name");
}

Status FileTransaction::Stage(const std::string& path, std::span<const uint8_t> bytes) {
  struct stat facts = {};
  const bool exists = stat(path.c_str(), &facts) == 0;
  if (!exists && errno != ENOENT) return SystemError(path, "a path that can be written");
  if (exists && S_ISDIR(facts.st_mode)) {
    return Error(Code::kIo, path.c_str(), "found a directory, allowed a file or a new name");
  }
  if (exists && !S_ISREG(facts.st_mode)) {
    direct_.push_back({path, {bytes.begin(), bytes.end()}});
    return {};
  }
  Staged file;
  file.target = exists ? FollowLinks(path) : NewPath(path);
  file.is_new = !exists;
  for (const Staged& other : staged_) {
    if (other.target != file.target) continue;
    return Error(Code::kInvalid, path.c_str(), "found two results for this file, allowed one");
  }
  STINT_ASSIGN(Descriptor descriptor, CreateTemporary(file.target, &file.temporary));
  staged_.push_back(file);
  if (exists && fchmod(descriptor.number(), facts.st_mode & 07777) != 0) {
    return SystemError(path, "a file whose mode can be kept");
  }
  if (!WriteAll(descriptor.number(), bytes) || fsync(descriptor.number()) != 0 ||
      !descriptor.Close()) {
    return SystemError(path, "room for the whole file");
  }
  return {};
}

Status FileTransaction::Stage(const std::string& path, const std::string& text) {
  return Stage(path, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

Status FileTransaction::Commit() {
  for (const Direct& file : direct_) {
    Descriptor descriptor(open(file.target.c_str(), O_WRONLY | O_CLOEXEC));
    if (descriptor.number() < 0 || !WriteAll(descriptor.number(), file.bytes) ||
        !descriptor.Close()) {
      return SystemError(file.target, "room for the whole file");
    }
  }
  for (Staged& file : staged_) {
    if (std::rename(file.temporary.c_str(), file.target.c_str()) != 0) {
      return SystemError(file.target, "a path that can be replaced");
    }
    file.renamed = true;
  }
  committed_ = true;
  return {};
}

}  // namespace stint::cli
