// Greedy placement: blocks in some order, each into the smallest gap that fits among the blocks
// already placed which live at the same time. No one order is best for every net, so a few are
// tried and the smallest arena wins.
#include "runtime/memory/planner.h"

#include <algorithm>

#include "runtime/base/array.h"
#include "runtime/base/checked.h"

namespace stint {

namespace {

// Beyond so many blocks (the smallest ones) memory is no longer shared, which bounds the time.
constexpr size_t kSharedBlocks = 16384;

enum class Order { kBytes, kArea, kTime };

uint64_t AlignedBytes(const MemoryBlock& block) { return AlignUp(block.bytes, kBlockAlignment); }

bool LiveTogether(const MemoryBlock& a, const MemoryBlock& b) {
  return a.first_use <= b.last_use && b.first_use <= a.last_use;
}

double Area(const MemoryBlock& block) {
  return static_cast<double>(block.bytes) * (block.last_use - block.first_use + 1.0);
}

void Sort(std::span<const MemoryBlock> blocks, Order order, std::span<uint32_t> indices) {
  std::sort(indices.begin(), indices.end(), [&](uint32_t i, uint32_t j) {
    const MemoryBlock& a = blocks[i];
    const MemoryBlock& b = blocks[j];
    if (order == Order::kTime && a.first_use != b.first_use) return a.first_use < b.first_use;
    if (order == Order::kArea && Area(a) != Area(b)) return Area(a) > Area(b);
    if (a.bytes != b.bytes) return a.bytes > b.bytes;
    return i < j;
  });
}

// Places blocks one after another; `placed_` is kept in order of offsets.
class Placement {
 public:
  explicit Placement(std::span<const MemoryBlock> blocks) : blocks_(blocks) {}

  Status Reserve() {
    STINT_TRY(placed_.Reserve(std::min(blocks_.size(), kSharedBlocks)));
    return offsets_.Resize(blocks_.size());
  }

  // Returns false when the arena would pass `limit`.
  bool Place(std::span<const uint32_t> order, uint64_t limit) {
    placed_.Clear();
    arena_bytes_ = 0;
    for (const uint32_t index : order) {
      const uint64_t bytes = AlignedBytes(blocks_[index]);
      const bool shared = placed_.size() < kSharedBlocks;
      const uint64_t offset = shared ? FindOffset(index, bytes) : arena_bytes_;
      uint64_t end = 0;
      if (!CheckedAdd(offset, bytes, &end) || end > limit) return false;
      offsets_[index] = offset;
      arena_bytes_ = std::max(arena_bytes_, end);
      if (shared) Insert(index);
    }
    return true;
  }

  uint64_t arena_bytes() const { return arena_bytes_; }
  uint64_t offset(size_t index) const { return offsets_[index]; }

 private:
  uint64_t FindOffset(uint32_t index, uint64_t bytes) const {
    uint64_t end = 0;  // Of the blocks passed so far that live together with this one.
    uint64_t best = UINT64_MAX;
    uint64_t best_gap = UINT64_MAX;
    for (const uint32_t other : placed_) {
      if (!LiveTogether(blocks_[index], blocks_[other])) continue;
      if (offsets_[other] > end) {
        const uint64_t gap = offsets_[other] - end;
        if (gap >= bytes && gap < best_gap) {
          best = end;
          best_gap = gap;
        }
      }
      end = std::max(end, offsets_[other] + AlignedBytes(blocks_[other]));
    }
    return best != UINT64_MAX ? best : end;
  }

  void Insert(uint32_t index) {
    (void)placed_.Push(index);  // Within the reserved capacity.
    for (size_t i = placed_.size() - 1; i > 0 && offsets_[placed_[i - 1]] > offsets_[index]; --i) {
      std::swap(placed_[i], placed_[i - 1]);
    }
  }

  std::span<const MemoryBlock> blocks_;
  Array<uint32_t> placed_;
  Array<uint64_t> offsets_;
  uint64_t arena_bytes_ = 0;
};

Status CheckBlocks(std::span<const MemoryBlock> blocks) {
  if (blocks.size() >= UINT32_MAX) {
    return Error(Code::kLimit, "memory plan", "found %zu blocks, allowed fewer than 2^32",
                 blocks.size());
  }
  for (const MemoryBlock& block : blocks) {
    if (block.first_use > block.last_use || block.bytes > UINT64_MAX - kBlockAlignment) {
      return Error(Code::kInternal, "memory plan",
                   "found a block of %llu bytes from step %u to %u, allowed ordered steps",
                   static_cast<unsigned long long>(block.bytes), block.first_use, block.last_use);
    }
  }
  return {};
}

}  // namespace

Result<uint64_t> PlanMemory(std::span<MemoryBlock> blocks, uint64_t limit_bytes) {
  STINT_TRY(CheckBlocks(blocks));
  Array<uint32_t> order;
  for (size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].offset = 0;
    if (blocks[i].bytes > 0) STINT_TRY(order.Push(static_cast<uint32_t>(i)));
  }
  Placement placement(blocks);
  STINT_TRY(placement.Reserve());
  STINT_ASSIGN(const uint64_t bound, LiveSetBytes(blocks));
  uint64_t best = UINT64_MAX;
  for (const Order kind : {Order::kBytes, Order::kArea, Order::kTime}) {
    Sort(blocks, kind, order.span());
    if (!placement.Place(order.span(), std::min(limit_bytes, best - 1))) continue;
    best = placement.arena_bytes();
    for (const uint32_t index : order) blocks[index].offset = placement.offset(index);
    if (best <= bound + kBlockAlignment) break;
  }
  if (best != UINT64_MAX) return best;
  return Error(
      Code::kLimit, "memory plan", "found tensors of %llu live bytes, allowed an arena of %llu",
      static_cast<unsigned long long>(bound), static_cast<unsigned long long>(limit_bytes));
}

Result<uint64_t> LiveSetBytes(std::span<const MemoryBlock> blocks) {
  Array<uint32_t> starts;
  Array<uint32_t> ends;
  STINT_TRY(starts.Reserve(blocks.size()));
  STINT_TRY(ends.Reserve(blocks.size()));
  for (size_t i = 0; i < blocks.size(); ++i) {
    STINT_TRY(starts.Push(static_cast<uint32_t>(i)));
    STINT_TRY(ends.Push(static_cast<uint32_t>(i)));
  }
  std::sort(starts.begin(), starts.end(),
            [&](uint32_t i, uint32_t j) { return blocks[i].first_use < blocks[j].first_use; });
  std::sort(ends.begin(), ends.end(),
            [&](uint32_t i, uint32_t j) { return blocks[i].last_use < blocks[j].last_use; });
  uint64_t live = 0;
  uint64_t largest = 0;
  size_t ended = 0;
  for (const uint32_t index : starts) {
    while (blocks[ends[ended]].last_use < blocks[index].first_use) {
      live -= blocks[ends[ended++]].bytes;
    }
    if (!CheckedAdd(live, blocks[index].bytes, &live)) return uint64_t{UINT64_MAX};
    largest = std::max(largest, live);
  }
  return largest;
}

}  // namespace stint
