// Opening plans: files are mapped, never read as a whole.
#include "runtime/plan/plan.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/plan/plan_reader.h"

namespace stint {

namespace {

Status CannotOpen(const char* path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Error(Code::kIo, path, "found no such file, allowed an existing plan");
    case EACCES:
    case EPERM:
      return Error(Code::kIo, path, "found no permission to read, allowed a readable file");
    default:
      return Error(Code::kIo, path, "found system error %d, allowed a readable file", error);
  }
}

const char* KindOf(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "a special file";
}

class File {
 public:
  // Never waits for the other end of a pipe, never takes a terminal.
  explicit File(const char* path)
      : descriptor_(open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// Maps a regular file; an empty one gives an empty span.
Status Map(const char* path, const Limits& limits, std::span<const uint8_t>* bytes) {
  const File file(path);
  if (file.descriptor() < 0) return CannotOpen(path, errno);
  struct stat status = {};
  if (fstat(file.descriptor(), &status) != 0) return CannotOpen(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error(Code::kIo, path, "found %s, allowed a regular file", KindOf(status.st_mode));
  }
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size > limits.file_bytes || size > PTRDIFF_MAX) {
    return Error(Code::kLimit, path, "found %llu bytes, allowed %llu",
                 static_cast<unsigned long long>(size),
                 static_cast<unsigned long long>(limits.file_bytes));
  }
  if (size == 0) return {};
  void* const address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
  if (address == MAP_FAILED) return CannotOpen(path, errno);
  *bytes = {static_cast<const uint8_t*>(address), static_cast<size_t>(size)};
  return {};
}

}  // namespace

Result<std::unique_ptr<Plan>> Plan::Open(const char* path, const Limits& limits, Verify verify) {
  STINT_ASSIGN(auto plan, Make<Plan>());
  plan->limits_ = limits;
  STINT_TRY(Map(path, limits, &plan->file_));
  plan->mapped_ = !plan->file_.empty();
  Status status = PlanReader(*plan).Read(verify);
  if (!status.ok()) return std::move(status).At(path);
  return plan;
}

Result<std::unique_ptr<Plan>> Plan::FromMemory(std::span<const uint8_t> bytes, const Limits& limits,
                                               Verify verify) {
  if (bytes.size() > limits.file_bytes) {
    return Error(Code::kLimit, "plan", "found %zu bytes, allowed %llu", bytes.size(),
                 static_cast<unsigned long long>(limits.file_bytes));
  }
  STINT_ASSIGN(auto plan, Make<Plan>());
  plan->limits_ = limits;
  plan->file_ = bytes;
  STINT_TRY(PlanReader(*plan).Read(verify));
  return plan;
}

Plan::~Plan() {
  if (mapped_) munmap(const_cast<uint8_t*>(file_.data()), file_.size());
}

void Plan::Release(uint32_t constant) const {
  if (!mapped_) return;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::span<const uint8_t> bytes = constants_[constant].bytes;
  const auto start = reinterpret_cast<uintptr_t>(bytes.data());
  const uintptr_t first = (start + page - 1) / page * page;
  const uintptr_t end = (start + bytes.size()) / page * page;
  // Small constants lie in the private metadata.
  if (bytes.size() < kSmallestBlobBytes || first >= end) return;
  madvise(const_cast<uint8_t*>(bytes.data()) + (first - start), end - first, MADV_DONTNEED);
}

uint64_t Plan::weights_bytes() const {
  uint64_t bytes = 0;
  for (const PlanConstant& constant : constants_) bytes += constant.bytes.size();
  return bytes;
}

}  // namespace stint
