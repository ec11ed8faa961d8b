#include "backends/cpu/device.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "backends/cpu/chains/choose_chains.h"
#include "backends/cpu/commands.h"
#include "backends/cpu/cpu_info.h"
#include "backends/cpu/kernel_table.h"
#include "backends/cpu/rules.h"
#include "runtime/base/checked.h"

namespace stint::cpu {

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kSlack = 64;  // Kernels may read so far past a row.

class CpuBuffer final : public Buffer {
 public:
  ~CpuBuffer() override { std::free(owned_); }

  uint64_t bytes() const override { return bytes_; }
  void* host() override { return address_; }

  bool Fits(uint64_t bytes) const { return bytes <= bytes_ && owned_ != nullptr; }

  Status Grow(uint64_t bytes) {
    if (Fits(bytes)) return {};
    if (bytes > SIZE_MAX / 2) return OutOfMemory("cpu arena", bytes);
    void* memory = std::aligned_alloc(kAlignment, AlignUp(bytes + kSlack, kAlignment));
    if (memory == nullptr) return OutOfMemory("cpu arena", bytes);
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
  void* owned_ = nullptr;
  void* address_ = nullptr;
  uint64_t bytes_ = 0;
};

Status CheckRange(const Buffer& buffer, uint64_t offset, uint64_t bytes) {
  if (offset <= buffer.bytes() && bytes <= buffer.bytes() - offset) return {};
  return Error(Code::kInvalid, "cpu buffer", "found %llu bytes at %llu, allowed %llu in all",
               static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(offset),
               static_cast<unsigned long long>(buffer.bytes()));
}

}  // namespace

Result<std::unique_ptr<Device>> CpuDevice::Create(const DeviceOptions& options) {
  STINT_ASSIGN(const Isa isa, ChooseIsa(RequestedIsa()));
  return Create(options, isa);
}

Result<std::unique_ptr<Device>> CpuDevice::Create(const DeviceOptions& options, Isa isa) {
  if (options.threads < 0 || options.threads > 256) {
    return Error(Code::kInvalid, "threads", "found %d, allowed 1 to 256", options.threads);
  }
  const int threads = options.threads > 0 ? options.threads : std::min(AllowedProcessors(), 256);
  STINT_ASSIGN(auto device, Make<CpuDevice>());
  STINT_ASSIGN(device->threads_, ThreadPool::Create(threads));
  const CpuInfo cpu = DescribeCpu(isa);
  device->near_cache_bytes_ = cpu.near_cache_bytes;
  device->micro_ = &MicroKernelsFor(isa);
  device->nhwc_ = &NhwcKernelsFor(isa);
  std::snprintf(device->description_, sizeof(device->description_), "%s, %s", cpu.model,
                cpu.isa_name);
  device->info_ = {
      .name = "cpu",
      .description = device->description_,
      .threads = threads,
      .host_memory = true,
      .timestamps = true,
      .operations_per_second = RatePerSecond(*cpu.profile, *RateOf("conv_panel_f32")),
      .bytes_per_second = cpu.profile->bytes_per_second,
      .profile = cpu.profile,
  };
  return std::unique_ptr<Device>(std::move(device));
}

std::span<const Kernel> CpuDevice::kernels() const { return KernelTable(); }

DeviceCounters CpuDevice::counters() const {
  return {
      .submissions = counters_.submissions,
      .dispatches = counters_.dispatches,
      .recorded = counters_.recorded,
      .allocations = counters_.allocations,
      .written_bytes = counters_.written_bytes,
      .read_bytes = counters_.read_bytes,
  };
}

Result<std::unique_ptr<Buffer>> CpuDevice::Allocate(uint64_t bytes, MemoryKind) {
  STINT_ASSIGN(auto buffer, Make<CpuBuffer>());
  STINT_TRY(Grow(*buffer, bytes));
  return std::unique_ptr<Buffer>(std::move(buffer));
}

Status CpuDevice::Grow(Buffer& buffer, uint64_t bytes) {
  auto& memory = static_cast<CpuBuffer&>(buffer);
  if (memory.Fits(bytes)) return {};
  ++counters_.allocations;
  return memory.Grow(bytes);
}

Result<std::unique_ptr<Buffer>> CpuDevice::Import(const void* address, uint64_t bytes) {
  STINT_ASSIGN(auto buffer, Make<CpuBuffer>());
  buffer->Wrap(const_cast<void*>(address), bytes);  // Commands only read it.
  return std::unique_ptr<Buffer>(std::move(buffer));
}

Result<std::unique_ptr<Buffer>> CpuDevice::WrapHost() {
  STINT_ASSIGN(auto buffer, Make<CpuBuffer>());
  return std::unique_ptr<Buffer>(std::move(buffer));
}

void CpuDevice::SetHost(Buffer& buffer, void* address, uint64_t bytes) {
  static_cast<CpuBuffer&>(buffer).Wrap(address, bytes);
}

Status CpuDevice::Write(Buffer& to, uint64_t offset, const void* from, uint64_t bytes) {
  STINT_TRY(CheckRange(to, offset, bytes));
  if (bytes > 0) std::memcpy(static_cast<std::byte*>(to.host()) + offset, from, bytes);
  counters_.written_bytes += bytes;
  return {};
}

Status CpuDevice::Read(Buffer& from, uint64_t offset, void* to, uint64_t bytes) {
  STINT_TRY(CheckRange(from, offset, bytes));
  if (bytes > 0) std::memcpy(to, static_cast<std::byte*>(from.host()) + offset, bytes);
  counters_.read_bytes += bytes;
  return {};
}

Result<std::unique_ptr<CommandList>> CpuDevice::CreateCommandList(
    const CommandListOptions& options) {
  STINT_ASSIGN(auto list, Make<CpuCommandList>(*threads_, counters_));
  STINT_TRY(list->Reserve(options));
  return std::unique_ptr<CommandList>(std::move(list));
}

Status CpuDevice::Fuse(std::span<const PlacedCall> calls, Array<FusedCalls>* fused,
                       std::span<const char*> reasons) {
  return FuseChains({threads_->threads(), near_cache_bytes_}, calls, fused, reasons);
}

void CpuDevice::VisitRules(RuleVisitor visit, void* user) const {
  ShowRules(*info_.profile, {threads_->threads(), near_cache_bytes_}, visit, user);
}

Result<std::unique_ptr<Device>> CreateDevice(int index, const DeviceOptions& options) {
  if (index != 0) {
    return Error(Code::kUnavailable, "device", "found cpu:%d, allowed cpu:0 only", index);
  }
  return CpuDevice::Create(options);
}

}  // namespace stint::cpu
