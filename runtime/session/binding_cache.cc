#include "runtime/session/binding_cache.h"

#include <algorithm>

namespace stint {

void BindingCache::SetBounds(uint32_t entries, uint64_t bytes) {
  most_entries_ = std::max<uint32_t>(entries, 1);
  most_bytes_ = bytes;
}

Binding* BindingCache::Find(std::span<const int64_t> key) {
  for (Entry& entry : entries_) {
    if (!std::equal(key.begin(), key.end(), entry.key.begin(), entry.key.end())) continue;
    entry.used = ++clock_;
    return entry.binding.get();
  }
  return nullptr;
}

void BindingCache::DropOldest() {
  Entry* oldest = entries_.begin();
  for (Entry& entry : entries_) {
    if (entry.used < oldest->used) oldest = &entry;
  }
  bytes_ -= oldest->bytes;
  std::swap(*oldest, entries_.back());
  (void)entries_.Resize(entries_.size() - 1);  // Shrinking never fails.
}

void BindingCache::Clear() {
  entries_.Clear();
  bytes_ = 0;
}

Status BindingCache::Insert(std::span<const int64_t> key, std::unique_ptr<Binding> binding) {
  Entry entry;
  STINT_TRY(entry.key.Resize(key.size()));
  std::copy(key.begin(), key.end(), entry.key.begin());
  entry.bytes = binding->HeldBytes();
  entry.used = ++clock_;
  entry.binding = std::move(binding);
  STINT_TRY(entries_.Reserve(std::min<size_t>(entries_.size() + 1, most_entries_)));
  while (!entries_.empty() &&
         (entries_.size() >= most_entries_ || bytes_ + entry.bytes > most_bytes_)) {
    DropOldest();
  }
  bytes_ += entry.bytes;
  return entries_.Push(std::move(entry));
}

}  // namespace stint
