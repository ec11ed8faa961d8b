// Map programs over tensors of 1 MiB, against copying one of them: what is left of the memory's
// bandwidth when a program is run tile by tile.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "runtime/ops/map/build_map.h"
#include "runtime/ops/map/run_map_tiles.h"
#include "tools/bench/kernels/families.h"

namespace stint::bench {

namespace {

constexpr size_t kElements = (1 << 20) / sizeof(float);

// x and so on: `apply(builder, value, operand)` adds one instruction.
template <typename Apply>
MapProgram Repeated(int inputs, int times, const Apply& apply) {
  MapBuilder builder;
  const int x = builder.Load(DType::kFloat32);
  const int y = inputs > 1 ? builder.Load(DType::kFloat32) : x;
  int value = x;
  for (int i = 0; i < times; ++i) value = apply(builder, i, value, y);
  builder.Store(value, DType::kFloat32);
  return *builder.Finish();
}

MapProgram EightOps(int inputs) {
  return Repeated(inputs, 8, [&](MapBuilder& builder, int i, int value, int y) {
    constexpr MapOpcode kOps[] = {MapOpcode::kAdd, MapOpcode::kMul, MapOpcode::kSub,
                                  MapOpcode::kMax};
    const int other = inputs > 1 ? y : builder.Constant(MapType::kF32, 0.5 + i);
    return builder.Binary(kOps[i % 4], value, other);
  });
}

MapProgram One(MapOpcode opcode) {
  return Repeated(1, 1, [opcode](MapBuilder& builder, int, int value, int) {
    return builder.Unary(opcode, value);
  });
}

TensorView Vector(float* data) {
  TensorView view;
  view.dtype = DType::kFloat32;
  view.rank = 1;
  view.extents[0] = static_cast<int64_t>(kElements);
  view.strides[0] = 1;
  view.data = data;
  return view;
}

void BenchProgram(const Setting& setting, const char* name, const MapProgram& program) {
  Floats x(kElements);
  Floats y(kElements);
  Floats result(kElements, false);
  const TensorView inputs[] = {Vector(x.data()), Vector(y.data())};
  const TensorView output = Vector(result.data());
  const auto scratch = std::make_unique<MapTileScratch>();
  const double copied = Measure(setting.isa, setting.seconds / 2, [&] {
                          std::memcpy(result.data(), x.data(), kElements * sizeof(float));
                        }).seconds;
  const double seconds =
      Measure(setting.isa, setting.seconds, [&] {
        RunMapTensorsTiled(program, {inputs, static_cast<size_t>(program.input_count)},
                           {&output, 1}, *scratch, 0, static_cast<int64_t>(kElements));
      }).seconds;
  const double bytes = 4.0 * kElements * (program.input_count + 1);
  const double copy_bytes = 8.0 * kElements;
  std::printf("  %-24s %6.1f %% %8.1f GB/s %9.4f ms %6.2f ns an element\n", name,
              100 * (bytes / seconds) / (copy_bytes / copied), 1e-9 * bytes / seconds,
              1e3 * seconds, 1e9 * seconds / kElements);
}

}  // namespace

void BenchMap(const Setting& setting) {
  BenchProgram(setting, "8 arithmetic, 1 input", EightOps(1));
  BenchProgram(setting, "8 arithmetic, 2 inputs", EightOps(2));
  constexpr MapOpcode kFunctions[] = {MapOpcode::kSqrt, MapOpcode::kExp, MapOpcode::kLog,
                                      MapOpcode::kTanh, MapOpcode::kErf, MapOpcode::kSin};
  for (const MapOpcode opcode : kFunctions) {
    BenchProgram(setting, kMapOpcodes[static_cast<size_t>(opcode)].name, One(opcode));
  }
}

}  // namespace stint::bench
