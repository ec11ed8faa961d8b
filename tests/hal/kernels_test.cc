// Kernels from end to end: prepared, placed, recorded, run and compared with the reference. Each
// case runs on every row that accepts its call. The table of op cases (tests/ops) goes further.
#include "runtime/ops/conv.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/gather.h"
#include "runtime/ops/map.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/pool.h"
#include "runtime/ops/reduce.h"
#include "runtime/ops/softmax.h"
#include "tests/hal/workload.h"

namespace stint::testing {

namespace {

constexpr DType kF32 = DType::kFloat32;

MapAttributes MapOf(const MapProgram& program) {
  MapAttributes attributes;
  attributes.program = program;
  return attributes;
}

MapAttributes Add(DType dtype = kF32) { return MapOf(BinaryProgram(MapOpcode::kAdd, dtype)); }

CopyAttributes CopyTo(std::initializer_list<Dim> extents) {
  CopyAttributes attributes;
  attributes.extents = Dims(extents);
  for (size_t i = 0; i < extents.size(); ++i) attributes.starts.Push(0);
  return attributes;
}

ConvAttributes Convolution(int64_t group) {
  ConvAttributes attributes;
  attributes.strides = Ints({1, 1});
  attributes.dilations = Ints({1, 1});
  attributes.pads = LongDims({1, 1, 1, 1});
  attributes.group = group;
  return attributes;
}

TEST_CASE("Computes a Map of two operands", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kMapOp, Add(), {work.Input(Floats({5, 7}, 1)), work.Input(Floats({5, 7}, 2))});
  });
}

TEST_CASE("Computes a Map that broadcasts", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kMapOp, Add(),
                    {work.Input(Floats({3, 5, 7}, 1)), work.Input(Floats({5, 1}, 2))});
  });
}

TEST_CASE("Computes a Map of integers", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kMapOp, Add(DType::kInt32),
                    {work.Input(Integers({131}, 1)), work.Input(Integers({131}, 2))});
  });
}

TEST_CASE("Computes a Map of a constant", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kMapOp, Add(),
                    {work.Input(Floats({6, 11}, 1)), work.Constant(Floats({11}, 2))});
  });
}

TEST_CASE("Computes a Map of one element and of many", "[kernels]") {
  for (const int64_t count : {1, 2, 63, 64, 65, 1000, 70001}) {
    CheckEveryRow([&](Workload& work) {
      return work.Add(kMapOp, MapOf(UnaryProgram(MapOpcode::kAbs, kF32, kF32)),
                      {work.Input(Floats({count}, 1))});
    });
  }
}

TEST_CASE("A call without elements writes nothing", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kMapOp, MapOf(UnaryProgram(MapOpcode::kAbs, kF32, kF32)),
                    {work.Input(Floats({4, 0, 3}, 1))});
  });
}

TEST_CASE("Computes a Map of strided views", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    const size_t x = work.Input(Floats({6, 9}, 1));
    const size_t transposed = work.View(x, {9, 6}, {1, 9}, 0);
    const size_t part = work.View(x, {9, 6}, {0, -1}, 33);
    return work.Add(kMapOp, Add(), {transposed, part});
  });
}

TEST_CASE("Computes a Copy that transposes", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    const size_t x = work.Input(Floats({3, 5, 7}, 1));
    return work.Add(kCopyOp, CopyTo({7, 3, 5}), {work.View(x, {7, 3, 5}, {1, 35, 7}, 0)});
  });
}

TEST_CASE("Computes a Copy of a part that begins at any element", "[kernels]") {
  for (const int64_t start : {1, 2, 3, 13}) {
    CheckEveryRow([&](Workload& work) {
      const size_t x = work.Input(Floats({100}, 1));
      return work.Add(kCopyOp, CopyTo({4, 5}), {work.View(x, {4, 5}, {11, 2}, start)});
    });
  }
}

TEST_CASE("Computes a Copy that pads and joins", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    CopyAttributes attributes;
    attributes.extents = Dims({6, 10});
    attributes.starts = LongDims({1, 2, 4, -1});
    return work.Add(kCopyOp, attributes,
                    {work.Input(Floats({3, 4}, 1)), work.Input(Floats({2, 7}, 2))});
  });
}

TEST_CASE("Computes a MatMul", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kMatMulOp, MatMulAttributes(),
                    {work.Input(Floats({5, 19}, 1)), work.Input(Floats({19, 13}, 2))});
  });
}

TEST_CASE("Computes a MatMul with constant weights and bias", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kMatMulOp, MatMulAttributes(),
                    {work.Input(Floats({3, 17}, 1)), work.Constant(Floats({17, 37}, 2)),
                     work.Constant(Floats({37}, 3))});
  });
}

TEST_CASE("Computes a MatMul of batches", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kMatMulOp, MatMulAttributes(),
                    {work.Input(Floats({2, 3, 4, 9}, 1)), work.Input(Floats({3, 9, 6}, 2))});
  });
}

TEST_CASE("Computes a MatMul and its epilogue", "[kernels]") {
  const auto device = OpenDevice();
  const bool runs =
      std::any_of(device->kernels().begin(), device->kernels().end(),
                  [](const Kernel& row) { return row.op == OpKind::kMatMul && row.runs_epilogue; });
  if (!runs) return;
  CheckEveryRow([](Workload& work) {
    MatMulAttributes attributes;
    attributes.epilogue = BinaryProgram(MapOpcode::kMax, kF32);
    return work.Add(
        kMatMulOp, attributes,
        {work.Input(Floats({4, 8}, 1)), work.Constant(Floats({8, 24}, 2)), Workload::kAbsent,
         Workload::kAbsent, Workload::kAbsent, work.Input(Floats({4, 24}, 3))});
  });
}

TEST_CASE("Computes a Conv", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kConvOp, Convolution(1),
                    {work.Input(Floats({1, 5, 9, 7}, 1)), work.Constant(Floats({6, 5, 3, 3}, 2)),
                     work.Constant(Floats({6}, 3))});
  });
}

TEST_CASE("Computes a depthwise Conv", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    return work.Add(kConvOp, Convolution(6),
                    {work.Input(Floats({2, 6, 9, 7}, 1)), work.Constant(Floats({6, 1, 3, 3}, 2))});
  });
}

TEST_CASE("Computes a Pool", "[kernels]") {
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    CheckEveryRow([&](Workload& work) {
      PoolAttributes attributes;
      attributes.kind = kind;
      attributes.kernel = Ints({3, 2});
      attributes.strides = Ints({2, 1});
      attributes.dilations = Ints({1, 1});
      attributes.pads = LongDims({1, 0, 1, 1});
      return work.Add(kPoolOp, attributes, {work.Input(Floats({1, 3, 9, 7}, 1))});
    });
  }
}

TEST_CASE("Computes a Reduce", "[kernels]") {
  for (const ReduceKind kind : {ReduceKind::kSum, ReduceKind::kMax}) {
    CheckEveryRow([&](Workload& work) {
      ReduceAttributes attributes;
      attributes.kind = kind;
      attributes.axes = Dims({1});
      return work.Add(kReduceOp, attributes, {work.Input(Floats({4, 67, 3}, 1))});
    });
  }
}

TEST_CASE("Computes a Softmax", "[kernels]") {
  for (const int64_t axis : {0, 1, 2}) {
    CheckEveryRow([&](Workload& work) {
      SoftmaxAttributes attributes;
      attributes.axis = axis;
      return work.Add(kSoftmaxOp, attributes, {work.Input(Floats({3, 5, 70}, 1))});
    });
  }
}

TEST_CASE("Computes a Gather of rows", "[kernels]") {
  CheckEveryRow([](Workload& work) {
    const Tensor rows = Tensor::Of<int32_t>({4}, {2, 0, -1, 2});
    return work.Add(kGatherOp, GatherAttributes(),
                    {work.Input(Floats({5, 6}, 1)), work.Input(rows)});
  });
}

TEST_CASE("Computes in shared memory too", "[kernels]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t y =
      work.Add(kMapOp, Add(), {work.Input(Floats({5, 7}, 1)), work.Input(Floats({5, 7}, 2))});
  work.Prepare(0, MemoryKind::kShared);
  const auto list = work.Record();
  Require(list->Run());
  work.Check(y);
  work.CheckUntouched();
}

}  // namespace

}  // namespace stint::testing
