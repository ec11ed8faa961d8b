// The float32 rows of the CPU against the reference kernels, on odd shapes; the same bits on any
// number of threads; each instruction set that this processor has.
#include <catch2/catch.hpp>
#include <cmath>

#include "backends/cpu/strided_copy.h"
#include "runtime/ops/conv.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/map.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/pool.h"
#include "runtime/ops/reduce.h"
#include "runtime/ops/softmax.h"
#include "tests/unit/cpu_testing.h"

namespace stint::testing {

namespace {

// Sums of products are rounded in another order, or fused.
constexpr double kTolerance = 1e-5;

// Each instruction set up to this processor's best.
std::vector<cpu::Isa> Isas() {
  std::vector<cpu::Isa> isas;
  for (const cpu::Isa isa : {cpu::Isa::kBaseline, cpu::Isa::kAvx2, cpu::Isa::kAvx512}) {
    if (isa <= cpu::DetectCpu().isa) isas.push_back(isa);
  }
  return isas;
}

// y = max(x, 0) * e, for an epilogue with one operand.
MapProgram ReluTimes() {
  MapProgram program;
  program.input_count = 2;
  program.output_count = 1;
  program.inputs[0] = program.inputs[1] = program.outputs[0] = DType::kFloat32;
  program.constant_count = 1;
  const MapType f32 = MapType::kF32;
  const MapInstruction instructions[] = {
      {MapOpcode::kLoad, f32, 0, 0, 0, 0, 0},      {MapOpcode::kLoad, f32, 1, 1, 0, 0, 0},
      {MapOpcode::kImmediate, f32, 2, 0, 0, 0, 0}, {MapOpcode::kMax, f32, 3, 0, 2, 0, 0},
      {MapOpcode::kMul, f32, 4, 3, 1, 0, 0},       {MapOpcode::kStore, f32, 0, 4, 0, 0, 0},
  };
  for (const MapInstruction& instruction : instructions) {
    program.instructions[program.instruction_count++] = instruction;
  }
  return program;
}

// Runs `row` for each instruction set and 1 to 4 threads and compares with the reference.
template <typename Attributes>
void CheckRow(const std::string& row, const OpInfo& op, const Attributes& attributes,
              const std::vector<TensorView>& operands, uint32_t constants = 0,
              double tolerance = kTolerance) {
  const Ran expected = Run(op, attributes, operands);
  REQUIRE(expected.error == "");
  for (const cpu::Isa isa : Isas()) {
    const RowRun one = RunRow(row, op, attributes, operands, 1, constants, isa);
    INFO(row << " isa " << static_cast<int>(isa));
    REQUIRE(one.error == "");
    CHECK(LargestError(one.result, expected.results[0]) <= tolerance);
    for (int threads = 2; threads <= 4; ++threads) {
      const RowRun many = RunRow(row, op, attributes, operands, threads, constants, isa);
      INFO(threads << " threads");
      REQUIRE(many.error == "");
      CHECK(many.result.values<uint32_t>() == one.result.values<uint32_t>());
    }
  }
}

struct ConvCase {
  std::vector<int64_t> x, w;
  std::vector<int64_t> strides, dilations, pads;
  int64_t group = 1;
  std::vector<int64_t> output_padding = {};
};

ConvAttributes AttributesOf(const ConvCase& test, bool transposed) {
  ConvAttributes attributes;
  for (const int64_t value : test.strides) attributes.strides.Push(value);
  for (const int64_t value : test.dilations) attributes.dilations.Push(value);
  for (const int64_t value : test.pads) attributes.pads.Push(value);
  for (const int64_t value : test.output_padding) attributes.output_padding.Push(value);
  attributes.group = test.group;
  attributes.transposed = transposed ? 1 : 0;
  return attributes;
}

// With and without bias, and with an epilogue that reads a tensor of the result's shape.
void CheckConv(const std::string& row, const ConvCase& test, bool transposed = false) {
  const Tensor x = RandomFloats(test.x, 1);
  const Tensor w = RandomFloats(test.w, 2);
  const int64_t channels = transposed ? test.w[1] * test.group : test.w[0];
  const Tensor bias = RandomFloats({channels}, 3);
  ConvAttributes attributes = AttributesOf(test, transposed);
  INFO("x " << test.x[1] << "x" << test.x[2] << " w " << test.w[0]);
  const uint32_t constants = transposed ? 2 : 0;
  CheckRow(row, kConvOp, attributes, {x.view(), w.view()}, constants);
  CheckRow(row, kConvOp, attributes, {x.view(), w.view(), bias.view()}, constants);
  if (transposed) return;
  const Ran plain = Run(kConvOp, attributes, {x.view(), w.view()});
  const Tensor factor = RandomFloats(plain.results[0].extents(), 4);
  const Tensor scale = RandomFloats({channels, 1, 1}, 5);
  attributes.epilogue = ReluTimes();
  const TensorView none;
  CheckRow(row, kConvOp, attributes, {x.view(), w.view(), bias.view(), none, none, factor.view()});
  if (test.x.size() == 4) {
    CheckRow(row, kConvOp, attributes, {x.view(), w.view(), none, none, none, scale.view()});
  }
}

TEST_CASE("Convolution by matrix products gives the reference's sums", "[cpu]") {
  CheckConv("conv_gemm_f32", {{1, 5, 9, 11}, {7, 5, 1, 1}, {1, 1}, {1, 1}, {0, 0, 0, 0}});
  CheckConv("conv_gemm_f32", {{2, 3, 13, 17}, {8, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}});
  CheckConv("conv_gemm_f32", {{1, 3, 20, 19}, {5, 3, 5, 3}, {2, 3}, {1, 2}, {2, 0, 1, 3}});
  CheckConv("conv_gemm_f32", {{1, 6, 7, 7}, {12, 2, 3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}, 3});
  CheckConv("conv_gemm_f32", {{1, 4, 31}, {3, 4, 5}, {2}, {2}, {4, 1}});
  // More than one block of K and of columns; K that ends inside a block.
  CheckConv("conv_gemm_f32", {{1, 50, 12, 15}, {9, 50, 3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}});
  // Pads that crop, and windows that lie in the padding altogether.
  CheckConv("conv_gemm_f32", {{1, 2, 8, 9}, {3, 2, 3, 3}, {1, 1}, {1, 1}, {-1, -2, 0, -1}});
  CheckConv("conv_gemm_f32", {{1, 2, 3, 3}, {3, 2, 2, 2}, {1, 1}, {1, 1}, {4, 4, 4, 4}});
}

TEST_CASE("Depthwise convolution gives the reference's sums", "[cpu]") {
  CheckConv("conv_depthwise_f32", {{1, 5, 9, 11}, {5, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}, 5});
  CheckConv("conv_depthwise_f32", {{2, 3, 30, 67}, {3, 1, 5, 5}, {2, 2}, {1, 1}, {2, 2, 2, 2}, 3});
  CheckConv("conv_depthwise_f32", {{1, 4, 15, 14}, {8, 1, 3, 5}, {3, 1}, {2, 2}, {0, 4, 3, 1}, 4});
  CheckConv("conv_depthwise_f32", {{1, 3, 40}, {3, 1, 4}, {1}, {3}, {9, 0}, 3});
  CheckConv("conv_depthwise_f32", {{1, 2, 6, 6}, {2, 1, 3, 3}, {1, 1}, {1, 1}, {-1, -1, -1, 0}, 2});
  // Several blocks of rows a plane.
  CheckConv("conv_depthwise_f32", {{1, 2, 90, 200}, {2, 1, 3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}, 2});
}

TEST_CASE("Transposed convolution gives the reference's sums", "[cpu]") {
  const char* const row = "conv_transposed_f32";
  CheckConv(row, {{1, 5, 6, 7}, {5, 3, 2, 2}, {2, 2}, {1, 1}, {0, 0, 0, 0}}, true);
  CheckConv(row, {{2, 4, 5, 9}, {4, 3, 3, 4}, {2, 3}, {1, 1}, {1, 0, 1, 2}}, true);
  CheckConv(row, {{1, 6, 5, 5}, {6, 2, 3, 3}, {3, 2}, {2, 2}, {1, 1, 2, 0}, 3, {1, 1}}, true);
  CheckConv(row, {{1, 2, 4, 4}, {2, 3, 1, 1}, {3, 3}, {1, 1}, {0, 0, 0, 0}}, true);
  CheckConv(row, {{1, 3, 14}, {3, 2, 5}, {4}, {6}, {3, 1}}, true);
  CheckConv(row, {{1, 2, 5, 5}, {2, 1, 3, 3}, {2, 2}, {1, 1}, {-1, -1, -2, 0}}, true);
}

TEST_CASE("Rows refuse what they cannot do, and say why", "[cpu]") {
  const ConvCase test = {{1, 4, 5, 5}, {4, 2, 3, 3}, {1, 1}, {1, 1}, {0, 0, 0, 0}, 2};
  const Tensor x = RandomFloats(test.x, 1);
  const Tensor w = RandomFloats(test.w, 2);
  const ConvAttributes attributes = AttributesOf(test, false);
  CHECK(RunRow("conv_depthwise_f32", kConvOp, attributes, {x.view(), w.view()}, 1).error ==
        "needs one input channel a group");
  const Tensor deep_x = RandomFloats({1, 1, 3, 3, 3}, 1);
  const Tensor deep_w = RandomFloats({1, 1, 2, 2, 2}, 1);
  const ConvAttributes deep =
      AttributesOf({{}, {}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0, 0, 0, 0}}, false);
  CHECK(RunRow("conv_depthwise_f32", kConvOp, deep, {deep_x.view(), deep_w.view()}, 1).error ==
        "needs one or two spatial axes");
  CHECK(RunRow("reference", kConvOp, deep, {deep_x.view(), deep_w.view()}, 1).error == "");
}

// The last two axes of `view` exchanged.
TensorView Transposed(TensorView view) {
  std::swap(view.extents[view.rank - 1], view.extents[view.rank - 2]);
  std::swap(view.strides[view.rank - 1], view.strides[view.rank - 2]);
  return view;
}

void CheckMatMul(std::vector<int64_t> a_extents, std::vector<int64_t> b_extents) {
  const Tensor a = RandomFloats(a_extents, 1);
  const Tensor b = RandomFloats(b_extents, 2);
  std::swap(a_extents[a_extents.size() - 1], a_extents[a_extents.size() - 2]);
  std::swap(b_extents[b_extents.size() - 1], b_extents[b_extents.size() - 2]);
  const Tensor a_other = RandomFloats(a_extents, 3);
  const Tensor b_other = RandomFloats(b_extents, 4);
  const Tensor bias = RandomFloats({b_extents[b_extents.size() - 2]}, 5);
  const Tensor scalar = RandomFloats({}, 6);
  MatMulAttributes attributes;
  const TensorView none;
  for (const uint32_t constants : {0u, 2u}) {
    INFO("a rank " << a_extents.size() << ", constants " << constants);
    CheckRow("matmul_f32", kMatMulOp, attributes, {a.view(), b.view()}, constants);
    CheckRow("matmul_f32", kMatMulOp, attributes, {a.view(), Transposed(b_other.view())},
             constants);
    CheckRow("matmul_f32", kMatMulOp, attributes,
             {Transposed(a_other.view()), b.view(), bias.view()}, constants);
  }
  attributes.epilogue = ReluTimes();
  CheckRow("matmul_f32", kMatMulOp, attributes,
           {a.view(), b.view(), scalar.view(), none, none, bias.view()}, 2);
}

TEST_CASE("Matrix products give the reference's sums", "[cpu]") {
  CheckMatMul({1, 1}, {1, 1});
  CheckMatMul({7, 13}, {13, 19});
  CheckMatMul({1, 400}, {400, 35});
  CheckMatMul({65, 3}, {3, 140});
  CheckMatMul({3, 4, 5}, {5, 6});
  CheckMatMul({2, 3, 9, 8}, {2, 3, 8, 17});
  CheckMatMul({2, 1, 9, 8}, {3, 8, 5});
  CheckMatMul({4, 0}, {0, 5});
}

void CheckPool(PoolKind kind, const ConvCase& test, bool include_pad = false, bool ceil = false) {
  PoolAttributes attributes;
  attributes.kind = kind;
  for (const int64_t value : test.w) attributes.kernel.Push(value);
  for (const int64_t value : test.strides) attributes.strides.Push(value);
  for (const int64_t value : test.dilations) attributes.dilations.Push(value);
  for (const int64_t value : test.pads) attributes.pads.Push(value);
  attributes.count_include_pad = include_pad ? 1 : 0;
  attributes.ceil_mode = ceil ? 1 : 0;
  const Tensor x = RandomFloats(test.x, 1);
  CheckRow("pool_f32", kPoolOp, attributes, {x.view()}, 0, 0);
}

TEST_CASE("Pools give the reference's bits", "[cpu]") {
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage, PoolKind::kSum}) {
    CheckPool(kind, {{1, 3, 9, 11}, {2, 2}, {2, 2}, {1, 1}, {0, 0, 0, 0}});
    CheckPool(kind, {{2, 2, 13, 35}, {3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}}, true);
    CheckPool(kind, {{1, 2, 10, 10}, {3, 2}, {3, 1}, {1, 2}, {1, 0, 2, 1}}, false, true);
    CheckPool(kind, {{1, 2, 37}, {5}, {3}, {1}, {2, 2}}, true, true);
    CheckPool(kind, {{1, 1, 100, 150}, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}});
  }
}

TEST_CASE("A NaN wins the maximum wherever it stands in the window", "[cpu]") {
  for (int place = 0; place < 9; ++place) {
    std::vector<float> values(9, 1.0f);
    values[static_cast<size_t>(place)] = std::nanf("");
    const Tensor x = Tensor::Of<float>({1, 1, 3, 3}, values);
    PoolAttributes attributes;
    attributes.kernel = Ints({3, 3});
    attributes.strides = attributes.dilations = Ints({1, 1});
    attributes.pads = LongDims({0, 0, 0, 0});
    const RowRun run = RunRow("pool_f32", kPoolOp, attributes, {x.view()}, 1);
    REQUIRE(run.error == "");
    CHECK(std::isnan(run.result.values<float>()[0]));
  }
}

TEST_CASE("A Map by tiles gives the reference's bits", "[cpu]") {
  MapAttributes attributes;
  attributes.program = ReluTimes();
  const Tensor x = RandomFloats({3, 70, 301}, 1);
  const Tensor y = RandomFloats({70, 1}, 2);
  CheckRow("map_tiled", kMapOp, attributes, {x.view(), y.view()}, 0, 0);
}

TEST_CASE("Reductions give the reference's bits", "[cpu]") {
  const Tensor x = RandomFloats({3, 20, 5, 70}, 1);
  const Tensor large = RandomFloats({2, 1500}, 2);
  for (const ReduceKind kind :
       {ReduceKind::kSum, ReduceKind::kMean, ReduceKind::kMax, ReduceKind::kMin}) {
    for (const DimList& axes : {Dims({}), Dims({3}), Dims({-1, 2}), Dims({1}), Dims({0, 2}),
                                Dims({0, 1, 2, 3}), Dims({1, 3})}) {
      ReduceAttributes attributes;
      attributes.kind = kind;
      attributes.axes = axes;
      CheckRow("reduce_f32", kReduceOp, attributes, {x.view()}, 0, 0);
      CheckRow("reduce_f32", kReduceOp, attributes, {Transposed(x.view())}, 0, 0);
    }
    ReduceAttributes attributes;
    attributes.kind = kind;
    attributes.axes = Dims({1});
    CheckRow("reduce_f32", kReduceOp, attributes, {large.view()}, 0, 0);
  }
}

// 5 ULP of results up to 1, or of logarithms that are small beside 16.
constexpr double kSoftmaxTolerance = 6e-7;

TEST_CASE("Softmax gives the reference within its errors, on any number of threads", "[cpu]") {
  const Tensor x = RandomFloats({3, 7, 300}, 1);
  for (const int64_t log : {0, 1}) {
    for (const int64_t axis : {0, 1, 2}) {
      SoftmaxAttributes attributes;
      attributes.axis = axis;
      attributes.log = log;
      CheckRow("softmax_f32", kSoftmaxOp, attributes, {x.view()}, 0, kSoftmaxTolerance);
      CheckRow("softmax_f32", kSoftmaxOp, attributes, {Transposed(x.view())}, 0, kSoftmaxTolerance);
    }
  }
}

CopyAttributes CopyTo(const std::vector<int64_t>& extents, const std::vector<int64_t>& starts) {
  CopyAttributes attributes;
  for (const int64_t extent : extents) attributes.extents.Push(extent);
  for (const int64_t start : starts) attributes.starts.Push(start);
  return attributes;
}

// Moves bytes: nothing may differ.
void CheckCopy(const std::string& row, const CopyAttributes& attributes,
               const std::vector<TensorView>& operands) {
  CheckRow(row, kCopyOp, attributes, operands, 0, 0);
}

TEST_CASE("Copies of boxes move every element to its place", "[cpu]") {
  const Tensor x = RandomFloats({3, 40, 37}, 1);
  const Tensor y = RandomFloats({3, 5, 37}, 2);
  CheckCopy("copy_boxes", CopyTo({3, 40, 37}, {0, 0, 0}), {x.view()});
  CheckCopy("copy_boxes", CopyTo({3, 37, 40}, {0, 0, 0}), {Transposed(x.view())});
  CheckCopy("copy_boxes", CopyTo({3, 45, 37}, {0, 0, 0, 0, 40, 0}), {x.view(), y.view()});
  // Padding with a value, cropping, and overlapping sources, of which the last one wins.
  CopyAttributes pad = CopyTo({5, 44, 37}, {1, 2, -3});
  const float fill = 2.5f;
  pad.fill.size = 4;
  std::memcpy(pad.fill.values, &fill, 4);
  CheckCopy("copy_boxes", pad, {x.view()});
  CheckCopy("copy_boxes", CopyTo({3, 40, 37}, {0, 0, 0, 0, 8, 1}), {x.view(), y.view()});
  CheckCopy("copy_boxes", CopyTo({2, 3, 4}, {9, 0, 0}), {x.view()});
  CheckCopy("copy_boxes", CopyTo({}, {}), {Tensor::Of<float>({}, {3}).view()});
  TensorView reversed = x.view();
  reversed.data = static_cast<float*>(reversed.data) + 36;
  reversed.strides[2] = -1;
  CheckCopy("copy_boxes", CopyTo({3, 40, 37}, {0, 0, 0}), {reversed});
}

TEST_CASE("A box without gaps is copied as one row", "[cpu]") {
  cpu::CopyBox box;
  box.rank = 3;
  int64_t step = 1;
  for (const int axis : {2, 1, 0}) {
    box.extents[axis] = axis + 3;
    box.from_strides[axis] = box.to_strides[axis] = step;
    step *= box.extents[axis];
  }
  box.Simplify();
  CHECK(box.planes() * box.rows() == 1);
  CHECK(box.extents[box.rank - 1] == step);
}

TEST_CASE("Copies through tables move every element to its place", "[cpu]") {
  const Tensor x = RandomFloats({2, 5, 7}, 1);
  for (const AxisTable table :
       {AxisTable::kAffine, AxisTable::kEdge, AxisTable::kReflect, AxisTable::kWrap}) {
    CopyAttributes attributes = CopyTo({2, 11, 12}, {0, 2, 3});
    const auto kind = static_cast<int64_t>(table);
    attributes.tables = Ints({static_cast<int64_t>(AxisTable::kAffine), kind, kind});
    CheckCopy("copy_tables", attributes, {x.view()});
  }
  CopyAttributes nearest = CopyTo({2, 10, 21}, {0, 0, 0});
  const auto kind = static_cast<int64_t>(AxisTable::kNearest);
  nearest.tables = Ints({kind, kind, kind});
  CheckCopy("copy_tables", nearest, {x.view()});
}

}  // namespace

}  // namespace stint::testing
