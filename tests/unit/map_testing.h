// Programs and data for the tests of Map.
#ifndef STINT_TESTS_UNIT_MAP_TESTING_H_
#define STINT_TESTS_UNIT_MAP_TESTING_H_

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "runtime/ops/map/run_map.h"
#include "runtime/ops/map/run_map_tiles.h"

namespace stint::testing {

// ld 0, ld 1, add, st.
inline MapProgram Sum() {
  MapProgram program;
  program.instruction_count = 4;
  program.input_count = 2;
  program.output_count = 1;
  program.inputs[0] = program.inputs[1] = program.outputs[0] = DType::kFloat32;
  program.instructions[0] = {MapOpcode::kLoad, MapType::kF32, 0, 0};
  program.instructions[1] = {MapOpcode::kLoad, MapType::kF32, 1, 1};
  program.instructions[2] = {MapOpcode::kAdd, MapType::kF32, 2, 0, 1};
  program.instructions[3] = {MapOpcode::kStore, MapType::kF32, 0, 2};
  return program;
}

inline DType DTypeOf(MapType type) {
  constexpr DType kDtypes[] = {DType::kFloat32, DType::kFloat64, DType::kInt32, DType::kInt64,
                               DType::kUInt32,  DType::kUInt64,  DType::kBool};
  return kDtypes[static_cast<int>(type)];
}

// Bytes of `count` elements: special values, small numbers and any bits at all.
inline std::vector<uint8_t> RandomElements(DType dtype, int64_t count, std::mt19937_64& random) {
  const auto bytes = static_cast<size_t>(BytesOf(dtype));
  std::vector<uint8_t> data(static_cast<size_t>(count) * bytes);
  const double specials[] = {0.0,  -0.0,  1,     -1,     0.5,   2.5,      -2,        3e9,
                             1e19, -1e19, 1e300, 5e-324, 1e-40, HUGE_VAL, -HUGE_VAL, NAN};
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bits = random() >> (random() % 64);
    if (random() % 2 == 0) bits = ~bits + 1;
    double number = specials[random() % 16];
    if (random() % 2 == 0)
      number = static_cast<double>(static_cast<int64_t>(random() % 4001) - 2000) / 8;
    const auto single = static_cast<float>(number);
    const bool as_number = random() % 3 != 0;
    if (dtype == DType::kFloat32 && as_number) std::memcpy(&bits, &single, 4);
    if (dtype == DType::kFloat64 && as_number) std::memcpy(&bits, &number, 8);
    if (dtype == DType::kBool) bits &= 1;
    if (dtype == DType::kFloat4E2M1) bits &= 15;
    std::memcpy(data.data() + static_cast<size_t>(i) * bytes, &bits, bytes);
  }
  return data;
}

inline bool IsNanAt(DType dtype, const uint8_t* element) {
  if (dtype == DType::kFloat32) {
    float value;
    std::memcpy(&value, element, sizeof(value));
    return value != value;
  }
  if (dtype == DType::kFloat64) {
    double value;
    std::memcpy(&value, element, sizeof(value));
    return value != value;
  }
  if (dtype == DType::kFloat16 || dtype == DType::kBFloat16) {
    uint16_t value;
    std::memcpy(&value, element, sizeof(value));
    return (value & 0x7fff) > (dtype == DType::kFloat16 ? 0x7c00 : 0x7f80);
  }
  return (dtype == DType::kFloat8E4M3FN && (*element & 0x7f) == 0x7f) ||
         (dtype == DType::kFloat8E5M2 && (*element & 0x7f) > 0x7c);
}

// Where two runs differ: the first element, or "". NaNs are equal whatever their payload.
inline std::string FirstDifference(DType dtype, const std::vector<uint8_t>& a,
                                   const std::vector<uint8_t>& b) {
  const auto bytes = static_cast<size_t>(BytesOf(dtype));
  for (size_t i = 0; i < a.size(); i += bytes) {
    if (std::memcmp(&a[i], &b[i], bytes) == 0) continue;
    if (IsNanAt(dtype, &a[i]) && IsNanAt(dtype, &b[i])) continue;
    return "element " + std::to_string(i / bytes);
  }
  return "";
}

inline TensorView DenseView(DType dtype, const std::vector<int64_t>& extents, void* data) {
  TensorView view;
  view.data = data;
  view.dtype = dtype;
  view.rank = static_cast<int>(extents.size());
  for (size_t i = 0; i < extents.size(); ++i) view.extents[i] = extents[i];
  DenseStrides(view.rank, view.extents, view.strides);
  return view;
}

// The scratch is large: one for all tests.
inline MapTileScratch& Scratch() {
  static const auto scratch = std::make_unique<MapTileScratch>();
  return *scratch;
}

using Buffers = std::vector<std::vector<uint8_t>>;

// Runs the program over a dense vector; `tiled` picks the executor. One buffer an output.
inline Buffers RunOverVector(const MapProgram& program, const Buffers& inputs, int64_t count,
                             bool tiled) {
  std::vector<TensorView> sources;
  std::vector<TensorView> results;
  Buffers outputs;
  for (size_t i = 0; i < program.input_count; ++i) {
    auto* data = const_cast<uint8_t*>(inputs[i].data());
    sources.push_back(DenseView(program.inputs[i], {count}, data));
  }
  for (size_t i = 0; i < program.output_count; ++i) {
    outputs.emplace_back(static_cast<size_t>(count * BytesOf(program.outputs[i])));
    results.push_back(DenseView(program.outputs[i], {count}, outputs.back().data()));
  }
  if (tiled) {
    RunMapTensorsTiled(program, sources, results, Scratch(), 0, count);
  } else {
    RunMapTensors(program, sources, results);
  }
  return outputs;
}

inline Buffers RandomInputs(const MapProgram& program, int64_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  Buffers inputs;
  for (int i = 0; i < program.input_count; ++i) {
    inputs.push_back(RandomElements(program.inputs[i], count, random));
  }
  return inputs;
}

}  // namespace stint::testing

#endif  // STINT_TESTS_UNIT_MAP_TESTING_H_
