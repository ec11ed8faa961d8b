#include "runtime/session/constant_store.h"

#include <unistd.h>

#include "runtime/base/checked.h"

namespace stint {

namespace {

constexpr uint64_t kAlignment = 64;

uint64_t PageBytes() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)); }

std::span<const uint8_t> DenseBytes(const Plan& plan, const UnpackedConstants& unpacked,
                                    size_t constant) {
  const PlanConstant& stored = plan.constants()[constant];
  return stored.layout == Layout::kDense ? stored.bytes : unpacked[constant];
}

}  // namespace

// Constants that lie in the mapping are used there. A device that cannot import it says so, and
// they are uploaded instead.
void ConstantStore::Import(Device& device, const Plan& plan) {
  const std::span<const uint8_t> mapping = plan.mapping();
  if (mapping.empty()) return;
  auto imported = device.Import(mapping.data(), AlignUp(mapping.size(), PageBytes()));
  if (!imported.ok() || !buffers_.Push(std::move(*imported)).ok()) return;
  Buffer* const buffer = buffers_.back().get();
  for (size_t i = 0; i < places_.size(); ++i) {
    const PlanConstant& constant = plan.constants()[i];
    const uint8_t* const address = constant.bytes.data();
    if (constant.layout != Layout::kDense) continue;
    if (address < mapping.data() || address >= mapping.data() + mapping.size()) continue;
    places_[i] = {buffer, static_cast<uint64_t>(address - mapping.data())};
  }
}

Status ConstantStore::Bring(Device& device, const Plan& plan, const UnpackedConstants& unpacked,
                            std::span<const uint8_t> wanted) {
  if (places_.size() != wanted.size()) {
    STINT_TRY(places_.Resize(wanted.size()));
    Import(device, plan);
  }
  const auto missing = [&](size_t i) { return wanted[i] != 0 && places_[i].buffer == nullptr; };
  Array<uint64_t> offsets;
  STINT_TRY(offsets.Resize(wanted.size()));
  uint64_t bytes = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!missing(i)) continue;
    offsets[i] = bytes;
    bytes = AlignUp(bytes + DenseBytes(plan, unpacked, i).size(), kAlignment);
  }
  if (bytes == 0) return {};
  STINT_TRY(buffers_.Reserve(buffers_.size() + 1));
  STINT_ASSIGN(auto buffer, device.Allocate(bytes, MemoryKind::kDevice));
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!missing(i)) continue;
    const std::span<const uint8_t> content = DenseBytes(plan, unpacked, i);
    STINT_TRY(device.Write(*buffer, offsets[i], content.data(), content.size()));
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (missing(i)) places_[i] = {buffer.get(), offsets[i]};
  }
  return buffers_.Push(std::move(buffer));
}

}  // namespace stint
