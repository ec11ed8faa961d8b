// Command lists: replay, order, waiting, and what may be destroyed when.
#include <algorithm>

#include "runtime/ops/map.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/softmax.h"
#include "tests/hal/workload.h"

namespace stint::testing {

namespace {

constexpr DType kF32 = DType::kFloat32;

MapAttributes Unary(MapOpcode opcode) {
  MapAttributes attributes;
  attributes.program = UnaryProgram(opcode, kF32, kF32);
  return attributes;
}

MapAttributes Binary(MapOpcode opcode) {
  MapAttributes attributes;
  attributes.program = BinaryProgram(opcode, kF32);
  return attributes;
}

// softmax(x W): two kernels, one of which has a constant.
size_t AddTwoOps(Workload& work, size_t x) {
  const size_t product =
      work.Add(kMatMulOp, MatMulAttributes(), {x, work.Constant(Floats({9, 21}, 7))});
  SoftmaxAttributes softmax;
  softmax.axis = 1;
  return work.Add(kSoftmaxOp, softmax, {product});
}

TEST_CASE("Computes the same bits at each replay", "[commands]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t x = work.Input(Floats({5, 9}, 1));
  const size_t y = AddTwoOps(work, x);
  work.Prepare();
  const auto list = work.Record();
  for (const uint32_t seed : {1, 2, 1}) {
    work.Set(x, Floats({5, 9}, seed));
    Require(list->Run());
    const Tensor first = work.Read(y);
    CheckClose(first, work.Expected(y));
    for (int i = 0; i < 2; ++i) {
      Require(list->Run());
      CheckSame(work.Read(y).values<uint8_t>(), first.values<uint8_t>());
    }
  }
}

TEST_CASE("Computes a chain of twenty calls in place", "[commands]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t x = work.Input(Floats({40, 33}, 1));
  const size_t y = work.Add(kMapOp, Unary(MapOpcode::kAbs), {x});
  for (int i = 0; i < 20; ++i) {
    work.AddInto(y, kMapOp, Binary(i % 2 == 0 ? MapOpcode::kAdd : MapOpcode::kMul), {y, x});
  }
  work.Prepare();
  const auto list = work.Record();
  for (int i = 0; i < 3; ++i) {
    Require(list->Run());
    work.Check(y);
  }
  work.CheckUntouched();
}

TEST_CASE("Computes a diamond of dependent calls", "[commands]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t x = work.Input(Floats({64, 65}, 1));
  const size_t top = work.Add(kMapOp, Unary(MapOpcode::kNeg), {x});
  const size_t left = work.Add(kMapOp, Unary(MapOpcode::kAbs), {top});
  const size_t right = work.Add(kMapOp, Binary(MapOpcode::kMul), {top, x});
  const size_t y = work.Add(kMapOp, Binary(MapOpcode::kAdd), {left, right});
  const size_t z = work.Add(kMapOp, Binary(MapOpcode::kMax), {y, top});
  work.Prepare();
  const auto list = work.Record();
  for (int i = 0; i < 2; ++i) {
    Require(list->Run());
    for (const size_t tensor : {left, right, y, z}) work.Check(tensor);
  }
}

TEST_CASE("Computes after a value was overwritten that others had read", "[commands]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t x = work.Input(Floats({5000}, 1));
  const size_t a = work.Add(kMapOp, Unary(MapOpcode::kNeg), {x});
  const size_t b = work.Add(kMapOp, Binary(MapOpcode::kAdd), {a, a});
  work.AddInto(a, kMapOp, Unary(MapOpcode::kAbs), {x});
  const size_t c = work.Add(kMapOp, Binary(MapOpcode::kMul), {a, b});
  work.Prepare();
  const auto list = work.Record();
  Require(list->Run());
  for (const size_t tensor : {a, b, c}) work.Check(tensor);
}

TEST_CASE("Computes two lists in turn", "[commands]") {
  const auto device = OpenDevice();
  Workload one(*device);
  Workload two(*device);
  const size_t x = one.Input(Floats({5, 9}, 1));
  const size_t y = AddTwoOps(one, x);
  const size_t v = two.Input(Floats({3, 9}, 2));
  const size_t w = AddTwoOps(two, v);
  one.Prepare();
  two.Prepare();
  const auto first = one.Record();
  const auto second = two.Record();
  for (uint32_t i = 0; i < 3; ++i) {
    one.Set(x, Floats({5, 9}, 10 + i));
    two.Set(v, Floats({3, 9}, 20 + i));
    Require(first->Submit());
    Require(second->Submit());
    CHECK(Take(second->Wait(CommandList::kForever)));
    CHECK(Take(first->Wait(CommandList::kForever)));
    one.Check(y);
    two.Check(w);
  }
}

TEST_CASE("Computes after the buffer of recorded commands grew", "[commands]") {
  const auto device = OpenDevice();
  for (const MemoryKind kind : kMemoryKinds) {
    Workload work(*device);
    const size_t x = work.Input(Floats({5, 9}, 1));
    const size_t y = AddTwoOps(work, x);
    work.Prepare(0, kind);
    const auto list = work.Record();
    Require(list->Run());
    for (int i = 0; i < 2; ++i) {
      Require(device->Grow(*work.arena(), 3 * work.arena()->bytes()));
      work.WriteAll();
      Require(list->Run());
      work.Check(y);
    }
  }
}

TEST_CASE("Computes after a buffer could not grow", "[commands]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t x = work.Input(Floats({5, 9}, 1));
  const size_t y = AddTwoOps(work, x);
  work.Prepare();
  const auto list = work.Record();
  CHECK(device->Grow(*work.arena(), kHostileBytes).code() == Code::kLimit);
  Require(list->Run());
  work.Check(y);
}

TEST_CASE("A list without commands runs", "[commands]") {
  const auto device = OpenDevice();
  const auto list = Take(device->CreateCommandList({}));
  for (int i = 0; i < 3; ++i) Require(list->Run());
}

TEST_CASE("Nothing is to be waited for before a submission", "[commands]") {
  const auto device = OpenDevice();
  const auto list = Take(device->CreateCommandList({.capacity = 4}));
  CHECK(Take(list->Wait(0)));
  CHECK(Take(list->Wait(CommandList::kForever)));
}

TEST_CASE("Waiting goes on where it ended", "[commands]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t x = work.Input(Floats({500, 9}, 1));
  AddTwoOps(work, x);
  work.Prepare();
  const auto list = work.Record();
  for (int i = 0; i < 3; ++i) {
    Require(list->Submit());
    for (const uint64_t nanoseconds : {0, 1000}) {
      INFO("done or not, it is no error");
      CHECK(list->Wait(nanoseconds).ok());
    }
    CHECK(Take(list->Wait(CommandList::kForever)));
    CHECK(Take(list->Wait(0)));
  }
}

TEST_CASE("Recording beyond the capacity leaves the list whole", "[commands]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t x = work.Input(Floats({5, 9}, 1));
  AddTwoOps(work, x);
  work.Prepare();
  for (const uint32_t capacity : {0, 1}) {
    const auto list = Take(device->CreateCommandList({.capacity = capacity}));
    for (int i = 0; i < 4; ++i) {
      const Code code = work.RecordInto(*list).code();
      CHECK((code == Code::kOk || code == Code::kLimit));
    }
    Require(list->Run());
  }
}

TEST_CASE("Lists and kernels and buffers go in any order", "[commands]") {
  int order[] = {0, 1, 2};
  do {
    const auto device = OpenDevice();
    Workload work(*device);
    const size_t x = work.Input(Floats({5, 9}, 1));
    AddTwoOps(work, x);
    work.Prepare();
    auto list = work.Record();
    Require(list->Run());
    for (const int part : order) {
      if (part == 0) list.reset();
      if (part == 1) work.arena().reset();
      if (part == 2) work.DropKernels();
    }
    Require(Take(device->CreateCommandList({}))->Run());
  } while (std::next_permutation(std::begin(order), std::end(order)));
}

TEST_CASE("A list goes that was never submitted or waited for", "[commands]") {
  const auto device = OpenDevice();
  Workload work(*device);
  const size_t x = work.Input(Floats({200, 9}, 1));
  AddTwoOps(work, x);
  work.Prepare();
  work.Record().reset();
  auto list = work.Record();
  Require(list->Submit());
  list.reset();
  Require(work.Record()->Run());
}

}  // namespace

}  // namespace stint::testing
