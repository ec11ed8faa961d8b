// How calls become linked programs: what is refused, how tensors are addressed, which parameters
// and bindings go with them.
#include <catch2/catch.hpp>
#include <vector>

#include "backends/gpu/program_link.h"
#include "runtime/ops/map.h"
#include "tests/gpu/link_testing.h"

namespace stint::gpu {

namespace {

using namespace testing;

class FakeBuffer final : public Buffer {
 public:
  uint64_t bytes() const override { return 1 << 20; }
  void* host() override { return nullptr; }
};

// A Map call whose tensors all lie in one buffer.
class Call {
 public:
  explicit Call(const MapProgram& program) { attributes_.program = program; }

  DeviceTensor& Operand(const std::vector<int64_t>& extents, const std::vector<int64_t>& strides) {
    return Add(&operands_, attributes_.program.inputs[operands_.size()], extents, strides);
  }
  DeviceTensor& Result(const std::vector<int64_t>& extents, const std::vector<int64_t>& strides) {
    return Add(&results_, attributes_.program.outputs[results_.size()], extents, strides);
  }
  KernelCall get() const { return {&kMapOp, &attributes_, operands_, results_}; }

  const char* Reject(const DeviceInfo& device) const {
    return ProgramLink::RejectMap(get(), device, 1);
  }
  // Behind one parameter of the kernel's own.
  ProgramLink Link(const DeviceInfo& device) {
    ProgramLink link;
    link.InitMap(get(), 1);
    Array<uint32_t> words;
    Array<Binding> bound;
    CHECK(link.Append(get(), device, &words, &bound).ok());
    CHECK(words.size() == link.parameter_count());
    CHECK(bound.size() == link.binding_count());
    parameters.assign(words.begin(), words.end());
    bindings.assign(bound.begin(), bound.end());
    return link;
  }

  std::vector<uint32_t> parameters;
  std::vector<Binding> bindings;

 private:
  DeviceTensor& Add(std::vector<DeviceTensor>* tensors, DType dtype,
                    const std::vector<int64_t>& extents, const std::vector<int64_t>& strides) {
    DeviceTensor tensor;
    tensor.buffer = &buffer_;
    tensor.view.dtype = dtype;
    tensor.view.rank = static_cast<int>(extents.size());
    std::copy(extents.begin(), extents.end(), tensor.view.extents);
    std::copy(strides.begin(), strides.end(), tensor.view.strides);
    tensors->push_back(tensor);
    return tensors->back();
  }

  FakeBuffer buffer_;
  MapAttributes attributes_;
  std::vector<DeviceTensor> operands_;
  std::vector<DeviceTensor> results_;
};

constexpr DeviceInfo kDevice = {.features = kFeatureStorage16 | kFeatureStorage8,
                                .binding_alignment = 64};

TEST_CASE("Dense tensors have one axis and no strides", "[gpu][link]") {
  Call call(ProgramOf(MapOpcode::kAdd, MapType::kF32));
  call.Operand({2, 1, 3, 4}, {12, 7, 4, 1});
  call.Operand({}, {});
  call.Result({2, 1, 3, 4}, {12, 12, 4, 1});
  REQUIRE(call.Reject(kDevice) == nullptr);
  const ProgramLink link = call.Link(kDevice);
  CHECK(link.program().rank == 0);
  CHECK(link.program().first_parameter == 1);
  CHECK(link.program().inputs[0] == Access::kSame);
  CHECK(link.program().inputs[1] == Access::kOne);
  CHECK(link.program().outputs[0] == Access::kSame);
  CHECK(call.parameters == std::vector<uint32_t>{0, 0, 0});
}

TEST_CASE("Axes that all tensors step over alike are joined", "[gpu][link]") {
  Call call(ProgramOf(MapOpcode::kAdd, MapType::kF32));
  call.Operand({2, 3, 4, 5}, {60, 20, 5, 1});
  call.Operand({3, 1, 1}, {1, 1, 1});  // A bias a channel.
  call.Result({2, 3, 4, 5}, {60, 20, 5, 1});
  const ProgramLink link = call.Link(kDevice);
  CHECK(link.program().rank == 3);
  CHECK(link.program().inputs[0] == Access::kSame);
  CHECK(link.program().inputs[1] == Access::kStrided);
  // Extents; base of input 0; base and strides of input 1; base of the output.
  CHECK(call.parameters == std::vector<uint32_t>{2, 3, 20, 0, 0, 0, 1, 0, 0});
}

TEST_CASE("Programs with coordinates keep all axes", "[gpu][link]") {
  Writer writer;
  const int axis = writer.Apply(MapOpcode::kIota, MapType::kI32, 1);
  writer.Store(axis, MapType::kI32, DType::kInt32);
  Call call(writer.program);
  call.Result({2, 1, 3}, {3, 3, 1});
  const ProgramLink link = call.Link(kDevice);
  CHECK(link.program().rank == 3);
  CHECK(link.program().outputs[0] == Access::kSame);
  CHECK(call.parameters == std::vector<uint32_t>{2, 1, 3, 0});
}

TEST_CASE("Bindings cover what views reach from an aligned offset on", "[gpu][link]") {
  Call call(ProgramOf(MapOpcode::kNeg, MapType::kF32));
  DeviceTensor& x = call.Operand({3, 4}, {-8, 1});
  x.offset = 400;  // The last row begins at byte 336.
  call.Result({3, 4}, {4, 1}).offset = 128;
  const ProgramLink link = call.Link(kDevice);
  CHECK(link.program().inputs[0] == Access::kStrided);
  CHECK(call.bindings[0].offset == 320);
  CHECK(call.bindings[0].bytes == 400 + 16 - 320);
  CHECK_FALSE(call.bindings[0].written);
  CHECK(call.bindings[1].offset == 128);
  CHECK(call.bindings[1].bytes == 48);
  CHECK(call.bindings[1].written);
  CHECK(call.parameters == std::vector<uint32_t>{3, 4, 20, static_cast<uint32_t>(-8), 1, 0});
}

TEST_CASE("Maps that a device cannot run are refused with a reason", "[gpu][link]") {
  using Catch::Matchers::Equals;
  Writer wide;
  wide.Store(wide.Load(DType::kInt64, MapType::kI64), MapType::kI64, DType::kInt64);
  Call longs(wide.program);
  longs.Operand({2}, {1});
  longs.Result({2}, {1});
  CHECK_THAT(longs.Reject(kDevice), Equals("needs 32-bit registers"));

  Writer bytes;
  bytes.Store(bytes.Load(DType::kInt8, MapType::kI32), MapType::kI32, DType::kFloat16);
  Call narrow(bytes.program);
  narrow.Operand({2}, {1});
  narrow.Result({2}, {1});
  DeviceInfo device = kDevice;
  CHECK(narrow.Reject(device) == nullptr);
  device.features = kFeatureStorage16;
  CHECK_THAT(narrow.Reject(device), Equals("needs 8-bit storage"));
  device.features = kFeatureStorage8;
  CHECK_THAT(narrow.Reject(device), Equals("needs 16-bit storage"));

  Call large(ProgramOf(MapOpcode::kNeg, MapType::kF32));
  large.Operand({1 << 16, 1}, {1 << 16, 1});
  large.Result({1 << 16, 1}, {1, 1});
  CHECK_THAT(large.Reject(kDevice), Equals("needs tensors within the device's limits"));

  Call sum(ProgramOf(MapOpcode::kAdd, MapType::kF32));
  sum.Operand({64}, {1});
  sum.Operand({64}, {1});
  sum.Result({64}, {1});
  device = kDevice;
  device.max_bindings = 4;
  CHECK(sum.Reject(device) == nullptr);
  device.max_bindings = 3;
  CHECK_THAT(sum.Reject(device), Equals("needs more bindings"));
  device = kDevice;
  device.max_binding_bytes = 256;
  CHECK_THAT(sum.Reject(device), Equals("needs tensors within the device's limits"));
}

}  // namespace

}  // namespace stint::gpu
