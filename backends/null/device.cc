#include "backends/null/device.h"

#include <cstdlib>
#include <cstring>

#include "runtime/base/array.h"

namespace stint::null {

namespace {

class NullBuffer final : public Buffer {
 public:
  explicit NullBuffer(bool visible) : visible_(visible) {}
  ~NullBuffer() override { std::free(owned_); }

  uint64_t bytes() const override { return bytes_; }
  void* host() override { return visible_ ? address_ : nullptr; }
  std::byte* memory() { return static_cast<std::byte*>(address_); }

  Status Grow(uint64_t bytes) {
    if (bytes <= bytes_) return {};
    void* const memory = std::calloc(bytes, 1);
    if (memory == nullptr) return OutOfMemory("null buffer", bytes);
    std::free(owned_);
    owned_ = memory;
    Wrap(memory, bytes);
    return {};
  }

  void Wrap(void* address, uint64_t bytes) {
    address_ = address;
    bytes_ = bytes;
  }

 private:
  const bool visible_;
  void* owned_ = nullptr;
  void* address_ = nullptr;
  uint64_t bytes_ = 0;
};

class RecordingDevice;

class NullCommandList final : public CommandList {
 public:
  explicit NullCommandList(RecordingDevice& device) : device_(device) {}
  Status Record();
  Status Run() override;

 private:
  RecordingDevice& device_;
  uint64_t commands_ = 0;
};

class RecordingDevice final : public NullDevice {
 public:
  explicit RecordingDevice(const NullOptions& options) : options_(options) {
    info_ = {
        .name = "null",
        .description = "records commands, computes nothing",
        .threads = 0,
        .host_memory = options.host_memory,
        .operations_per_second = 1e9,
        .bytes_per_second = 1e9,
    };
  }
  Status MakeTable();

  const DeviceInfo& info() const override { return info_; }
  std::span<const Kernel> kernels() const override { return table_.span(); }
  const NullCounters& counters() const override { return counters_; }

  Result<std::unique_ptr<Buffer>> Allocate(uint64_t bytes) override {
    STINT_ASSIGN(auto buffer, Make<NullBuffer>(options_.host_memory));
    STINT_TRY(Grow(*buffer, bytes));
    return std::unique_ptr<Buffer>(std::move(buffer));
  }

  Status Grow(Buffer& buffer, uint64_t bytes) override {
    if (bytes > options_.memory_bytes) {
      return Error(Code::kLimit, "null device", "found %llu bytes, allowed %llu",
                   static_cast<unsigned long long>(bytes),
                   static_cast<unsigned long long>(options_.memory_bytes));
    }
    return static_cast<NullBuffer&>(buffer).Grow(bytes);
  }

  Result<std::unique_ptr<Buffer>> WrapHost() override {
    STINT_ASSIGN(auto buffer, Make<NullBuffer>(true));
    return std::unique_ptr<Buffer>(std::move(buffer));
  }

  void SetHost(Buffer& buffer, void* address, uint64_t bytes) override {
    static_cast<NullBuffer&>(buffer).Wrap(address, bytes);
  }

  Status Write(Buffer& to, uint64_t offset, const void* from, uint64_t bytes) override {
    std::memcpy(static_cast<NullBuffer&>(to).memory() + offset, from, bytes);
    counters_.written_bytes += bytes;
    return {};
  }

  Status Read(Buffer& from, uint64_t offset, void* to, uint64_t bytes) override {
    std::memcpy(to, static_cast<NullBuffer&>(from).memory() + offset, bytes);
    counters_.read_bytes += bytes;
    return {};
  }

  Result<std::unique_ptr<CommandList>> CreateCommandList(uint32_t) override {
    STINT_ASSIGN(auto list, Make<NullCommandList>(*this));
    return std::unique_ptr<CommandList>(std::move(list));
  }

  const NullOptions& options() const { return options_; }
  NullCounters& counts() { return counters_; }

 private:
  const NullOptions options_;
  DeviceInfo info_ = {};
  NullCounters counters_;
  Array<Kernel> table_;
};

Status Fail(const char* stage) {
  return Error(Code::kUnavailable, "null device", "found %s told to fail, allowed success", stage);
}

Status NullCommandList::Record() {
  if (device_.options().fail_record) return Fail("record");
  ++device_.counts().recorded;
  ++commands_;
  return {};
}

Status NullCommandList::Run() {
  if (device_.options().fail_run) return Fail("run");
  device_.counts().executed += commands_;
  return {};
}

const char* RejectNothing(const KernelCall&) { return nullptr; }

Work CostNothing(const KernelCall&) { return {}; }

Result<std::unique_ptr<PreparedKernel>> Prepare(Device& device, const KernelCall&) {
  auto& null = static_cast<RecordingDevice&>(device);
  if (null.options().fail_prepare) return Fail("prepare");
  ++null.counts().prepared;
  return Make<PreparedKernel>();
}

Status Record(CommandList& commands, PreparedKernel&, const KernelCall&, const DeviceTensor&) {
  return static_cast<NullCommandList&>(commands).Record();
}

Status RecordingDevice::MakeTable() {
  for (const OpInfo* op : AllOps()) {
    if (options_.only_op != NullOptions::kAll &&
        options_.only_op != static_cast<uint16_t>(op->kind)) {
      continue;
    }
    STINT_TRY(table_.Push(
        {"null", op->kind, true, true, &RejectNothing, &CostNothing, &Prepare, &Record}));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<NullDevice>> CreateNullDevice(const NullOptions& options) {
  STINT_ASSIGN(auto device, Make<RecordingDevice>(options));
  STINT_TRY(device->MakeTable());
  return std::unique_ptr<NullDevice>(std::move(device));
}

Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions&) {
  if (index != 0) {
    return Error(Code::kUnavailable, "device", "found null:%d, allowed null:0 only", index);
  }
  STINT_ASSIGN(auto device, CreateNullDevice({}));
  return std::unique_ptr<Device>(std::move(device));
}

}  // namespace stint::null
