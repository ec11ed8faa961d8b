#include "backends/cpu/chains/chain.h"

#include "runtime/base/checked.h"

namespace stint::cpu {

namespace {

// Beyond any line of an image, and small enough that a stride does not overflow.
constexpr int64_t kFar = int64_t{1} << 40;
constexpr int kLargest = 1024;  // Of strides, windows and dilations.

// Kernels may read so far past a line.
constexpr int64_t kSlackFloats = 16;

// Lines of the operand that some lines of the result read.
IndexRange WindowOf(const ConvShape& shape, IndexRange lines) {
  const int64_t reach = int64_t{shape.kernel_height - 1} * shape.dilation_y + 1;
  const int64_t begin = lines.begin * shape.stride_y - shape.pad_top;
  const int64_t end = (lines.end - 1) * shape.stride_y - shape.pad_top + reach;
  return {std::clamp(begin, -kFar, kFar), std::clamp(end, -kFar, kFar)};
}

IndexRange Hull(IndexRange a, IndexRange b) {
  if (a.size() <= 0) return b;
  if (b.size() <= 0) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

// `inside`: only lines that exist.
void Trace(std::span<const Stage> stages, IndexRange lines, bool inside, IndexRange* needed) {
  const int last = static_cast<int>(stages.size()) - 1;
  for (int i = 0; i < last; ++i) needed[i] = {};
  needed[last] = lines;
  for (int i = last; i >= 0; --i) {
    const ConvShape& shape = stages[i].kernel->shape;
    if (inside) {
      needed[i].begin = std::clamp<int64_t>(needed[i].begin, 0, shape.out_height);
      needed[i].end = std::clamp<int64_t>(needed[i].end, needed[i].begin, shape.out_height);
    }
    if (needed[i].size() <= 0) continue;
    const int residual = stages[i].residual;
    if (residual >= 0) needed[residual] = Hull(needed[residual], needed[i]);
    if (i > 0) needed[i - 1] = Hull(needed[i - 1], WindowOf(shape, needed[i]));
  }
}

class ChainKernel final : public PreparedKernel {
 public:
  struct Part {
    Stage stage;
    const KernelCall* call = nullptr;  // Set when the chain is recorded.
    int64_t ring = 0;                  // Lines that are kept of the result; of the last stage 0.
    int64_t ring_at = 0;               // Floats into a thread's scratch.
    int64_t scratch_at = 0;
  };

  Array<Part> parts;
  int64_t lines = 0;
  int64_t thread_floats = 0;  // Scratch of one thread.
};

// One thread's part of a chain over one image.
class Runner {
 public:
  Runner(const Execution& execution, int64_t part, int64_t image)
      : chain_(static_cast<const ChainKernel&>(execution.kernel)),
        execution_(execution),
        scratch_(reinterpret_cast<float*>(execution.scratch) + part * chain_.thread_floats),
        image_(image) {
    for (size_t i = 0; i < chain_.parts.size(); ++i) stages_[i] = chain_.parts[i].stage;
  }

  void Run(IndexRange lines) {
    const size_t count = chain_.parts.size();
    for (int64_t line = lines.begin; line < lines.end; line += chain_.lines) {
      IndexRange needed[kMaxStages];
      const IndexRange step = {line, std::min(line + chain_.lines, lines.end)};
      Trace({stages_, count}, step, true, needed);
      for (size_t i = 0; i < count; ++i) {
        Make(i, {std::max(made_[i], needed[i].begin), needed[i].end});
        made_[i] = std::max(made_[i], needed[i].end);
      }
    }
  }

 private:
  Execution ExecutionOf(size_t i) const {
    const ChainKernel::Part& part = chain_.parts[i];
    return {execution_.threads, *part.stage.kernel, *part.call, nullptr};
  }

  // The lines of stage i's result.
  Lines ResultOf(size_t i) const {
    const ChainKernel::Part& part = chain_.parts[i];
    const ConvShape& shape = part.stage.kernel->shape;
    const int64_t line = shape.out_width * shape.out_pixel;
    if (part.ring > 0) return {scratch_ + part.ring_at, line, part.ring};
    auto* const y = ExecutionOf(i).Result(0).as<float>();
    return {y + image_ * part.stage.kernel->y_image, line, 0};
  }

  Lines OperandOf(size_t i) const {
    if (i > 0) return ResultOf(i - 1);
    const LineKernel& kernel = *chain_.parts[0].stage.kernel;
    // Kernels only read it.
    auto* const x = const_cast<float*>(ExecutionOf(0).Operand(0).as<const float>());
    return {x + image_ * kernel.x_image, kernel.shape.line, 0};
  }

  Lines ResidualOf(size_t i) const {
    const Stage& stage = chain_.parts[i].stage;
    if (stage.residual >= 0) return ResultOf(static_cast<size_t>(stage.residual));
    const CallFinish& finish = stage.kernel->finish;
    auto* const from = const_cast<float*>(finish.Residual(ExecutionOf(i)));
    if (from == nullptr) return {};
    const ImageView& view = finish.residual();
    return {from + image_ * view.image, stage.kernel->shape.out_width * view.pixel, 0};
  }

  // Computes lines of stage i, as many at a time as lie together wherever they are.
  void Make(size_t i, IndexRange lines) const {
    if (lines.size() <= 0) return;
    const LineKernel& kernel = *chain_.parts[i].stage.kernel;
    const Lines x = OperandOf(i);
    const Lines y = ResultOf(i);
    const Lines residual = ResidualOf(i);
    const bool together = kernel.ReadsTogether();
    LineCall call;
    call.x = x.data;
    call.x_ring = x.ring;
    call.scratch = scratch_ + chain_.parts[i].scratch_at;
    for (int64_t line = lines.begin; line < lines.end; line = call.lines.end) {
      int64_t count = y.Together(line, lines.end - line);
      if (residual.data != nullptr) count = residual.Together(line, count);
      if (together) count = x.Together(line, count);
      call.lines = {line, line + count};
      call.y = y.At(line);
      call.residual = residual.data == nullptr ? nullptr : residual.At(line);
      kernel.RunLines(ExecutionOf(i), call);
    }
  }

  const ChainKernel& chain_;
  const Execution& execution_;
  float* const scratch_;
  const int64_t image_;
  Stage stages_[kMaxStages];
  int64_t made_[kMaxStages] = {};  // The line behind the last one that was made.
};

Status RunChain(const Execution& execution) {
  const auto& chain = static_cast<const ChainKernel&>(execution.kernel);
  const LineKernel& last = *chain.parts[chain.parts.size() - 1].stage.kernel;
  const int64_t threads = execution.threads.threads();
  execution.threads.ForEach(threads, [&](int64_t part, int) {
    for (int64_t image = 0; image < last.batch; ++image) {
      Runner(execution, part, image).Run(PartOf(last.shape.out_height, part, threads));
    }
  });
  return {};
}

// Adds `count` lines of `floats` to a thread's scratch.
bool AddScratch(int64_t count, int64_t floats, int64_t* total) {
  int64_t bytes = 0;
  if (!CheckedMul(count, floats, &bytes) || bytes > INT64_MAX / 64 || *total > INT64_MAX / 64) {
    return false;
  }
  *total += static_cast<int64_t>(AlignUp(static_cast<uint64_t>(bytes + kSlackFloats), kPanel));
  return true;
}

}  // namespace

bool IsSane(const ConvShape& shape) {
  const bool small =
      shape.kernel_height <= kLargest && shape.stride_y <= kLargest && shape.dilation_y <= kLargest;
  if (!small || shape.pad_top < -kFar || shape.pad_top > kFar || shape.height >= kFar ||
      shape.out_height >= kFar) {
    return false;
  }
  // Each window meets lines that exist. Else what a residual needs could run ahead of what windows
  // need, and lines that are made in order would leave some out.
  const int64_t reach = int64_t{shape.kernel_height - 1} * shape.dilation_y + 1;
  const int64_t last = (shape.out_height - 1) * shape.stride_y - shape.pad_top;
  return shape.pad_top < reach && last < shape.height;
}

void FindLines(std::span<const Stage> stages, IndexRange lines, IndexRange* needed) {
  Trace(stages, lines, true, needed);
}

void RingLines(std::span<const Stage> stages, int64_t lines, int64_t* rings) {
  IndexRange needed[kMaxStages];
  Trace(stages, {0, lines}, false, needed);
  for (size_t i = 0; i + 1 < stages.size(); ++i) {
    rings[i] = std::clamp<int64_t>(needed[i].size(), 1, stages[i].kernel->shape.out_height);
  }
}

Result<std::unique_ptr<PreparedKernel>> PrepareChain(std::span<const Stage> stages, int64_t lines,
                                                     int threads) {
  STINT_ASSIGN(auto chain, Make<ChainKernel>());
  STINT_TRY(chain->parts.Resize(stages.size()));
  chain->lines = lines;
  int64_t rings[kMaxStages] = {};
  RingLines(stages, lines, rings);
  bool fits = true;
  for (size_t i = 0; i < stages.size(); ++i) {
    ChainKernel::Part& part = chain->parts[i];
    const ConvShape& shape = stages[i].kernel->shape;
    part.stage = stages[i];
    part.ring = rings[i];
    part.ring_at = chain->thread_floats;
    if (rings[i] > 0) {
      fits = fits && AddScratch(rings[i], shape.out_width * shape.out_pixel, &chain->thread_floats);
    }
    const int64_t most = rings[i] > 0 ? rings[i] : lines;
    STINT_ASSIGN(const int64_t floats, stages[i].kernel->PrepareLines(most, i > 0));
    part.scratch_at = chain->thread_floats;
    if (floats > 0) fits = fits && AddScratch(1, floats, &chain->thread_floats);
  }
  if (!fits || chain->thread_floats > INT64_MAX / 4 / threads) {
    return Error(Code::kLimit, "chain", "found rings of more than 2^61 floats, allowed fewer");
  }
  chain->scratch_bytes = static_cast<uint64_t>(chain->thread_floats * threads) * sizeof(float);
  return std::unique_ptr<PreparedKernel>(std::move(chain));
}

Status RecordChain(CommandList& commands, PreparedKernel& kernel,
                   std::span<const KernelCall* const> calls, const DeviceTensor& scratch) {
  auto& chain = static_cast<ChainKernel&>(kernel);
  for (size_t i = 0; i < calls.size(); ++i) chain.parts[i].call = calls[i];
  return static_cast<CpuCommandList&>(commands).Add(&RunChain, kernel, *calls[0], scratch);
}

}  // namespace stint::cpu
