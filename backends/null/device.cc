#include "backends/null/device.h"

#include "backends/null/buffer.h"
#include "backends/null/commands.h"
#include "backends/null/kernel_table.h"

namespace stint::null {

namespace {

DeviceInfo InfoOf(const NullOptions& options) {
  DeviceInfo info;
  info.name = "null";
  info.description = "records commands, computes nothing";
  info.host_memory = options.host_memory;
  info.timestamps = true;
  info.features = kFeatureStorage16 | kFeatureStorage8;
  info.operations_per_second = 1e9;
  info.bytes_per_second = 1e9;
  return info;
}

}  // namespace

Result<std::unique_ptr<NullDevice>> NullDevice::Create(const NullOptions& options) {
  return Make<NullDevice>(options);
}

NullDevice::NullDevice(const NullOptions& options)
    : options_(options), info_(InfoOf(options)), failures_(options.failure) {}

DeviceCounters NullDevice::counters() const {
  return {
      .submissions = counts_.submissions,
      .dispatches = counts_.dispatches,
      .recorded = counts_.recorded,
      .allocations = counts_.allocations,
      .written_bytes = counts_.written_bytes,
      .read_bytes = counts_.read_bytes,
  };
}

std::span<const Kernel> NullDevice::kernels() const { return KernelTable(options_.only_op); }

Result<std::unique_ptr<Buffer>> NullDevice::Allocate(uint64_t bytes, MemoryKind kind) {
  STINT_TRY(Enter(HalCall::kAllocate));
  const bool visible = options_.host_memory || kind == MemoryKind::kShared;
  STINT_ASSIGN(auto buffer, Make<NullBuffer>(visible));
  STINT_TRY(GrowCounted(*buffer, bytes));
  return std::unique_ptr<Buffer>(std::move(buffer));
}

Status NullDevice::Grow(Buffer& buffer, uint64_t bytes) {
  STINT_TRY(Enter(HalCall::kGrow));
  return GrowCounted(buffer, bytes);
}

Result<std::unique_ptr<Buffer>> NullDevice::Import(const void* address, uint64_t bytes) {
  STINT_TRY(Enter(HalCall::kImport));
  if (!options_.host_memory) {
    return Error(Code::kUnsupported, "null device", "found host memory, allowed its own only");
  }
  STINT_ASSIGN(auto buffer, Make<NullBuffer>(true));
  buffer->Wrap(const_cast<void*>(address), bytes);  // Commands only read it.
  return std::unique_ptr<Buffer>(std::move(buffer));
}

Result<std::unique_ptr<Buffer>> NullDevice::WrapHost() {
  STINT_TRY(Enter(HalCall::kWrapHost));
  if (!options_.host_memory) {
    return Error(Code::kUnsupported, "null device", "found host memory, allowed its own only");
  }
  STINT_ASSIGN(auto buffer, Make<NullBuffer>(true));
  return std::unique_ptr<Buffer>(std::move(buffer));
}

void NullDevice::SetHost(Buffer& buffer, void* address, uint64_t bytes) {
  static_cast<NullBuffer&>(buffer).Wrap(address, bytes);
}

Status NullDevice::Write(Buffer& to, uint64_t offset, const void* from, uint64_t bytes) {
  STINT_TRY(Enter(HalCall::kWrite));
  STINT_TRY(static_cast<NullBuffer&>(to).Write(offset, from, bytes));
  counts_.written_bytes += bytes;
  return {};
}

Status NullDevice::Read(Buffer& from, uint64_t offset, void* to, uint64_t bytes) {
  STINT_TRY(Enter(HalCall::kRead));
  STINT_TRY(static_cast<NullBuffer&>(from).Read(offset, to, bytes));
  counts_.read_bytes += bytes;
  return {};
}

Result<std::unique_ptr<CommandList>> NullDevice::CreateCommandList(
    const CommandListOptions& options) {
  STINT_TRY(Enter(HalCall::kCreateCommandList));
  STINT_ASSIGN(auto list, Make<NullCommandList>(*this, options));
  return std::unique_ptr<CommandList>(std::move(list));
}

Status NullDevice::CheckMemory(uint64_t bytes) const {
  if (bytes <= options_.memory_bytes) return {};
  return Error(Code::kLimit, "null device", "found %llu bytes, allowed %llu",
               static_cast<unsigned long long>(bytes),
               static_cast<unsigned long long>(options_.memory_bytes));
}

Status NullDevice::GrowCounted(Buffer& buffer, uint64_t bytes) {
  if (bytes <= buffer.bytes()) return {};
  STINT_TRY(CheckMemory(bytes));
  STINT_TRY(static_cast<NullBuffer&>(buffer).Grow(bytes));
  ++counts_.allocations;
  return {};
}

Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions&) {
  if (index != 0) {
    return Error(Code::kUnavailable, "device", "found null:%d, allowed null:0 only", index);
  }
  STINT_ASSIGN(auto device, NullDevice::Create({}));
  return std::unique_ptr<Device>(std::move(device));
}

}  // namespace stint::null
