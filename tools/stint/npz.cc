#include "tools/stint/npz.h"

#include <zip.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "tools/stint/files.h"
#include "tools/stint/npy.h"

namespace stint::cli {

namespace {

constexpr std::string_view kSuffix = ".npy";
constexpr zip_int64_t kMaxMembers = 65536;
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};

// Reads until `bytes` are full or the member ends; how many were read.
Result<size_t> ReadUpTo(zip_file_t* member, std::span<uint8_t> bytes, const std::string& where) {
  size_t used = 0;
  while (used < bytes.size()) {
    const zip_int64_t got = zip_fread(member, bytes.data() + used, bytes.size() - used);
    if (got < 0) {
      return Error(Code::kInvalid, where.c_str(), "found damage (%s), allowed a whole member",
                   zip_file_strerror(member));
    }
    if (got == 0) break;
    used += static_cast<size_t>(got);
  }
  return used;
}

// Grows by what was read, never to what the archive merely claims; one byte behind what its header
// says is the last.
Result<std::vector<uint8_t>> ReadMember(zip_file_t* member, const std::string& where) {
  std::vector<uint8_t> bytes(kMaxNpyHeaderBytes);
  STINT_ASSIGN(size_t used, ReadUpTo(member, bytes, where));
  STINT_ASSIGN(const uint64_t whole, NpyFileBytes(where, {bytes.data(), used}));
  while (used == bytes.size() && used <= whole) {
    bytes.resize(std::min<uint64_t>(used * 2, whole + 1));
    STINT_ASSIGN(const size_t more, ReadUpTo(member, std::span(bytes).subspan(used), where));
    used += more;
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace

void NpzFile::Close::operator()(zip* archive) const { zip_discard(archive); }

Result<NpzFile> NpzFile::Open(const std::string& path) {
  STINT_TRY(CheckRegularFile(path));
  int code = 0;
  NpzFile file;
  file.path_ = path;
  file.archive_.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (file.archive_ == nullptr) {
    return Error(Code::kInvalid, path.c_str(),
                 "found no zip archive (libzip error %d), allowed one that numpy.savez wrote",
                 code);
  }
  const zip_int64_t count = zip_get_num_entries(file.archive_.get(), 0);
  if (count > kMaxMembers) {
    return Error(Code::kLimit, path.c_str(), "found %lld members, allowed %lld",
                 static_cast<long long>(count), static_cast<long long>(kMaxMembers));
  }
  std::set<std::string> seen;
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name =
        zip_get_name(file.archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    std::string member = name != nullptr ? name : "";
    if (!member.ends_with(kSuffix)) continue;
    member.resize(member.size() - kSuffix.size());
    if (!seen.insert(member).second) {
      return Error(Code::kInvalid, path.c_str(), "found two members '%s', allowed one",
                   member.c_str());
    }
    file.members_.push_back(std::move(member));
  }
  return file;
}

bool NpzFile::Has(const std::string& member) const {
  return std::find(members_.begin(), members_.end(), member) != members_.end();
}

Result<HostTensor> NpzFile::Read(const std::string& member) const {
  const std::string where = path_ + "[" + member + "]";
  const std::string name = member + std::string(kSuffix);
  const zip_int64_t index = zip_name_locate(archive_.get(), name.c_str(), ZIP_FL_ENC_RAW);
  const std::unique_ptr<zip_file_t, CloseMember> opened(
      index < 0 ? nullptr : zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(index), 0));
  if (opened == nullptr) {
    return Error(Code::kInvalid, where.c_str(),
                 "found a member that cannot be read (%s), allowed "
                 "stored and deflated ones",
                 zip_strerror(archive_.get()));
  }
  STINT_ASSIGN(const std::vector<uint8_t> bytes, ReadMember(opened.get(), where));
  return DecodeNpy(where, bytes);
}

}  // namespace stint::cli
