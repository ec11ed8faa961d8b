// Plans as files: what is no regular file is refused without waiting, and files are written whole
// or not at all.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/base/checked.h"
#include "tests/compiler/plan_testing.h"
#include "tools/compiler/emit/write_file.h"

namespace stint::compiler {

namespace {

namespace fs = std::filesystem;

// A folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "stint-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  std::string operator/(const char* name) const { return (path_ / name).string(); }
  size_t entries() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

Status OpenPlan(const std::string& path, const Limits& limits = {}) {
  auto plan = Plan::Open(path.c_str(), limits, Verify::kAll);
  return plan.ok() ? Status() : plan.TakeStatus();
}

void CheckRefused(const std::string& path, Code code, const char* message) {
  const Status status = OpenPlan(path);
  INFO(status.where() << ": " << status.message());
  CHECK(status.code() == code);
  CHECK(std::strstr(status.message(), message) != nullptr);
  CHECK(std::strstr(status.where(), path.substr(0, 20).c_str()) != nullptr);
}

std::string ReadAll(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::span<const uint8_t> BytesOfText(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST_CASE("A written plan opens, with its constants mapped", "[plan]") {
  const TemporaryFolder folder;
  std::vector<uint8_t> storage;
  AlignedBytes bytes = BytesOf(PlanWithBlobs(&storage));
  const std::string path = folder / "model.stint";
  REQUIRE(WriteFileAtomically(path, bytes.span()).ok());
  CHECK(folder.entries() == 1);
  auto plan = Plan::Open(path.c_str(), Limits(), Verify::kAll);
  REQUIRE(plan.ok());
  CHECK((*plan)->file_bytes() == bytes.span().size());
  CHECK(std::memcmp((*plan)->constants()[2].bytes.data(), storage.data(), kLargeBlob) == 0);
  CHECK(reinterpret_cast<uintptr_t>((*plan)->constants()[2].bytes.data()) % 4096 == 0);
}

// The plan's mapping made writable, and all its bytes inverted in this process' copies of the
// pages: what is given back is read from the file again.
std::span<uint8_t> InvertMapping(const Plan& plan) {
  const std::span<const uint8_t> mapping = plan.mapping();
  REQUIRE(!mapping.empty());
  auto* const bytes = const_cast<uint8_t*>(mapping.data());
  REQUIRE(mprotect(bytes, mapping.size(), PROT_READ | PROT_WRITE) == 0);
  for (size_t i = 0; i < mapping.size(); ++i) bytes[i] = static_cast<uint8_t>(~bytes[i]);
  return {bytes, mapping.size()};
}

TEST_CASE("Releasing a constant gives back the pages that are its own, and nothing else",
          "[plan]") {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const TemporaryFolder folder;
  std::vector<uint8_t> storage;
  PlanDescription description = PlanWithBlobs(&storage);
  const size_t size = kLargeBlob - 100;  // The last page is not full.
  description.constants[2].bytes = description.constants[2].bytes.first(size);
  description.functions[0].values.back().extents = {static_cast<int64_t>(size)};
  const std::string path = folder / "model.stint";
  AlignedBytes file = BytesOf(description);
  REQUIRE(WriteFileAtomically(path, file.span()).ok());
  auto plan = Plan::Open(path.c_str(), Limits(), Verify::kAll);
  REQUIRE(plan.ok());
  const std::span<uint8_t> mapping = InvertMapping(**plan);
  (*plan)->Release(0);  // In the private metadata.
  (*plan)->Release(1);  // Smaller than a page.
  (*plan)->Release(2);
  const auto begin = static_cast<size_t>((*plan)->constants()[2].bytes.data() - mapping.data());
  const size_t first = AlignUp(begin, page);
  const size_t end = (begin + size) / page * page;
  REQUIRE(first < end);
  size_t wrong = 0;
  for (size_t i = 0; i < mapping.size(); ++i) {
    const bool given_back = i >= first && i < end;
    const uint8_t byte = file.span()[i];
    wrong += mapping[i] == (given_back ? byte : static_cast<uint8_t>(~byte)) ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("Releasing a constant of a plan in the caller's memory changes nothing", "[plan]") {
  std::vector<uint8_t> storage;
  AlignedBytes bytes = BytesOf(PlanWithBlobs(&storage));
  auto plan = Plan::FromMemory(bytes.span(), Limits(), Verify::kAll);
  REQUIRE(plan.ok());
  (*plan)->Release(2);
  CHECK(std::memcmp((*plan)->constants()[2].bytes.data(), storage.data(), kLargeBlob) == 0);
}

TEST_CASE("What is no regular file is an I/O error", "[plan]") {
  const TemporaryFolder folder;
  CheckRefused(folder / "missing.stint", Code::kIo, "no such file");
  CheckRefused(folder / "", Code::kIo, "a directory");
  CheckRefused("/dev/zero", Code::kIo, "a device");
  CheckRefused("/dev/null", Code::kIo, "a device");
  const std::string pipe = folder / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CheckRefused(pipe, Code::kIo, "a pipe");
}

TEST_CASE("Regular files that are no plans are refused by content", "[plan]") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  REQUIRE(WriteFileAtomically(path, {}).ok());
  CheckRefused(path, Code::kInvalid, "empty file");
  REQUIRE(WriteFileAtomically(path, BytesOfText("hello\n")).ok());
  CheckRefused(path, Code::kInvalid, "starts with 'hello");
}

TEST_CASE("A file beyond the limit is not mapped", "[plan]") {
  const TemporaryFolder folder;
  const std::string path = folder / "sparse";
  REQUIRE(WriteFileAtomically(path, BytesOfText("STNT")).ok());
  REQUIRE(truncate(path.c_str(), off_t{1} << 40) == 0);
  CHECK(OpenPlan(path).code() == Code::kLimit);
}

TEST_CASE("Writing replaces a file as a whole and keeps its mode", "[files]") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  REQUIRE(WriteFileAtomically(path, BytesOfText("first, and longer")).ok());
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  REQUIRE(WriteFileAtomically(path, BytesOfText("second")).ok());
  CHECK(ReadAll(path) == "second");
  CHECK((fs::status(path).permissions() & fs::perms::all) == fs::perms(0640));
  CHECK(folder.entries() == 1);
}

TEST_CASE("Writing through a symbolic link replaces its target", "[files]") {
  const TemporaryFolder folder;
  REQUIRE(WriteFileAtomically(folder / "target", BytesOfText("old")).ok());
  fs::create_symlink("target", folder / "link");
  REQUIRE(WriteFileAtomically(folder / "link", BytesOfText("new")).ok());
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(ReadAll(folder / "target") == "new");
}

TEST_CASE("What cannot be written is an I/O error and leaves nothing", "[files]") {
  const TemporaryFolder folder;
  CHECK(WriteFileAtomically(folder / "missing/file", BytesOfText("x")).code() == Code::kIo);
  CHECK(WriteFileAtomically(folder / "", BytesOfText("x")).code() == Code::kIo);
  CHECK(WriteFileAtomically("/dev/null", BytesOfText("x")).code() == Code::kIo);
  CHECK(WriteFileAtomically("", BytesOfText("x")).code() == Code::kIo);
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(folder.entries() == 0);
}

}  // namespace

}  // namespace stint::compiler
