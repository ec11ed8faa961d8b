#include "runtime/session/constant_store.h"

#include <unistd.h>

#include "runtime/base/checked.h"

namespace stint {

namespace {

constexpr uint64_t kAlignment = 64;

uint64_t PageBytes() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)); }

// The constants that are wanted and not there, placed one behind the other; returns their bytes.
uint64_t PlaceMissing(const Plan& plan, std::span<const uint8_t> wanted,
                      std::span<const ConstantStore::Place> places, std::span<uint64_t> offsets) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0 || places[i].buffer != nullptr) continue;
    offsets[i] = bytes;
    bytes = AlignUp(bytes + plan.constants()[i].bytes.size(), kAlignment);
  }
  return bytes;
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
    const std::span<const uint8_t> bytes = plan.constants()[i].bytes;
    if (bytes.data() < mapping.data() || bytes.data() >= mapping.data() + mapping.size()) continue;
    places_[i] = {buffer, static_cast<uint64_t>(bytes.data() - mapping.data())};
  }
}

Status ConstantStore::Bring(Device& device, const Plan& plan, std::span<const uint8_t> wanted) {
  if (places_.size() != wanted.size()) {
    STINT_TRY(places_.Resize(wanted.size()));
    Import(device, plan);
  }
  Array<uint64_t> offsets;
  STINT_TRY(offsets.Resize(wanted.size()));
  const uint64_t bytes = PlaceMissing(plan, wanted, places_.span(), offsets.span());
  if (bytes == 0) return {};
  STINT_TRY(buffers_.Reserve(buffers_.size() + 1));
  STINT_ASSIGN(auto buffer, device.Allocate(bytes, MemoryKind::kDevice));
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0 || places_[i].buffer != nullptr) continue;
    const std::span<const uint8_t> content = plan.constants()[i].bytes;
    STINT_TRY(device.Write(*buffer, offsets[i], content.data(), content.size()));
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != 0 && places_[i].buffer == nullptr) places_[i] = {buffer.get(), offsets[i]};
  }
  return buffers_.Push(std::move(buffer));
}

}  // namespace stint
