// The panel row of recurrent layers: the reference's numbers on each instruction set, and the same
// bits on any number of threads.
#include <catch2/catch.hpp>
#include <cmath>

#include "runtime/ops/layouts/layout.h"
#include "runtime/ops/recurrent.h"
#include "tests/unit/cpu_testing.h"

namespace stint::testing {

namespace {

struct LayerCase {
  RecurrentKind kind = RecurrentKind::kLstm;
  RecurrentDirection direction = RecurrentDirection::kForward;
  int64_t steps, batch, inputs, units;
  bool optional = true;  // Biases, lengths, states and peepholes are there.
  double clip = 0;
  bool variant = false;
  RecurrentActivation gates = RecurrentActivation::kSigmoid;
};

std::ostream& operator<<(std::ostream& out, const LayerCase& test) {
  return out << "kind " << static_cast<int>(test.kind) << " direction "
             << static_cast<int>(test.direction) << " " << test.steps << "x" << test.batch << "x"
             << test.inputs << "x" << test.units;
}

RecurrentAttributes AttributesOf(const LayerCase& test) {
  RecurrentAttributes attributes;
  attributes.kind = test.kind;
  attributes.direction = test.direction;
  attributes.clip = test.clip;
  attributes.linear_before_reset = test.variant && test.kind == RecurrentKind::kGru ? 1 : 0;
  attributes.input_forget = test.variant && test.kind == RecurrentKind::kLstm ? 1 : 0;
  for (int64_t i = 0; i < attributes.directions() * attributes.functions(); ++i) {
    const bool gate = i % attributes.functions() == 0;
    attributes.activations.Push(
        static_cast<int64_t>(gate ? test.gates : RecurrentActivation::kTanh));
    attributes.alpha.Push(0.25);
    attributes.beta.Push(0.5);
  }
  return attributes;
}

// As layers are initialised: larger matrices make layers chaotic, and every rounding matter.
Tensor RandomMatrix(int64_t rows, int64_t depth, int64_t units, uint32_t seed) {
  std::vector<float> values = RandomFloats({rows, depth}, seed).values<float>();
  for (float& value : values) value /= std::sqrt(static_cast<float>(units));
  return Tensor::Of({rows, depth}, values);
}

// Operands of a case, which own their memory.
std::vector<Tensor> OperandsOf(const LayerCase& test, const RecurrentAttributes& attributes) {
  const int64_t d = attributes.directions();
  const int64_t rows = d * attributes.gates() * test.units;
  std::vector<Tensor> operands;
  operands.push_back(RandomFloats({test.steps, test.batch, test.inputs}, 1));
  operands.push_back(RandomMatrix(rows, test.inputs, test.units, 2));
  operands.push_back(RandomMatrix(rows, test.units, test.units, 3));
  if (!test.optional) return operands;
  operands.push_back(RandomFloats({d, 2 * attributes.gates() * test.units}, 4));
  std::vector<int32_t> lengths;
  for (int64_t i = 0; i < test.batch; ++i) {
    lengths.push_back(static_cast<int32_t>((test.steps + 7 * i) % (test.steps + 1)));
  }
  operands.push_back(Tensor::Of<int32_t>({test.batch}, lengths));
  operands.push_back(RandomFloats({d, test.batch, test.units}, 5));
  if (test.kind != RecurrentKind::kLstm) return operands;
  operands.push_back(RandomFloats({d, test.batch, test.units}, 6));
  operands.push_back(RandomFloats({d, 3 * test.units}, 7));
  return operands;
}

// As the plan has a constant matrix: packed, aligned to 64 bytes.
std::unique_ptr<Buffer> Packed(Device& device, const TensorView& matrix) {
  const auto bytes = PackedBytes(Layout::kPanel16, matrix.dtype, matrix.rank, matrix.extents);
  REQUIRE(bytes.ok());
  auto buffer = device.Allocate(static_cast<uint64_t>(*bytes), MemoryKind::kShared);
  REQUIRE(buffer.ok());
  REQUIRE(Pack(Layout::kPanel16, matrix, (*buffer)->host()).ok());
  return std::move(*buffer);
}

const Kernel& PanelRow(const Device& device) {
  for (const Kernel& kernel : device.kernels()) {
    if (std::string_view(kernel.name) == "recurrent_panel_f32") return kernel;
  }
  FAIL("no such row");
  return device.kernels()[0];
}

// A call of the row on a device of its own: buffers, and what the row says to it.
class RowCall {
 public:
  RowCall(const RecurrentAttributes& attributes, const std::vector<Tensor>& operands, int threads,
          cpu::Isa isa)
      : attributes_(attributes) {
    auto device = cpu::CpuDevice::Create({.threads = threads}, isa);
    REQUIRE(device.ok());
    device_ = std::move(*device);
    std::vector<TensorShape> shapes;
    for (size_t i = 0; i < operands.size(); ++i) {
      const TensorView view = operands[i].view();
      shapes.push_back(Shape(view.dtype, std::vector<Dim>(view.extents, view.extents + view.rank)));
      operands_.push_back(i == 1 || i == 2 ? Constant(view) : Wrapped(view));
    }
    for (const TensorShape& shape : Infer(kRecurrentOp, attributes, shapes).results) {
      if (!shape.present()) continue;
      results.emplace_back(shape.dtype, ExtentsOf(shape));
      results_.push_back(Wrapped(results.back().view()));
    }
  }

  const char* Reject() { return PanelRow(*device_).reject(Call(), device_->info()); }

  void Run() {
    REQUIRE(Reject() == nullptr);
    const Kernel& kernel = PanelRow(*device_);
    const KernelCall call = Call();
    auto prepared = kernel.prepare(*device_, call);
    REQUIRE(prepared.ok());
    auto commands = device_->CreateCommandList({.capacity = (*prepared)->commands});
    auto arena = device_->Allocate((*prepared)->scratch_bytes, MemoryKind::kDevice);
    REQUIRE(commands.ok());
    REQUIRE(arena.ok());
    DeviceTensor scratch;
    scratch.buffer = arena->get();
    REQUIRE(kernel.record(**commands, **prepared, call, scratch).ok());
    // Twice: nothing of the first run may be left.
    CHECK(TextOf((*commands)->Run()) == "");
    CHECK(TextOf((*commands)->Run()) == "");
  }

  std::vector<Tensor> results;

 private:
  KernelCall Call() const { return {&kRecurrentOp, &attributes_, operands_, results_}; }

  DeviceTensor Wrapped(const TensorView& view) {
    auto buffer = device_->WrapHost();
    REQUIRE(buffer.ok());
    device_->SetHost(**buffer, view.data, 0);
    buffers_.push_back(std::move(*buffer));
    DeviceTensor tensor;
    tensor.view = view;
    tensor.view.data = nullptr;
    tensor.buffer = buffers_.back().get();
    return tensor;
  }

  DeviceTensor Constant(const TensorView& view) {
    buffers_.push_back(Packed(*device_, view));
    DeviceTensor tensor;
    tensor.view = view;
    tensor.view.data = nullptr;
    tensor.constant = buffers_.back()->host();
    tensor.layout = Layout::kPanel16;
    return tensor;
  }

  RecurrentAttributes attributes_;
  std::unique_ptr<Device> device_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<DeviceTensor> operands_, results_;
};

void CheckLayer(const LayerCase& test) {
  INFO(test);
  const RecurrentAttributes attributes = AttributesOf(test);
  const std::vector<Tensor> operands = OperandsOf(test, attributes);
  std::vector<TensorView> views;
  for (const Tensor& operand : operands) views.push_back(operand.view());
  const Ran expected = Run(kRecurrentOp, attributes, views);
  REQUIRE(expected.error == "");
  for (const cpu::Isa isa : {cpu::Isa::kBaseline, cpu::Isa::kAvx2, cpu::Isa::kAvx512}) {
    if (isa > cpu::DetectCpu().isa) continue;
    INFO("isa " << static_cast<int>(isa));
    RowCall one(attributes, operands, 1, isa);
    one.Run();
    for (size_t i = 0; i < one.results.size(); ++i) {
      CHECK(LargestError(one.results[i], expected.results[i]) <= 1e-5);
    }
    for (const int threads : {2, 3, 8}) {
      INFO(threads << " threads");
      RowCall many(attributes, operands, threads, isa);
      many.Run();
      for (size_t i = 0; i < one.results.size(); ++i) {
        CHECK(many.results[i].values<uint32_t>() == one.results[i].values<uint32_t>());
      }
    }
  }
}

}  // namespace

TEST_CASE("Recurrent layers in panels give the reference's numbers on any threads", "[cpu]") {
  for (const RecurrentKind kind :
       {RecurrentKind::kRnn, RecurrentKind::kGru, RecurrentKind::kLstm}) {
    for (const RecurrentDirection direction :
         {RecurrentDirection::kForward, RecurrentDirection::kReverse,
          RecurrentDirection::kBidirectional}) {
      CheckLayer({kind, direction, 1, 1, 1, 1});
      CheckLayer({kind, direction, 5, 3, 7, 5});
      CheckLayer({kind, direction, 4, 19, 9, 21});  // Whole blocks of items, and a rest.
      CheckLayer({kind, direction, 9, 1, 13, 48, false});
      CheckLayer({kind, direction, 4, 2, 6, 19, true, 0.3, true});
    }
    // A matrix that threads share; many steps.
    CheckLayer({kind, RecurrentDirection::kForward, 3, 1, 40, 400});
    CheckLayer({kind, RecurrentDirection::kReverse, 1100, 1, 5, 33, false});
  }
}

TEST_CASE("Recurrent layers in panels do each activation that they take", "[cpu]") {
  for (const RecurrentActivation gates :
       {RecurrentActivation::kRelu, RecurrentActivation::kTanh, RecurrentActivation::kSigmoid,
        RecurrentActivation::kHardSigmoid}) {
    CheckLayer(
        {RecurrentKind::kRnn, RecurrentDirection::kForward, 3, 2, 4, 17, true, 0.9, false, gates});
    CheckLayer(
        {RecurrentKind::kGru, RecurrentDirection::kForward, 3, 2, 4, 17, true, 0.9, true, gates});
  }
}

TEST_CASE("Recurrent layers in panels refuse other activations", "[cpu]") {
  const LayerCase test = {RecurrentKind::kGru, RecurrentDirection::kForward, 2, 2, 3, 4};
  RecurrentAttributes attributes = AttributesOf(test);
  const std::vector<Tensor> operands = OperandsOf(test, attributes);
  attributes.activations[1] = static_cast<int64_t>(RecurrentActivation::kElu);
  CHECK(RowCall(attributes, operands, 1, cpu::Isa::kBaseline).Reject() ==
        std::string("needs relu, tanh, sigmoid and hard sigmoid"));
}

TEST_CASE("tanh of recurrent layers is within 5 ULP on each instruction set", "[cpu]") {
  LayerCase test = {RecurrentKind::kRnn, RecurrentDirection::kForward, 4001, 1, 1, 1, false};
  test.gates = RecurrentActivation::kTanh;
  const RecurrentAttributes attributes = AttributesOf(test);
  std::vector<Tensor> operands = OperandsOf(test, attributes);
  std::vector<float> x;
  for (int i = -2000; i <= 2000; ++i) x.push_back(static_cast<float>(i) / 160.0F);
  operands[0] = Tensor::Of<float>({4001, 1, 1}, x);
  operands[1] = Tensor::Of<float>({1, 1}, {1});
  operands[2] = Tensor::Of<float>({1, 1}, {0});
  for (const cpu::Isa isa : {cpu::Isa::kBaseline, cpu::Isa::kAvx2, cpu::Isa::kAvx512}) {
    if (isa > cpu::DetectCpu().isa) continue;
    RowCall call(attributes, operands, 1, isa);
    call.Run();
    const std::vector<float> y = call.results[0].values<float>();
    double largest = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = std::tanh(double{x[i]});
      const double ulp =
          std::ldexp(1.0, std::max(std::ilogb(exact == 0 ? 1e-30 : exact), -126) - 23);
      largest = std::max(largest, std::abs(double{y[i]} - exact) / ulp);
    }
    INFO("isa " << static_cast<int>(isa) << " " << largest << " ULP");
    CHECK(largest <= 5);
  }
}

}  // namespace stint::testing
