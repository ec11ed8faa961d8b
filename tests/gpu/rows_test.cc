// What the rows of GPU kernels share: the shape of dispatches, joined axes, the list of kernels.
#include "backends/gpu/rows/dispatch.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "backends/gpu/kernel_table.h"
#include "backends/gpu/rows/axes.h"

namespace stint::gpu {

namespace {

TEST_CASE("workgroups are folded along two axes that every device has") {
  for (const uint64_t count : {1ull, 65535ull, 65536ull, 131071ull, 1ull << 31}) {
    uint32_t groups[3] = {};
    FoldGroups(count, groups);
    CAPTURE(count);
    CHECK(groups[0] <= 65535);
    CHECK(groups[1] <= 65535);
    CHECK(groups[2] == 1);
    const uint64_t all = uint64_t{groups[0]} * groups[1];
    CHECK(all >= count);
    CHECK(all - count < groups[1]);
  }
}

TEST_CASE("axes are joined where all tensors cross them in one step") {
  Axes axes;
  axes.Add(2, 60, 12);
  axes.Add(1, 7, 7);
  axes.Add(3, 20, 4);
  axes.Add(4, 6, 1);
  REQUIRE(axes.rank == 2);
  CHECK(axes.extents[0] == 6);
  CHECK(axes.strides[0][0] == 20);
  CHECK(axes.strides[1][0] == 4);
  CHECK(axes.extents[1] == 4);
}

TEST_CASE("axes that are broadcast are joined with each other only") {
  Axes axes;
  axes.Add(2, 0, 12);
  axes.Add(3, 0, 4);
  axes.Add(4, 1, 1);
  REQUIRE(axes.rank == 2);
  CHECK(axes.extents[0] == 6);
  CHECK(axes.strides[0][1] == 1);
}

TEST_CASE("numbers of a kernel's parameters wrap to 32 bits") {
  Words words;
  words.Add({-1, 7});
  const int64_t list[] = {3};
  words.AddList(list, 1, 4);
  CHECK(words.count == 6);
  CHECK(words.values[0] == UINT32_MAX);
  CHECK(words.values[2] == 3);
  CHECK(words.values[3] == 0);
}

TEST_CASE("every embedded kernel is a SPIR-V module with its own name") {
  constexpr uint32_t kMagic = 0x07230203;
  const auto sources = KernelSources();
  REQUIRE(!sources.empty());
  for (const KernelSource* source : sources) {
    CAPTURE(source->name);
    REQUIRE(source->spirv.size() > 5);
    CHECK(source->spirv[0] == kMagic);
    CHECK(source->bindings >= 1);
    for (const KernelSource* other : sources) {
      CHECK((other == source || std::strcmp(other->name, source->name) != 0));
    }
  }
}

TEST_CASE("every row of the table is whole") {
  REQUIRE(!KernelTable().empty());
  for (const Kernel& kernel : KernelTable()) {
    CAPTURE(kernel.name);
    CHECK(kernel.reject != nullptr);
    CHECK(kernel.cost != nullptr);
    CHECK(kernel.prepare != nullptr);
    CHECK(kernel.record != nullptr);
    CHECK(!kernel.runs_prologue);
  }
}

}  // namespace

}  // namespace stint::gpu
