// Small plans as bytes, for tests that see the runtime as an app does.
#ifndef STINT_TESTS_API_PLANS_H_
#define STINT_TESTS_API_PLANS_H_

#include <cstdint>
#include <vector>

namespace stint::testing {

// out0 = -(v0 . [[1, 2], [3, 4]]), v0 float32 [s0, 2]; property author = "a test".
const std::vector<uint8_t>& ProductPlan();
// out0 = v0 + v1, out1 = -out0; all float32 [2].
const std::vector<uint8_t>& AccumulatorPlan();
// out0 = -v0, float32 [1, 3, s0, s1].
const std::vector<uint8_t>& PixelsPlan();
// out0 = the first v1[0] elements of v0, float32 [4]; v1 int64 [1].
const std::vector<uint8_t>& PrefixPlan();
// out0 = the first 2 elements of -v0, float32 [64].
const std::vector<uint8_t>& PartPlan();
// out0, float32 [4], of which an op writes the first 0 elements, from v0, float32 [4].
const std::vector<uint8_t>& HollowPlan();
// out0 = v0 + v1 with v1 = 10 where it is left out, and out1 = v0 itself; float32 [2].
const std::vector<uint8_t>& DefaultPlan();
// out0 = the largest in windows of 5 x 5 of v0, as two pools of 3 x 3 behind each other; float32
// [1, 64, 64, 64], channels last.
const std::vector<uint8_t>& TwoPoolsPlan();
// out0 = v0, float32 [2], with two golden pairs, whose tensors are all the same 8 bytes, stored
// once.
const std::vector<uint8_t>& GoldenPlan();

}  // namespace stint::testing

#endif  // STINT_TESTS_API_PLANS_H_
