#include "backends/cpu/kernels/recurrent_layer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "backends/cpu/kernels/nhwc_call.h"
#include "runtime/base/checked.h"

namespace stint::cpu {

namespace {

using enum recurrent::Operand;

// Items of the batch that one task runs: what a tile of the widest kernels takes.
constexpr int64_t kBlockRows = 8;
// Floats of the input's products that are made at once: they stay in the second level of cache.
constexpr int64_t kChunkFloats = 1 << 16;
// Multiply-accumulates of a step that pay for two meetings of the threads.
constexpr int64_t kLargeStep = 1 << 17;

int64_t WholePanels(int64_t columns) { return (columns + kPanel - 1) / kPanel * kPanel; }

// Columns [begin, end) of the matrix; `shape` has all but those.
Status PlanProduct(const PanelKernels& kernels, ConvShape shape, int64_t begin, int64_t end,
                   RecurrentProduct* product) {
  product->panel = begin / kPanel;
  product->skip = begin % kPanel;
  shape.out_channels = end - product->panel * kPanel;
  product->row = shape.out_pixel = WholePanels(shape.out_channels);
  STINT_ASSIGN(product->plan, PlanConv(kernels, shape));
  return {};
}

int64_t Floats(const RecurrentProduct& product, int64_t rows) { return rows * product.row; }

int64_t ProductFloats(const RecurrentBlock& block, int64_t chunk) {
  return Floats(block.input, chunk * block.rows) + Floats(block.gates, block.rows) +
         Floats(block.candidate, block.rows);
}

}  // namespace

bool ToCellFunction(const RecurrentAttributes& attributes, int64_t i, CellFunction* function) {
  switch (static_cast<RecurrentActivation>(attributes.activations[i])) {
    case RecurrentActivation::kRelu:
      function->activation = CellActivation::kRelu;
      return true;
    case RecurrentActivation::kTanh:
      function->activation = CellActivation::kTanh;
      return true;
    case RecurrentActivation::kSigmoid:
      function->activation = CellActivation::kSigmoid;
      return true;
    case RecurrentActivation::kHardSigmoid:
      function->activation = CellActivation::kHardSigmoid;
      function->slope = attributes.alpha.size == 0 ? 0 : static_cast<float>(attributes.alpha[i]);
      function->offset = attributes.beta.size == 0 ? 0 : static_cast<float>(attributes.beta[i]);
      return true;
    default:
      return false;
  }
}

bool RecurrentLayer::has_large_steps() const {
  return static_cast<double>(columns_) * static_cast<double>(units_) *
             static_cast<double>(batch_) >=
         kLargeStep;
}

Status RecurrentLayer::Plan(CpuDevice& device, const KernelCall& call) {
  const auto& attributes = call.as<RecurrentAttributes>();
  const TensorView& x = call.operands[kX].view;
  panel_ = device.nhwc().panel;
  cells_ = device.nhwc().recurrent;
  kind_ = attributes.kind;
  variant_ = attributes.linear_before_reset != 0 || attributes.input_forget != 0;
  clip_ = attributes.clip == 0 ? INFINITY : static_cast<float>(attributes.clip);
  steps_ = x.extents[0];
  batch_ = x.extents[1];
  inputs_ = x.extents[2];
  units_ = call.operands[kR].view.extents[1];
  directions_ = attributes.directions();
  columns_ = attributes.gates() * units_;
  state_row_ = WholePanels(units_);
  const int64_t rows = std::min(batch_, kBlockRows);
  blocks_ = (batch_ + rows - 1) / rows;
  chunk_ = std::clamp<int64_t>(kChunkFloats / (rows * WholePanels(columns_ + kPanel)), 1, steps_);
  for (int64_t d = 0; d < directions_; ++d) {
    for (int64_t i = 0; i < attributes.functions(); ++i) {
      ToCellFunction(attributes, d * attributes.functions() + i, &functions_[d][i]);
    }
    STINT_TRY(PlanBlock(call, d, rows, &plans_[d][0]));
    STINT_TRY(PlanBlock(call, d, batch_ - (blocks_ - 1) * rows, &plans_[d][1]));
    task_floats_ =
        std::max(task_floats_, ProductFloats(plans_[d][0], chunk_) + 3 * rows * state_row_);
  }
  return {};
}

Status RecurrentLayer::PlanBlock(const KernelCall& call, int64_t direction, int64_t rows,
                                 RecurrentBlock* block) {
  const TensorView& x = call.operands[kX].view;
  const int64_t begin = direction * columns_;
  block->rows = rows;
  ConvShape input = ProductShape(chunk_, inputs_, 0, x.strides[0], 0);
  if (rows > 1) {
    input.height = input.out_height = chunk_;
    input.width = input.out_width = rows;
    input.line = x.strides[0];
    input.pixel = x.strides[1];
  }
  STINT_TRY(PlanProduct(*panel_, input, begin, begin + columns_, &block->input));
  const ConvShape state = ProductShape(rows, units_, 0, state_row_, 0);
  const bool gru = kind_ == RecurrentKind::kGru;
  const int64_t end = begin + (gru ? 2 * units_ : columns_);
  STINT_TRY(PlanProduct(*panel_, state, begin, end, &block->gates));
  if (gru) STINT_TRY(PlanProduct(*panel_, state, end, begin + columns_, &block->candidate));
  return {};
}

const RecurrentBlock& RecurrentLayer::BlockOf(int64_t task) const {
  return plans_[task / blocks_][task % blocks_ == blocks_ - 1 ? 1 : 0];
}

void RecurrentLayer::SumBiases(const Execution& execution, float* shared) const {
  float* const of_input = shared;
  float* const of_state = shared + directions_ * columns_;
  std::memset(shared, 0, static_cast<size_t>(shared_floats()) * sizeof(float));
  const TensorView bias = execution.Operand(kBias);
  if (!bias.present()) return;
  const bool apart = kind_ == RecurrentKind::kGru && variant_;
  for (int64_t d = 0; d < directions_; ++d) {
    const float* const w = bias.as<const float>() + 2 * d * columns_;
    const float* const r = w + columns_;
    for (int64_t i = 0; i < columns_; ++i) {
      // The candidate's bias of R is scaled by the reset gate.
      const bool scaled = apart && i >= 2 * units_;
      of_input[d * columns_ + i] = scaled ? w[i] : w[i] + r[i];
      of_state[d * columns_ + i] = scaled ? r[i] : 0;
    }
  }
}

// One direction and block while it runs.
class RecurrentTask {
 public:
  RecurrentTask(const RecurrentLayer& layer, const Execution& execution, int64_t task, bool split,
                const float* shared, float* memory)
      : layer_(layer),
        execution_(execution),
        block_(layer.BlockOf(task)),
        direction_(task / layer.blocks_),
        item_(task % layer.blocks_ * std::min(layer.batch_, kBlockRows)),
        split_(split),
        shared_(shared),
        input_sums_(memory),
        state_sums_(input_sums_ + Floats(block_.input, layer.chunk_ * block_.rows)),
        candidate_sums_(state_sums_ + Floats(block_.gates, block_.rows)),
        h_(candidate_sums_ + Floats(block_.candidate, block_.rows)),
        c_(h_ + block_.rows * layer.state_row_),
        scaled_(c_ + block_.rows * layer.state_row_),
        backwards_(execution.as<RecurrentAttributes>().runs_backwards(direction_)) {}

  void Run() {
    LoadState(execution_.Operand(kInitialH), h_);
    LoadState(execution_.Operand(kInitialC), c_);
    for (int64_t done = 0; done < layer_.steps_; done += layer_.chunk_) {
      const int64_t count = std::min(layer_.chunk_, layer_.steps_ - done);
      const int64_t first = backwards_ ? layer_.steps_ - done - count : done;
      MultiplyInput(first, count);
      for (int64_t i = 0; i < count; ++i) {
        const int64_t place = backwards_ ? count - 1 - i : i;
        Step(first + place, place);
      }
    }
    StoreState(execution_.Result(1), h_);
    if (layer_.kind_ == RecurrentKind::kLstm) StoreState(execution_.Result(2), c_);
  }

 private:
  int64_t LengthOf(int64_t row) const {
    const TensorView lengths = execution_.Operand(kLengths);
    if (!lengths.present()) return layer_.steps_;
    return lengths.as<const int32_t>()[(item_ + row) * lengths.strides[0]];
  }

  const float* At(const TensorView& state, int64_t row) const {
    return state.as<const float>() + direction_ * state.strides[0] +
           (item_ + row) * state.strides[1];
  }

  void LoadState(const TensorView& from, float* to) const {
    for (int64_t row = 0; row < block_.rows; ++row, to += layer_.state_row_) {
      for (int64_t u = 0; u < layer_.units_; ++u) {
        to[u] = from.present() ? At(from, row)[u * from.strides[2]] : 0.0F;
      }
    }
  }

  // Zeros of an item without steps.
  void StoreState(const TensorView& to, const float* from) const {
    for (int64_t row = 0; row < block_.rows; ++row, from += layer_.state_row_) {
      auto* const at = const_cast<float*>(At(to, row));
      for (int64_t u = 0; u < layer_.units_; ++u) {
        at[u * to.strides[2]] = LengthOf(row) > 0 ? from[u] : 0.0F;
      }
    }
  }

  void Multiply(const RecurrentProduct& product, const float* x, int matrix, const float* bias,
                int64_t rows, float* y) const {
    Finish finish;
    finish.bias = bias == nullptr ? nullptr : bias + product.panel * kPanel;
    const ConvPlan& plan = product.plan;
    ConvData data;
    data.x = x;
    data.weights = execution_.Operand(static_cast<size_t>(matrix)).as<const float>() +
                   product.panel * kPanel * plan.shape.channels;
    data.finish = &finish;
    data.y = y;
    const IndexRange units = {0, plan.flat ? rows : rows / block_.rows};
    if (!split_) return RunConv(plan, data, units, {0, plan.groups});
    const int64_t threads = execution_.threads.threads();
    execution_.threads.ForEach(threads, [&](int64_t part, int) {
      RunConv(plan, data, units, PartOf(plan.groups, part, threads));
    });
  }

  void MultiplyInput(int64_t first, int64_t count) {
    const TensorView x = execution_.Operand(kX);
    Multiply(block_.input, x.as<const float>() + first * x.strides[0] + item_ * x.strides[1], kW,
             shared_, count * block_.rows, input_sums_);
  }

  void MultiplyState(const RecurrentProduct& product, const float* state, float* sums) const {
    const bool has_bias = layer_.kind_ == RecurrentKind::kGru && layer_.variant_;
    const float* const bias = has_bias ? shared_ + layer_.directions_ * layer_.columns_ : nullptr;
    Multiply(product, state, kR, bias, block_.rows, sums);
  }

  RecurrentCell CellOf(int64_t step, int64_t place, int64_t row) const {
    const RecurrentProduct& input = block_.input;
    const float* const sums = input_sums_ + (place * block_.rows + row) * input.row + input.skip;
    RecurrentCell cell = {};
    cell.units = layer_.units_;
    for (int gate = 0; gate < layer_.columns_ / layer_.units_; ++gate) {
      cell.input[gate] = sums + gate * layer_.units_;
      cell.recurrent[gate] =
          state_sums_ + row * block_.gates.row + block_.gates.skip + gate * layer_.units_;
    }
    if (layer_.kind_ == RecurrentKind::kGru) {
      cell.recurrent[2] = candidate_sums_ + row * block_.candidate.row + block_.candidate.skip;
    }
    const TensorView peepholes = execution_.Operand(kPeepholes);
    for (int gate = 0; gate < 3 && peepholes.present(); ++gate) {
      cell.peepholes[gate] = peepholes.as<const float>() + (3 * direction_ + gate) * layer_.units_;
    }
    const CellFunction* const functions = layer_.functions_[direction_];
    cell.h = h_ + row * layer_.state_row_;
    cell.c = c_ + row * layer_.state_row_;
    cell.scaled = scaled_ + row * layer_.state_row_;
    cell.y = OutputAt(step, row);
    cell.f = functions[0];
    cell.g = functions[1];
    cell.result = functions[2];
    cell.clip = layer_.clip_;
    cell.variant = layer_.variant_;
    return cell;
  }

  float* OutputAt(int64_t step, int64_t row) const {
    const TensorView y = execution_.Result(0);
    return y.as<float>() + step * y.strides[0] + direction_ * y.strides[1] +
           (item_ + row) * y.strides[2];
  }

  // Calls a kernel of each item that has the step; others get zeros.
  void ForItems(int64_t step, int64_t place, void (*kernel)(const RecurrentCell& cell)) const {
    for (int64_t row = 0; row < block_.rows; ++row) {
      if (step < LengthOf(row)) {
        kernel(CellOf(step, place, row));
      } else {
        std::memset(OutputAt(step, row), 0, static_cast<size_t>(layer_.units_) * sizeof(float));
      }
    }
  }

  void Step(int64_t step, int64_t place) const {
    const RecurrentKernels& cells = *layer_.cells_;
    MultiplyState(block_.gates, h_, state_sums_);
    if (layer_.kind_ == RecurrentKind::kLstm) return ForItems(step, place, cells.lstm);
    if (layer_.kind_ == RecurrentKind::kRnn) return ForItems(step, place, cells.rnn);
    if (!layer_.variant_) ForItems(step, place, cells.gru_reset);
    MultiplyState(block_.candidate, layer_.variant_ ? h_ : scaled_, candidate_sums_);
    ForItems(step, place, cells.gru);
  }

  const RecurrentLayer& layer_;
  const Execution& execution_;
  const RecurrentBlock& block_;
  int64_t direction_;
  int64_t item_;  // The block's first.
  bool split_;
  const float* shared_;
  float* input_sums_;
  float* state_sums_;
  float* candidate_sums_;
  float* h_;
  float* c_;
  float* scaled_;
  bool backwards_;
};

void RecurrentLayer::RunTask(const Execution& execution, int64_t task, bool split,
                             const float* shared, float* memory) const {
  RecurrentTask(*this, execution, task, split, shared, memory).Run();
}

}  // namespace stint::cpu
