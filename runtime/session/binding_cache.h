// The bindings that a session keeps, least recently used ones dropped first, bounded in number and
// bytes. A key is what a binding depends on: input shapes and the host values that extents are
// computed from.
#ifndef STINT_RUNTIME_SESSION_BINDING_CACHE_H_
#define STINT_RUNTIME_SESSION_BINDING_CACHE_H_

#include <memory>
#include <span>

#include "runtime/session/binding.h"

namespace stint {

class BindingCache {
 public:
  // What it may keep from now on: `entries`, at least 1, and their bytes.
  void SetBounds(uint32_t entries, uint64_t bytes);

  // The binding of `key`, now the most recently used; nullptr: none. Allocates nothing.
  Binding* Find(std::span<const int64_t> key);

  // Keeps `binding`, dropping others until the bounds hold; the new one always stays. After an
  // error the others are as before.
  Status Insert(std::span<const int64_t> key, std::unique_ptr<Binding> binding);

  // Drops all.
  void Clear();

 private:
  struct Entry {
    Array<int64_t> key;
    std::unique_ptr<Binding> binding;
    uint64_t bytes = 0;
    uint64_t used = 0;
  };

  void DropOldest();

  Array<Entry> entries_;
  uint32_t most_entries_ = 1;
  uint64_t most_bytes_ = 0;
  uint64_t bytes_ = 0;
  uint64_t clock_ = 0;
};

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_BINDING_CACHE_H_
