// The tile executor of Map programs gives the bits of the scalar one: for every opcode and type,
// for every element type, over views of all kinds, in place and in pieces.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "runtime/ops/map/build_map.h"
#include "tests/unit/map_testing.h"

namespace stint {
namespace {

using testing::Buffers;
using testing::DTypeOf;
using testing::RunOverVector;
using testing::Sum;

constexpr DType kMapDtypes[] = {
    DType::kFloat32,        DType::kFloat16,      DType::kBFloat16,       DType::kFloat64,
    DType::kInt8,           DType::kInt16,        DType::kInt32,          DType::kInt64,
    DType::kUInt8,          DType::kUInt16,       DType::kUInt32,         DType::kUInt64,
    DType::kBool,           DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2,
    DType::kFloat8E5M2FNUZ, DType::kFloat8E8M0,   DType::kFloat4E2M1,     DType::kInt4,
    DType::kUInt4,          DType::kInt2,         DType::kUInt2};

// The instruction under test after loads of its operands, and a store.
Result<MapProgram> ProgramOf(MapOpcode opcode, MapType type, MapType source) {
  MapBuilder builder;
  const bool select = opcode == MapOpcode::kSelect;
  const int a = builder.Load(DTypeOf(select ? MapType::kBool : source));
  const int b = builder.Load(DTypeOf(type));
  const int c = builder.Load(DTypeOf(type));
  int result = 0;
  if (opcode == MapOpcode::kConvert) {
    result = builder.Convert(a, type);
  } else if (opcode == MapOpcode::kBitcast) {
    result = builder.Bitcast(a, type);
  } else if (select) {
    result = builder.Select(a, b, c);
  } else {
    result = InfoOf(opcode).arity == 1 ? builder.Unary(opcode, a) : builder.Binary(opcode, a, b);
  }
  builder.Store(result, DTypeOf(builder.TypeOf(result)));
  return builder.Finish();
}

void CheckTilesAgree(const MapProgram& program, int64_t count, uint64_t seed) {
  const Buffers inputs = testing::RandomInputs(program, count, seed);
  const Buffers expected = RunOverVector(program, inputs, count, /*tiled=*/false);
  MapTileScratch& scratch = testing::Scratch();
  const MapTilePasses* const best = scratch.passes;
  const MapFloatPasses* const best_floats = scratch.float_passes;
  for (int i = 0; MapFloatPassesAt(i) != nullptr; ++i) {
    scratch.passes = i == 0 ? &kBaselineMapTilePasses : best;
    scratch.float_passes = MapFloatPassesAt(i);
    const Buffers found = RunOverVector(program, inputs, count, /*tiled=*/true);
    for (size_t j = 0; j < found.size(); ++j) {
      CHECK(testing::FirstDifference(program.outputs[j], found[j], expected[j]).empty());
    }
  }
  scratch.passes = best;
  scratch.float_passes = best_floats;
}

TEST_CASE("tiles agree with the reference for every opcode and type") {
  int programs = 0;
  for (int id = 0; id < 256; ++id) {
    const auto opcode = static_cast<MapOpcode>(id);
    const MapOpcodeInfo& info = InfoOf(opcode);
    if (info.name == nullptr || info.arity == 0 || opcode == MapOpcode::kStore ||
        opcode == MapOpcode::kFma) {
      continue;
    }
    for (int type = 0; type < kMapTypeCount; ++type) {
      if ((info.types >> type & 1) == 0) continue;
      const bool converts = opcode == MapOpcode::kConvert || opcode == MapOpcode::kBitcast;
      for (int source = converts ? 0 : type; source <= (converts ? kMapTypeCount - 1 : type);
           ++source) {
        const Result<MapProgram> program =
            ProgramOf(opcode, static_cast<MapType>(type), static_cast<MapType>(source));
        if (!program.ok()) continue;  // Bitcasts between widths.
        INFO(info.name << " " << NameOf(static_cast<MapType>(source)) << " to "
                       << NameOf(static_cast<MapType>(type)));
        CheckTilesAgree(*program, 700, static_cast<uint64_t>(id * 8 + type));
        ++programs;
      }
    }
  }
  CHECK(programs > 250);
}

TEST_CASE("tiles agree with the reference on fma, which rounds once") {
  MapProgram program = Sum();
  program.input_count = 3;
  program.inputs[2] = DType::kFloat32;
  program.instruction_count = 5;
  program.instructions[4] = program.instructions[3];
  program.instructions[3] = {MapOpcode::kFma, MapType::kF32, 2, 0, 1, 3};
  program.instructions[2] = {MapOpcode::kLoad, MapType::kF32, 3, 2};
  REQUIRE(VerifyMap(program, "fma").ok());
  CheckTilesAgree(program, 300, 1);
  const float a = 1 + 0x1p-12F;
  const float c = -1;
  float result = 0;
  const void* inputs[] = {&a, &a, &c};
  void* output = &result;
  RunMapElement(program, inputs, nullptr, &output);
  CHECK(result == 0x1p-11F + 0x1p-24F);
}

// Any registers in any order, values that nothing reads, and now and then what ends a chain.
MapProgram RandomArithmetic(std::mt19937_64& random) {
  constexpr MapOpcode kOpcodes[] = {MapOpcode::kAdd, MapOpcode::kSub, MapOpcode::kMul,
                                    MapOpcode::kDiv, MapOpcode::kMin, MapOpcode::kMax,
                                    MapOpcode::kNeg, MapOpcode::kAbs, MapOpcode::kSqrt};
  const auto below = [&](size_t limit) { return static_cast<uint8_t>(random() % limit); };
  MapProgram program;
  program.input_count = 3;
  program.output_count = 1;
  program.constant_count = 2;
  std::fill_n(program.inputs, 3, DType::kFloat32);
  program.outputs[0] = DType::kFloat32;
  program.constants[0] = __builtin_bit_cast(uint32_t, 0.5F);
  program.constants[1] = __builtin_bit_cast(uint32_t, 1.5F);
  const size_t opcodes = random() % 3 == 0 ? std::size(kOpcodes) : std::size(kOpcodes) - 1;
  const auto registers = static_cast<uint8_t>(3 + below(5));
  const auto append = [&](MapOpcode opcode, uint8_t result, uint8_t a, uint8_t b = 0) {
    program.instructions[program.instruction_count++] = {opcode, MapType::kF32, result, a, b};
  };
  for (uint8_t i = 0; i < registers; ++i) append(MapOpcode::kLoad, i, i % 3);
  while (program.instruction_count < 40) {
    const uint8_t result = below(registers);
    const size_t kind = random() % 8;
    if (kind == 0) {
      append(MapOpcode::kLoad, result, below(3));
    } else if (kind == 1) {
      append(MapOpcode::kImmediate, result, below(2));
    } else {
      const MapOpcode opcode = kOpcodes[random() % opcodes];
      const bool binary = InfoOf(opcode).arity == 2;
      append(opcode, result, below(registers), binary ? below(registers) : uint8_t{0});
    }
  }
  const MapInstruction& last = program.instructions[program.instruction_count - 1];
  append(MapOpcode::kStore, 0, random() % 4 == 0 ? below(registers) : last.result);
  return program;
}

TEST_CASE("tiles agree with the reference on a constant in two widths") {
  MapBuilder builder;
  const int x = builder.Load(DType::kInt32);
  const int y = builder.Load(DType::kInt64);
  const int narrow = builder.ConstantInt(MapType::kI32, 1);
  const int wide = builder.ConstantInt(MapType::kI64, 1);
  builder.Store(builder.Binary(MapOpcode::kAdd, y, wide), DType::kInt64);
  builder.Store(builder.Binary(MapOpcode::kAdd, x, narrow), DType::kInt32);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  CheckTilesAgree(*program, 300, 3);
}

TEST_CASE("chains of arithmetic agree with the reference over any registers and lengths") {
  std::mt19937_64 random(11);
  for (int i = 0; i < 300; ++i) {
    const MapProgram program = RandomArithmetic(random);
    REQUIRE(VerifyMap(program, "random").ok());
    INFO("program " << i);
    CheckTilesAgree(program, i % 10 == 0 ? kMapChainTile + 300 : 1 + i, random());
  }
}

TEST_CASE("a chain reads what repeats, writes onto its input and leaves others alone") {
  MapBuilder builder;
  const int x = builder.Load(DType::kFloat32);
  const int row = builder.Load(DType::kFloat32);
  const int sum = builder.Binary(MapOpcode::kAdd, x, row);
  const int square = builder.Binary(MapOpcode::kMul, sum, sum);
  builder.Store(builder.Binary(MapOpcode::kSub, x, square), DType::kFloat32);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  constexpr int64_t kCount = 2 * kMapChainTile + 77;
  std::vector<float> values(kCount + 1);
  for (int64_t i = 0; i <= kCount; ++i) values[static_cast<size_t>(i)] = static_cast<float>(i % 50);
  float one = 1;
  const TensorView in_place = testing::DenseView(DType::kFloat32, {kCount}, values.data());
  TensorView repeated = testing::DenseView(DType::kFloat32, {kCount}, &one);
  repeated.strides[0] = 0;
  const TensorView inputs[] = {in_place, repeated};
  RunMapTensorsTiled(*program, inputs, {&in_place, 1}, testing::Scratch(), 0, kCount);
  for (int64_t i = 0; i < kCount; ++i) {
    const auto was = static_cast<float>(i % 50);
    REQUIRE(values[static_cast<size_t>(i)] == was - (was + 1) * (was + 1));
  }
  CHECK(values.back() == static_cast<float>(kCount % 50));
  CHECK(one == 1);
}

TEST_CASE("tiles agree with the reference for loads and stores of every element type") {
  for (const DType from : kMapDtypes) {
    for (const DType to : kMapDtypes) {
      for (int mode = 0; mode < 5; ++mode) {
        MapBuilder builder;
        builder.Store(builder.Load(from), to, static_cast<MapStoreMode>(mode));
        const Result<MapProgram> program = builder.Finish();
        if (!program.ok()) continue;  // The mode has no meaning for the type.
        INFO(NameOf(from) << " to " << NameOf(to) << ", mode " << mode);
        CheckTilesAgree(*program, 300,
                        static_cast<uint64_t>(from) * 32 + static_cast<uint64_t>(to));
      }
    }
  }
}

// (x + row) * 2 > column ? x : y, with iota, constants and a reused register or two.
MapProgram CoordinateProgram() {
  MapBuilder builder;
  const int x = builder.Load(DType::kFloat32);
  const int y = builder.Load(DType::kFloat32);
  const int row = builder.Convert(builder.Iota(0), MapType::kF32);
  const int column = builder.Convert(builder.Iota(1), MapType::kF32);
  const int scaled = builder.Binary(MapOpcode::kMul, builder.Binary(MapOpcode::kAdd, x, row),
                                    builder.Constant(MapType::kF32, 2));
  builder.Store(builder.Select(builder.Binary(MapOpcode::kGreater, scaled, column), x, y),
                DType::kFloat32);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  return *program;
}

// x * scale + bias in float32.
MapProgram AffineProgram() {
  MapBuilder builder;
  const int x = builder.Load(DType::kFloat32);
  const int scale = builder.Load(DType::kFloat32);
  const int bias = builder.Load(DType::kFloat32);
  builder.Store(builder.Binary(MapOpcode::kAdd, builder.Binary(MapOpcode::kMul, x, scale), bias),
                DType::kFloat32);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  return *program;
}

// Runs over views of random data both ways, the tiles in pieces, and compares.
void CheckViewsAgree(const MapProgram& program, const std::vector<int64_t>& extents,
                     const std::vector<std::vector<int64_t>>& input_strides,
                     const std::vector<int64_t>& output_strides) {
  std::mt19937_64 random(5);
  constexpr int64_t kElements = 20000;
  std::vector<std::vector<uint8_t>> buffers;
  std::vector<TensorView> inputs;
  for (size_t i = 0; i < input_strides.size(); ++i) {
    buffers.push_back(testing::RandomElements(DType::kFloat32, kElements, random));
    // Negative strides walk back from the middle.
    inputs.push_back(
        testing::DenseView(DType::kFloat32, extents, buffers.back().data() + kElements / 2 * 4));
    for (size_t axis = 0; axis < extents.size(); ++axis) {
      inputs.back().strides[axis] = input_strides[i][axis];
    }
  }
  std::vector<uint8_t> expected(kElements * 4);
  std::vector<uint8_t> found(kElements * 4);
  TensorView output = testing::DenseView(DType::kFloat32, extents, expected.data());
  for (size_t axis = 0; axis < extents.size(); ++axis) output.strides[axis] = output_strides[axis];
  RunMapTensors(program, inputs, {&output, 1});
  output.data = found.data();
  const int64_t count = ElementCount(output);
  for (const int64_t piece : {count, int64_t{97}, int64_t{301}}) {
    std::fill(found.begin(), found.end(), uint8_t{0});
    for (int64_t begin = 0; begin < count; begin += piece) {
      RunMapTensorsTiled(program, inputs, {&output, 1}, testing::Scratch(), begin,
                         std::min(begin + piece, count));
    }
    CHECK(testing::FirstDifference(DType::kFloat32, found, expected).empty());
  }
}

TEST_CASE("tiles walk strided, broadcast, reversed and short-rowed views as the reference does") {
  const MapProgram affine = AffineProgram();
  const std::vector<int64_t> dense = {210, 15, 3, 1};
  // Everything dense: one row. Then a bias of the last axis, of a middle axis, a transposed input.
  CheckViewsAgree(affine, {6, 14, 5, 3}, {dense, dense, dense}, dense);
  CheckViewsAgree(affine, {6, 14, 5, 3}, {dense, {0, 0, 0, 0}, {0, 0, 0, 1}}, dense);
  CheckViewsAgree(affine, {6, 14, 5, 3}, {dense, {0, 1, 0, 0}, {0, 0, 3, 1}}, dense);
  CheckViewsAgree(affine, {6, 14, 5, 3}, {{1, 6, 84, 420}, dense, {0, 0, 0, 0}}, dense);
  // A strided output, a reversed input, long rows, an axis of extent 1.
  CheckViewsAgree(affine, {9, 20}, {{20, 1}, {-20, -1}, {0, 1}}, {45, 2});
  CheckViewsAgree(affine, {4, 700}, {{700, 1}, {1, 4}, {1, 0}}, {700, 1});
  CheckViewsAgree(affine, {1, 7, 1, 9}, {{0, 9, 5, 1}, {63, 0, 0, 1}, {0, 1, 0, 0}}, {63, 9, 9, 1});
  const MapProgram coordinates = CoordinateProgram();
  CheckViewsAgree(coordinates, {13, 21}, {{21, 1}, {0, 1}}, {21, 1});
  CheckViewsAgree(coordinates, {3, 600}, {{600, 1}, {1, 3}}, {600, 1});
}

TEST_CASE("a rank 0 space is one element and an empty one none") {
  const MapProgram program = Sum();
  float values[3] = {1, 2, 0};
  const TensorView inputs[] = {testing::DenseView(DType::kFloat32, {}, &values[0]),
                               testing::DenseView(DType::kFloat32, {}, &values[1])};
  const TensorView output = testing::DenseView(DType::kFloat32, {}, &values[2]);
  RunMapTensorsTiled(program, inputs, {&output, 1}, testing::Scratch(), 0, 1);
  CHECK(values[2] == 3);
  values[2] = 0;
  const TensorView empty = testing::DenseView(DType::kFloat32, {0, 3}, &values[2]);
  RunMapTensors(program, inputs, {&empty, 1});
  RunMapTensorsTiled(program, inputs, {&empty, 1}, testing::Scratch(), 0, 0);
  CHECK(values[2] == 0);
}

TEST_CASE("outputs may lie on inputs, also when an input is read after the first store") {
  MapBuilder builder;
  const int x = builder.Load(DType::kFloat32);
  builder.Store(builder.Unary(MapOpcode::kNeg, x), DType::kFloat32);
  builder.Store(builder.Unary(MapOpcode::kAbs, x), DType::kFloat32);
  const Result<MapProgram> program = builder.Finish();
  REQUIRE(program.ok());
  std::vector<float> values(300);
  std::vector<float> magnitudes(300);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) - 150;
  const TensorView in_place = testing::DenseView(DType::kFloat32, {300}, values.data());
  const TensorView outputs[] = {in_place,
                                testing::DenseView(DType::kFloat32, {300}, magnitudes.data())};
  RunMapTensorsTiled(*program, {&in_place, 1}, outputs, testing::Scratch(), 0, 300);
  for (size_t i = 0; i < values.size(); ++i) {
    REQUIRE(values[i] == 150 - static_cast<float>(i));
    REQUIRE(magnitudes[i] == std::abs(static_cast<float>(i) - 150));
  }
}

}  // namespace
}  // namespace stint
