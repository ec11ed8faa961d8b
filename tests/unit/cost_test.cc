// Predictions: profiles and rates are usable numbers, time is that of computing or moving, and
// Winograd is chosen where its weights are worth their bytes.
#include <catch2/catch.hpp>

#include <set>
#include <string>

#include "runtime/cost/winograd.h"

namespace stint::testing {

namespace {

const CostProfile& ProfileOf(const char* name) {
  const CostProfile* const profile = FindCostProfile(name);
  REQUIRE(profile != nullptr);
  return *profile;
}

int Chosen(const char* profile, int64_t side, int64_t channels, int64_t out_channels) {
  return ChooseWinograd(ProfileOf(profile), {side, side, channels, out_channels});
}

ConvAttributes PlainConv() {
  ConvAttributes attributes;
  for (int axis = 0; axis < 2; ++axis) {
    attributes.strides.Push(1);
    attributes.dilations.Push(1);
  }
  return attributes;
}

TEST_CASE("Profiles have names of their own and positive numbers; generic is first", "[cost]") {
  CHECK(std::string(CostProfiles()[0].name) == "generic");
  std::set<std::string> names;
  for (const CostProfile& profile : CostProfiles()) {
    INFO(profile.name);
    CHECK(names.insert(profile.name).second);
    CHECK(FindCostProfile(profile.name) == &profile);
    CHECK(profile.vector_bytes >= 16);
    CHECK(profile.first_cache_bytes < profile.second_cache_bytes);
    CHECK((profile.scale > 0 && profile.bytes_per_second > 0 && profile.op_seconds > 0));
    for (const KernelRate& rate : kKernelRates) CHECK(RatePerSecond(profile, rate) > 0);
  }
  CHECK(FindCostProfile("z80") == nullptr);
}

TEST_CASE("Time is that of computing or of moving, and of the command", "[cost]") {
  const CostProfile profile = {"p", "", 16, 1, 2, RateColumn::kAvx512, 0.5, 1e9, 1e-3};
  const KernelRate rate = {"row", {1, 4}};
  CHECK(PredictSeconds(profile, rate, {4e9, 1}) == Approx(2.001));
  CHECK(PredictSeconds(profile, rate, {4e9, 3e9}) == Approx(3.001));
}

TEST_CASE("Winograd's products and numbers are those of whole tiles", "[cost]") {
  const WinogradCall call = {14, 7, 20, 33};
  CHECK(WinogradProducts(call, 1) == 9 * 14 * 7 * 20 * 48);
  CHECK(WinogradProducts(call, 2) == 7 * 4 * 16 * 20 * 48);
  CHECK(WinogradProducts(call, 4) == 4 * 2 * 36 * 20 * 48);
  CHECK(WinogradNumbers(call, 4) == 4 * 2 * 36 * (20 + 33));
}

TEST_CASE("Winograd is chosen where its weights are worth their bytes", "[cost]") {
  for (const char* profile : {"generic", "a53", "a76", "x86-64-v3", "x86-64-v4"}) {
    INFO(profile);
    CHECK(Chosen(profile, 56, 64, 64) == 4);
    CHECK(Chosen(profile, 28, 128, 128) == 4);
    CHECK(Chosen(profile, 14, 256, 256) == 2);
    CHECK(Chosen(profile, 13, 48, 192) == 2);
    CHECK(Chosen(profile, 7, 512, 512) == 0);
    CHECK(Chosen(profile, 1, 64, 64) == 0);
  }
  // Fast memory makes larger weights worth it.
  CHECK(Chosen("m1", 7, 512, 512) == 2);
}

TEST_CASE("Winograd is for forward 3x3 convolutions of stride 1 and enough channels", "[cost]") {
  const int64_t extents[] = {64, 32, 3, 3};
  CHECK(CanBeWinograd(PlainConv(), 4, extents));
  ConvAttributes attributes = PlainConv();
  attributes.strides[1] = 2;
  CHECK(!CanBeWinograd(attributes, 4, extents));
  attributes = PlainConv();
  attributes.dilations[0] = 2;
  CHECK(!CanBeWinograd(attributes, 4, extents));
  attributes = PlainConv();
  attributes.group = 2;
  CHECK(!CanBeWinograd(attributes, 4, extents));
  attributes = PlainConv();
  attributes.transposed = 1;
  CHECK(!CanBeWinograd(attributes, 4, extents));
  CHECK(!CanBeWinograd(PlainConv(), 3, extents));
  const int64_t few[] = {64, 15, 3, 3};
  CHECK(!CanBeWinograd(PlainConv(), 4, few));
  const int64_t wide[] = {64, 32, 3, 5};
  CHECK(!CanBeWinograd(PlainConv(), 4, wide));
}

}  // namespace

}  // namespace stint::testing
