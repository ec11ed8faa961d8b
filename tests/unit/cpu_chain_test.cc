// Chains of channels-last kernels: the bits of the kernels alone, on odd shapes and any number of
// threads, with nothing written but the last result; and the rule that chooses them.
#include <array>
#include <catch2/catch.hpp>
#include <limits>

#include "backends/cpu/chains/choose_chains.h"
#include "runtime/ops/conv.h"
#include "runtime/ops/pool.h"
#include "tests/unit/cpu_micro_testing.h"

namespace stint::testing {

namespace {

enum class Kind { kConv, kDepthwise, kPool };

struct StageSpec {
  Kind kind = Kind::kConv;
  int64_t channels = 0;  // Of the result of a kConv.
  int64_t kernel = 1;
  int64_t stride = 1;
  cpu::Activation activation = cpu::Activation::kNone;
  int residual =
      -1;  // The value that is added behind: 0 is the input, i + 1 the result of stage i.
  int64_t dilation = 1;
  int64_t shift = 0;  // Lines of padding that stand above instead of below.

  int64_t pad() const { return kernel / 2 * dilation; }
  std::array<int64_t, 4> pads() const { return {pad() + shift, pad(), pad() - shift, pad()}; }
};

struct ChainSpec {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<StageSpec> stages;
  int64_t batch = 1;
  bool planar = false;  // The input.
};

// Writes programs of float32 instructions.
class ProgramWriter {
 public:
  explicit ProgramWriter(int inputs) {
    program_.input_count = static_cast<uint8_t>(inputs);
    program_.output_count = 1;
    for (int i = 0; i < inputs; ++i) program_.inputs[i] = DType::kFloat32;
    program_.outputs[0] = DType::kFloat32;
  }
  uint8_t Add(MapOpcode opcode, uint8_t a = 0, uint8_t b = 0, uint8_t c = 0) {
    program_.instructions[program_.instruction_count++] = {opcode, MapType::kF32, next_, a, b, c,
                                                           0};
    return next_++;
  }
  uint8_t Number(float number) {
    uint32_t bits = 0;
    std::memcpy(&bits, &number, sizeof(bits));
    program_.constants[program_.constant_count] = bits;
    return Add(MapOpcode::kImmediate, program_.constant_count++);
  }
  uint8_t Clamp(uint8_t x, float low, float high) {
    return Add(MapOpcode::kMin, Add(MapOpcode::kMax, x, Number(low)), Number(high));
  }
  MapProgram Store(uint8_t value) {
    program_.instructions[program_.instruction_count++] = {
        MapOpcode::kStore, MapType::kF32, 0, value, 0, 0, 0};
    return program_;
  }

 private:
  MapProgram program_;
  uint8_t next_ = 0;
};

MapProgram EpilogueOf(const StageSpec& spec) {
  using cpu::Activation;
  if (spec.activation == Activation::kNone && spec.residual < 0) return MapProgram();
  ProgramWriter write(spec.residual < 0 ? 1 : 2);
  const uint8_t x = write.Add(MapOpcode::kLoad, 0);
  uint8_t y = x;
  if (spec.activation == Activation::kClamp) y = write.Clamp(x, 0, 6);
  if (spec.activation == Activation::kHardSwish) {
    const uint8_t clamp = write.Clamp(write.Add(MapOpcode::kAdd, x, write.Number(3)), 0, 6);
    y = write.Add(MapOpcode::kMul, write.Add(MapOpcode::kMul, x, clamp), write.Number(1.0f / 6));
  }
  if (spec.activation == Activation::kSwish) {
    const uint8_t e =
        write.Add(MapOpcode::kExp, write.Add(MapOpcode::kNeg, write.Add(MapOpcode::kAbs, x)));
    const uint8_t sum = write.Add(MapOpcode::kAdd, e, write.Number(1));
    const uint8_t low = write.Add(MapOpcode::kDiv, e, sum);
    const uint8_t high = write.Add(MapOpcode::kDiv, write.Number(1), sum);
    const uint8_t test = write.Add(MapOpcode::kLess, x, write.Number(0));
    y = write.Add(MapOpcode::kMul, x, write.Add(MapOpcode::kSelect, test, low, high));
  }
  if (spec.residual >= 0) y = write.Add(MapOpcode::kAdd, y, write.Add(MapOpcode::kLoad, 1));
  return write.Store(y);
}

// [batch, channels, height, width] with channels last, or planes.
TensorView ImageOf(int64_t batch, int64_t channels, int64_t height, int64_t width, bool planar) {
  TensorView view;
  view.dtype = DType::kFloat32;
  view.rank = 4;
  const int64_t extents[] = {batch, channels, height, width};
  const int64_t pixels[] = {height * width * channels, 1, width * channels, channels};
  const int64_t planes[] = {height * width * channels, height * width, width, 1};
  std::copy_n(extents, 4, view.extents);
  std::copy_n(planar ? planes : pixels, 4, view.strides);
  return view;
}

constexpr float kUnwritten = -12345.0f;

// The stages as calls of a CPU device, with memory for every result.
class ChainRun {
 public:
  ChainRun(const ChainSpec& spec, int threads, cpu::Isa isa) : spec_(spec), threads_(threads) {
    auto device = cpu::CpuDevice::Create({.threads = threads}, isa);
    REQUIRE(device.ok());
    device_ = std::move(*device);
    AddValue(ImageOf(spec.batch, spec.channels, spec.height, spec.width, spec.planar), 1);
    // Spans refer to what lies in here.
    conv_.resize(spec.stages.size());
    pool_.resize(spec.stages.size());
    operands_.resize(spec.stages.size());
    results_.resize(spec.stages.size());
    writers_.resize(spec.stages.size());
    for (size_t i = 0; i < spec.stages.size(); ++i) AddStage(i);
  }

  // Each call alone.
  void RunAlone() {
    for (size_t i = 0; i < calls_.size(); ++i) {
      Run(calls_[i].prepared->scratch_bytes, [&](CommandList& list, const DeviceTensor& scratch) {
        return calls_[i].kernel->record(list, *calls_[i].prepared, calls_[i].call, scratch);
      });
    }
  }

  // All calls as a chain.
  void RunChain(int64_t lines) {
    cpu::Stage stages[cpu::kMaxStages];
    const auto count = static_cast<uint32_t>(calls_.size());
    const char* const reason = cpu::FindStages(calls_, 0, count, stages);
    REQUIRE(std::string(reason == nullptr ? "" : reason) == "");
    auto chain = cpu::PrepareChain({stages, count}, lines, threads_);
    REQUIRE(chain.ok());
    std::vector<const KernelCall*> calls;
    for (const PlacedCall& call : calls_) calls.push_back(&call.call);
    Run((*chain)->scratch_bytes, [&](CommandList& list, const DeviceTensor& scratch) {
      return cpu::RecordChain(list, **chain, calls, scratch);
    });
  }

  const std::vector<float>& value(size_t i) const { return values_[i]; }
  std::span<const PlacedCall> calls() const { return calls_; }

 private:
  size_t AddValue(const TensorView& view, uint32_t seed) {
    const auto count = static_cast<size_t>(ElementCount(view));
    std::vector<float> floats(count, kUnwritten);
    if (seed != 0) {
      floats = RandomFloats({static_cast<int64_t>(count)}, seed).values<float>();
    }
    views_.push_back(view);
    values_.push_back(std::move(floats));
    auto buffer = device_->WrapHost();
    REQUIRE(buffer.ok());
    device_->SetHost(**buffer, values_.back().data(), count * sizeof(float));
    buffers_.push_back(std::move(*buffer));
    return values_.size() - 1;
  }

  DeviceTensor TensorOf(size_t value) {
    DeviceTensor tensor;
    tensor.view = views_[value];
    tensor.buffer = buffers_[value].get();
    return tensor;
  }

  DeviceTensor Constant(const Tensor& dense, Layout layout) {
    DeviceTensor tensor;
    tensor.view = dense.view();
    const auto bytes =
        layout == Layout::kDense
            ? static_cast<size_t>(ElementCount(dense.view())) * sizeof(float)
            : static_cast<size_t>(*PackedBytes(layout, dense.view().dtype, dense.view().rank,
                                               dense.view().extents));
    constants_.emplace_back(bytes / 64 + 2);
    auto* const data = constants_.back().data();
    if (layout == Layout::kDense) {
      std::memcpy(data, dense.view().data, bytes);
    } else {
      REQUIRE(Pack(layout, dense.view(), data).ok());
    }
    tensor.layout = layout;
    tensor.view.data = nullptr;
    tensor.constant = data;
    return tensor;
  }

  void AddStage(size_t i) {
    const StageSpec& spec = spec_.stages[i];
    const TensorView x = views_[i];
    const int64_t channels = spec.kind == Kind::kConv ? spec.channels : x.extents[1];
    const int64_t reach = (spec.kernel - 1) * spec.dilation + 1;
    const auto extent = [&](int axis) {
      return (x.extents[axis] + 2 * spec.pad() - reach) / spec.stride + 1;
    };
    const size_t y = AddValue(ImageOf(spec_.batch, channels, extent(2), extent(3), false), 0);
    operands_[i] = {TensorOf(i)};
    results_[i] = {TensorOf(y)};
    writers_[i] = {i > 0 ? static_cast<uint32_t>(i - 1) : PlacedCall::kOutside};
    spec.kind == Kind::kPool ? AddPool(i) : AddConv(i, channels);
    PlacedCall& call = calls_.back();
    call.call.operands = operands_[i];
    call.call.results = results_[i];
    call.writers = writers_[i];
    Prepare(&call);
    // Nobody else reads what a stage gives to the next; a residual has later readers.
    call.last_reader = i + 1 < spec_.stages.size() ? LastReader(i + 1) : PlacedCall::kOutside;
  }

  uint32_t LastReader(size_t value) const {
    size_t last = value;  // The stage of this index reads it.
    for (size_t i = value; i < spec_.stages.size(); ++i) {
      if (spec_.stages[i].residual == static_cast<int>(value)) last = i;
    }
    return static_cast<uint32_t>(last);
  }

  void AddPool(size_t i) {
    const StageSpec& spec = spec_.stages[i];
    PoolAttributes& attributes = pool_[i];
    attributes.kind = PoolKind::kMax;
    for (int axis = 0; axis < 2; ++axis) {
      attributes.kernel.Push(spec.kernel);
      attributes.strides.Push(spec.stride);
      attributes.dilations.Push(spec.dilation);
    }
    for (const int64_t pad : spec.pads()) attributes.pads.Push(pad);
    PlacedCall call;
    call.call.op = &kPoolOp;
    call.call.attributes = &attributes;
    calls_.push_back(call);
  }

  void AddConv(size_t i, int64_t channels) {
    const StageSpec& spec = spec_.stages[i];
    ConvAttributes& attributes = conv_[i];
    const bool depthwise = spec.kind == Kind::kDepthwise;
    for (int axis = 0; axis < 2; ++axis) {
      attributes.strides.Push(spec.stride);
      attributes.dilations.Push(spec.dilation);
    }
    for (const int64_t pad : spec.pads()) attributes.pads.Push(pad);
    attributes.group = depthwise ? channels : 1;
    attributes.epilogue = EpilogueOf(spec);
    const int64_t inputs = depthwise ? 1 : views_[i].extents[1];
    const auto seed = static_cast<uint32_t>(10 * i);
    operands_[i].push_back(
        Constant(RandomFloats({channels, inputs, spec.kernel, spec.kernel}, seed + 2),
                 depthwise ? Layout::kDepthwise16 : Layout::kPanel16));
    operands_[i].push_back(Constant(RandomFloats({channels}, seed + 3), Layout::kDense));
    writers_[i].resize(3, PlacedCall::kOutside);
    if (spec.residual >= 0) {
      operands_[i].resize(5);
      writers_[i].resize(5, PlacedCall::kOutside);
      operands_[i].push_back(TensorOf(static_cast<size_t>(spec.residual)));
      writers_[i].push_back(spec.residual > 0 ? static_cast<uint32_t>(spec.residual - 1)
                                              : PlacedCall::kOutside);
    }
    PlacedCall call;
    call.call.op = &kConvOp;
    call.call.attributes = &attributes;
    calls_.push_back(call);
  }

  void Prepare(PlacedCall* call) {
    std::string refused;
    for (const Kernel& kernel : device_->kernels()) {
      const std::string name = kernel.name;
      if (kernel.op != call->call.op->kind || name == "conv_winograd_f32") continue;
      if (const char* const reason = kernel.reject(call->call, device_->info())) {
        refused += name + " " + reason + "; ";
        continue;
      }
      INFO(refused);
      REQUIRE((name == "conv_panel_f32" || name == "conv_depthwise_nhwc_f32" ||
               name == "pool_nhwc_f32"));
      auto prepared = kernel.prepare(*device_, call->call);
      REQUIRE(prepared.ok());
      call->kernel = &kernel;
      call->prepared = prepared->get();
      prepared_.push_back(std::move(*prepared));
      return;
    }
  }

  template <typename Record>
  void Run(uint64_t scratch_bytes, const Record& record) {
    auto list = device_->CreateCommandList({.capacity = 1});
    auto memory = device_->Allocate(scratch_bytes, MemoryKind::kDevice);
    REQUIRE(list.ok());
    REQUIRE(memory.ok());
    DeviceTensor scratch;
    scratch.buffer = memory->get();
    REQUIRE(TextOf(record(**list, scratch)) == "");
    REQUIRE(TextOf((*list)->Run()) == "");
  }

  struct alignas(64) Line {
    uint8_t bytes[64];
  };

  const ChainSpec& spec_;
  const int threads_;
  std::unique_ptr<Device> device_;
  std::vector<TensorView> views_;
  std::vector<std::vector<float>> values_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<std::vector<Line>> constants_;
  std::vector<ConvAttributes> conv_;
  std::vector<PoolAttributes> pool_;
  std::vector<std::vector<DeviceTensor>> operands_, results_;
  std::vector<std::vector<uint32_t>> writers_;
  std::vector<PlacedCall> calls_;
  std::vector<std::unique_ptr<PreparedKernel>> prepared_;
};

void CheckBits(const ChainSpec& spec, int64_t lines, int threads, cpu::Isa isa) {
  INFO("height " << spec.height << " width " << spec.width << " channels " << spec.channels
                 << ", lines " << lines << ", threads " << threads << ", isa "
                 << static_cast<int>(isa));
  ChainRun alone(spec, threads, isa);
  ChainRun chain(spec, threads, isa);
  alone.RunAlone();
  chain.RunChain(lines);
  const size_t last = spec.stages.size();
  REQUIRE(std::memcmp(alone.value(last).data(), chain.value(last).data(),
                      alone.value(last).size() * sizeof(float)) == 0);
  CHECK(alone.value(last)[0] != kUnwritten);
  for (size_t i = 1; i < last; ++i) {
    const std::vector<float>& between = chain.value(i);
    CHECK(std::count(between.begin(), between.end(), kUnwritten) ==
          static_cast<int64_t>(between.size()));
  }
}

// Expand, depthwise, project, with a residual where the extents allow one.
ChainSpec Block(int64_t height, int64_t kernel, int64_t stride, cpu::Activation activation) {
  ChainSpec spec;
  spec.height = height;
  spec.width = 9 + height % 7;
  spec.channels = 11;
  const int residual = stride == 1 ? 0 : -1;
  spec.stages = {{Kind::kConv, 37, 1, 1, activation},
                 {Kind::kDepthwise, 0, kernel, stride, activation},
                 {Kind::kConv, 11, 1, 1, cpu::Activation::kNone, residual}};
  return spec;
}

TEST_CASE("A block as a chain gives the bits of its kernels, at every height and thread count",
          "[cpu]") {
  for (int64_t height = 1; height <= 30; ++height) {
    const int64_t kernel = height % 2 == 0 ? 3 : 5;
    const int64_t stride = 1 + height % 3 % 2;
    const ChainSpec spec = Block(height, kernel, stride, cpu::Activation::kClamp);
    for (const int threads : {1, 2, 3, 8}) {
      CheckBits(spec, 1 + height % 5, threads, cpu::DetectCpu().isa);
    }
  }
}

TEST_CASE("A block as a chain gives the bits of its kernels on each instruction set", "[cpu]") {
  using cpu::Activation;
  for (const cpu::Isa isa : MicroIsas()) {
    for (const int64_t kernel : {3, 5}) {
      for (const int64_t stride : {1, 2}) {
        CheckBits(Block(15, kernel, stride, Activation::kHardSwish), 4, 2, isa);
        CheckBits(Block(12, kernel, stride, Activation::kSwish), 3, 3, isa);
        CheckBits(Block(13, kernel, stride, Activation::kClamp), 14, 1, isa);
      }
    }
  }
}

TEST_CASE("A chain from planes over blocks with residuals inside gives the bits of its kernels",
          "[cpu]") {
  using cpu::Activation;
  ChainSpec spec;
  spec.height = 45;
  spec.width = 37;
  spec.channels = 3;
  spec.planar = true;
  spec.stages = {
      {Kind::kConv, 24, 3, 2, Activation::kHardSwish},
      {Kind::kDepthwise, 0, 3, 1, Activation::kClamp},
      {Kind::kConv, 16, 1, 1},                      // Value 3.
      {Kind::kConv, 50, 1, 1, Activation::kSwish},  //
      {Kind::kDepthwise, 0, 5, 1, Activation::kClamp},
      {Kind::kConv, 16, 1, 1, Activation::kNone, 3},  // Value 6.
      {Kind::kConv, 33, 1, 1, Activation::kClamp},
      {Kind::kDepthwise, 0, 3, 1},
      {Kind::kConv, 16, 1, 1, Activation::kNone, 6},
      {Kind::kDepthwise, 0, 3, 2},
      {Kind::kConv, 40, 1, 1},
  };
  for (const int threads : {1, 2, 3, 8}) {
    for (const int64_t lines : {1, 2, 4, 7}) CheckBits(spec, lines, threads, cpu::DetectCpu().isa);
  }
}

TEST_CASE("A chain with wide windows, pools and images gives the bits of its kernels", "[cpu]") {
  using cpu::Activation;
  ChainSpec spec;
  spec.height = 29;
  spec.width = 23;
  spec.channels = 19;
  spec.batch = 3;
  spec.stages = {
      {Kind::kConv, 20, 3, 1, Activation::kClamp},
      {Kind::kConv, 18, 3, 2},
      {Kind::kPool, 0, 3, 1},
      {Kind::kConv, 17, 1, 2, Activation::kClamp},
      {Kind::kConv, 21, 3, 1, Activation::kNone, 4},
  };
  spec.stages[4].channels = 17;
  for (const int threads : {1, 2, 3, 8}) {
    for (const int64_t lines : {1, 3, 4}) CheckBits(spec, lines, threads, cpu::DetectCpu().isa);
  }
}

TEST_CASE("A chain with uneven pads and dilated windows gives the bits of its kernels", "[cpu]") {
  using cpu::Activation;
  ChainSpec spec;
  spec.height = 41;
  spec.width = 13;
  spec.channels = 18;
  spec.stages = {
      {Kind::kDepthwise, 0, 3, 1, Activation::kClamp, -1, 4, 4},
      {Kind::kConv, 18, 3, 1, Activation::kNone, 0, 2, -3},
      {Kind::kDepthwise, 0, 5, 1, Activation::kClamp, 1, 1, 2},
      {Kind::kConv, 18, 1, 1, Activation::kNone, 2},
  };
  for (const int threads : {1, 2, 3, 8}) {
    for (const int64_t lines : {1, 4}) CheckBits(spec, lines, threads, cpu::DetectCpu().isa);
  }
}

TEST_CASE("What has windows in padding alone joins no chain", "[cpu]") {
  for (const int64_t shift : {24, -24}) {
    ChainSpec spec;
    spec.height = spec.width = 96;
    spec.channels = 64;
    spec.stages = {{Kind::kDepthwise, 0, 1, 1, cpu::Activation::kClamp},
                   {Kind::kDepthwise, 0, 3, 1, cpu::Activation::kNone, -1, 12},
                   {Kind::kDepthwise, 0, 1, 1, cpu::Activation::kNone, 1, 1, shift}};
    const ChainRun run(spec, 1, cpu::DetectCpu().isa);
    Array<FusedCalls> fused;
    std::vector<const char*> reasons(3);
    REQUIRE(cpu::FuseChains({1, 1 << 20}, run.calls(), &fused, reasons).ok());
    CHECK(fused.empty());
    REQUIRE(reasons[1] != nullptr);
    CHECK(std::string(reasons[1]) == "needs an ordinary window");
  }
}

// What the rule makes of a block: "first+count at lines, ..." or the first reason.
std::string Choice(int64_t side, int64_t channels, int64_t expanded, int64_t stride, int threads,
                   int64_t cache = 1 << 20) {
  ChainSpec spec;
  spec.height = spec.width = side;
  spec.channels = channels;
  spec.stages = {{Kind::kConv, expanded, 1, 1},
                 {Kind::kDepthwise, 0, 3, stride},
                 {Kind::kConv, channels, 1, 1}};
  const ChainRun run(spec, 1, cpu::DetectCpu().isa);
  Array<FusedCalls> fused;
  std::vector<const char*> reasons(3);
  REQUIRE(cpu::FuseChains({threads, cache}, run.calls(), &fused, reasons).ok());
  if (fused.empty()) return reasons[0];
  std::string text;
  for (const FusedCalls& one : fused) {
    text += (text.empty() ? "" : ", ") + std::to_string(one.first) + "+" +
            std::to_string(one.count) + " at " + std::to_string(one.lines);
  }
  return text;
}

TEST_CASE("Chains are chosen by what they save and cost", "[cpu]") {
  for (const int threads : {1, 2}) CHECK(Choice(56, 24, 144, 1, threads) == "0+3 at 2");
  CHECK(Choice(56, 24, 144, 1, 1, 4 << 20) == "0+3 at 4");
  CHECK(Choice(28, 32, 192, 1, 1) == "0+3 at 4");
  // Weights would be read again for little.
  CHECK(Choice(14, 96, 576, 1, 1, 4 << 20) == "would cost more than it saves");
  // Threads would compute the lines at their borders twice.
  CHECK(Choice(28, 32, 192, 1, 3) == "would cost more than it saves");
  CHECK(Choice(28, 32, 192, 1, 8) == "one step would make all lines");
  CHECK(Choice(7, 160, 960, 1, 1) == "one step would make all lines");
  CHECK(Choice(56, 24, 144, 1, 1, 128 << 10) == "rings and weights would not fit into the cache");
}

}  // namespace

}  // namespace stint::testing
