#include "runtime/ops/recurrent.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/base/math.h"
#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/scratch.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

namespace {

constexpr const char* kKinds[] = {"rnn", "gru", "lstm"};
constexpr const char* kDirections[] = {"forward", "reverse", "bidirectional"};

constexpr Field kFields[] = {
    {1, "kind", FieldType::kEnum, offsetof(RecurrentAttributes, kind), 0, 2, kKinds},
    {2, "direction", FieldType::kEnum, offsetof(RecurrentAttributes, direction), 0, 2, kDirections},
    {3, "activations", FieldType::kIntList, offsetof(RecurrentAttributes, activations), 0,
     kRecurrentActivationCount - 1},
    {4, "alpha", FieldType::kFloatList, offsetof(RecurrentAttributes, alpha)},
    {5, "beta", FieldType::kFloatList, offsetof(RecurrentAttributes, beta)},
    {6, "clip", FieldType::kFloat, offsetof(RecurrentAttributes, clip)},
    {7, "linear_before_reset", FieldType::kInt, offsetof(RecurrentAttributes, linear_before_reset),
     0, 1},
    {8, "input_forget", FieldType::kInt, offsetof(RecurrentAttributes, input_forget), 0, 1},
};

using enum recurrent::Operand;

constexpr const char* kOperandNames[] = {"input",   "W",         "R",         "bias",
                                         "lengths", "initial h", "initial c", "peepholes"};

TensorShape OperandOf(const OpShapes& op, int i) {
  const auto index = static_cast<size_t>(i);
  return index < op.operands.size() ? op.operands[index] : TensorShape();
}

Status CheckNumbers(const RecurrentAttributes& attributes) {
  const int64_t functions = attributes.functions() * attributes.directions();
  STINT_TRY(CheckInt("activations", attributes.activations.size, functions, functions));
  if (attributes.alpha.size != 0) {
    STINT_TRY(CheckInt("alpha", attributes.alpha.size, functions, functions));
  }
  if (attributes.beta.size != 0) {
    STINT_TRY(CheckInt("beta", attributes.beta.size, functions, functions));
  }
  if (!(attributes.clip >= 0)) {
    return Error(Code::kInvalid, "clip", "found %g, allowed numbers from 0", attributes.clip);
  }
  const bool is_gru = attributes.kind == RecurrentKind::kGru;
  STINT_TRY(CheckInt("linear_before_reset", attributes.linear_before_reset, 0, is_gru ? 1 : 0));
  const bool is_lstm = attributes.kind == RecurrentKind::kLstm;
  return CheckInt("input_forget", attributes.input_forget, 0, is_lstm ? 1 : 0);
}

Status CheckTypes(const OpShapes& op, bool is_lstm) {
  const DType dtype = op.operands[kX].dtype;
  STINT_TRY(CheckFloats("input", dtype));
  for (int i = kW; i < kOperandCount; ++i) {
    const TensorShape shape = OperandOf(op, i);
    if (!shape.present()) continue;
    if (i >= kInitialC && !is_lstm) {
      return Error(Code::kInvalid, kOperandNames[i], "found one, allowed with kind lstm only");
    }
    STINT_TRY(CheckDType(kOperandNames[i], shape, i == kLengths ? DType::kInt32 : dtype));
  }
  return {};
}

// An operand has these extents, or is absent where that is allowed.
template <int kRank>
Status RequireShape(const OpShapes& op, int i, const Dim (&extents)[kRank], DimContext& dims) {
  const TensorShape shape = OperandOf(op, i);
  if (!shape.present()) return {};
  STINT_TRY(CheckRank(kOperandNames[i], shape, kRank, kRank));
  for (int axis = 0; axis < kRank; ++axis) {
    dims.Require(shape.extents[axis], extents[axis], kOperandNames[i]);
  }
  return {};
}

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const RecurrentAttributes*>(op.attributes);
  const bool is_lstm = attributes.kind == RecurrentKind::kLstm;
  STINT_TRY(CheckNumbers(attributes));
  STINT_TRY(CheckTypes(op, is_lstm));
  const TensorShape& x = op.operands[kX];
  STINT_TRY(CheckRank("input", x, 3, 3));
  STINT_TRY(CheckRank("R", op.operands[kR], 2, 2));
  const Dim directions = attributes.directions();
  const Dim batch = x.extents[1];
  const Dim units = op.operands[kR].extents[1];
  const Dim columns = dims.Mul(attributes.gates(), units);
  const Dim rows = dims.Mul(directions, columns);
  STINT_TRY(RequireShape(op, kW, {rows, x.extents[2]}, dims));
  STINT_TRY(RequireShape(op, kR, {rows, units}, dims));
  STINT_TRY(RequireShape(op, kBias, {directions, dims.Mul(2, columns)}, dims));
  STINT_TRY(RequireShape(op, kLengths, {batch}, dims));
  STINT_TRY(RequireShape(op, kInitialH, {directions, batch, units}, dims));
  STINT_TRY(RequireShape(op, kInitialC, {directions, batch, units}, dims));
  STINT_TRY(RequireShape(op, kPeepholes, {directions, dims.Mul(3, units)}, dims));
  results[1] = {x.dtype, 3, {directions, batch, units}};
  results[0] = {x.dtype, 4, {x.extents[0], directions, batch, units}};
  if (is_lstm) results[2] = results[1];
  return {};
}

template <typename C>
C TanhOf(C x) {
  return static_cast<C>(math::Tanh(static_cast<double>(x)));
}

template <typename C>
C Activate(RecurrentActivation function, C a, C b, C x) {
  const auto wide = static_cast<double>(x);
  switch (function) {
    case RecurrentActivation::kRelu:
      return x < 0 ? C{0} : x;
    case RecurrentActivation::kTanh:
      return TanhOf(x);
    case RecurrentActivation::kSigmoid:
      return static_cast<C>(1.0 / (1.0 + math::Exp(-wide)));
    case RecurrentActivation::kAffine:
      return a * x + b;
    case RecurrentActivation::kLeakyRelu:
      return x < 0 ? a * x : x;
    case RecurrentActivation::kThresholdedRelu:
      return x >= a ? x : C{0};
    case RecurrentActivation::kScaledTanh:
      return a * TanhOf(b * x);
    case RecurrentActivation::kHardSigmoid:
      return Larger(C{0}, Smaller(C{1}, a * x + b));
    case RecurrentActivation::kElu:
      return x < 0 ? a * static_cast<C>(math::Expm1(wide)) : x;
    case RecurrentActivation::kSoftsign:
      return x / (1 + std::abs(x));
    case RecurrentActivation::kSoftplus:
      return static_cast<C>(Larger(wide, 0.0) + math::Log1p(math::Exp(-std::abs(wide))));
  }
  return x;
}

// One direction of the layer for one item of the batch, a step at a time.
template <typename C>
class Cell {
 public:
  Cell(const OpTensors& op, int64_t direction, int64_t item, C* memory)
      : op_(op),
        attributes_(op.as<RecurrentAttributes>()),
        direction_(direction),
        item_(item),
        units_(op.results[1].extents[2]),
        h_(memory),
        c_(h_ + units_),
        scaled_(c_ + units_),
        next_(scaled_ + units_) {
    for (int64_t u = 0; u < units_; ++u) {
      h_[u] = State(kInitialH, u);
      c_[u] = State(kInitialC, u);
    }
  }

  // h, c, the scaled h and the next h.
  static std::span<C> TakeMemory(const OpTensors& op, Scratch& scratch) {
    const TensorView& last = op.results[1];
    return scratch.Take<C>(ElementCount(last) == 0 ? 0 : 4 * last.extents[2]);
  }

  void Step(int64_t step) {
    step_ = step;
    switch (attributes_.kind) {
      case RecurrentKind::kRnn:
        for (int64_t u = 0; u < units_; ++u) next_[u] = Gate(0, u, 0, h_, 0);
        break;
      case RecurrentKind::kGru:
        StepGru();
        break;
      case RecurrentKind::kLstm:
        for (int64_t u = 0; u < units_; ++u) next_[u] = StepLstm(u);
        break;
    }
    std::copy_n(next_, units_, h_);
  }

  void StoreOutput(int64_t step) const {
    const TensorView& y = op_.results[0];
    const int64_t at = step * y.strides[0] + direction_ * y.strides[1] + item_ * y.strides[2];
    for (int64_t u = 0; u < units_; ++u) Store(h_[u], y, at + u * y.strides[3]);
  }

  // Zeros when there was no step.
  void StoreStates(bool stepped) const {
    StoreState(op_.results[1], h_, stepped);
    if (op_.results.size() > 2) StoreState(op_.results[2], c_, stepped);
  }

 private:
  TensorView Tensor(int i) const {
    const auto index = static_cast<size_t>(i);
    return index < op_.operands.size() ? op_.operands[index] : TensorView();
  }

  C State(int i, int64_t u) const {
    const TensorView state = Tensor(i);
    if (!state.present()) return 0;
    return Load<C>(state,
                   direction_ * state.strides[0] + item_ * state.strides[1] + u * state.strides[2]);
  }

  void StoreState(const TensorView& state, const C* values, bool stepped) const {
    if (!state.present()) return;
    const int64_t at = direction_ * state.strides[0] + item_ * state.strides[1];
    for (int64_t u = 0; u < units_; ++u) {
      Store(stepped ? values[u] : C{0}, state, at + u * state.strides[2]);
    }
  }

  int64_t RowOf(int64_t gate, int64_t u) const {
    return (direction_ * attributes_.gates() + gate) * units_ + u;
  }

  // Biases of W (0) and R (1).
  C Bias(int side, int64_t gate, int64_t u) const {
    const TensorView bias = Tensor(kBias);
    if (!bias.present()) return 0;
    const int64_t column = (side * attributes_.gates() + gate) * units_ + u;
    return Load<C>(bias, direction_ * bias.strides[0] + column * bias.strides[1]);
  }

  C FromInput(int64_t gate, int64_t u) const {
    const TensorView& x = op_.operands[kX];
    const TensorView& w = op_.operands[kW];
    C sum = Bias(0, gate, u);
    for (int64_t i = 0; i < x.extents[2]; ++i) {
      sum += Load<C>(x, step_ * x.strides[0] + item_ * x.strides[1] + i * x.strides[2]) *
             Load<C>(w, RowOf(gate, u) * w.strides[0] + i * w.strides[1]);
    }
    return sum;
  }

  C FromState(int64_t gate, int64_t u, const C* h) const {
    const TensorView& r = op_.operands[kR];
    C sum = Bias(1, gate, u);
    for (int64_t i = 0; i < units_; ++i) {
      sum += h[i] * Load<C>(r, RowOf(gate, u) * r.strides[0] + i * r.strides[1]);
    }
    return sum;
  }

  C Clipped(C x) const {
    const auto clip = static_cast<C>(attributes_.clip);
    return clip == 0 ? x : std::min(std::max(x, -clip), clip);  // NaN stays.
  }

  C Function(int64_t which, C x) const {
    const int64_t i = direction_ * attributes_.functions() + which;
    const auto number = [i](const FloatList& list) {
      return static_cast<C>(list.size == 0 ? 0.0 : list[i]);
    };
    return Activate(static_cast<RecurrentActivation>(attributes_.activations[i]),
                    number(attributes_.alpha), number(attributes_.beta), x);
  }

  // Activation `which` of a gate's sum, to which `more` is added.
  C Gate(int64_t gate, int64_t u, int64_t which, const C* h, C more) const {
    return Function(which, Clipped(FromInput(gate, u) + FromState(gate, u, h) + more));
  }

  void StepGru() {
    for (int64_t u = 0; u < units_; ++u) scaled_[u] = Gate(1, u, 0, h_, 0) * h_[u];
    for (int64_t u = 0; u < units_; ++u) {
      const C z = Gate(0, u, 0, h_, 0);
      const C candidate = attributes_.linear_before_reset != 0 ? CandidateBeforeReset(u)
                                                               : Gate(2, u, 1, scaled_, 0);
      next_[u] = (1 - z) * candidate + z * h_[u];
    }
  }

  C CandidateBeforeReset(int64_t u) const {
    const C r = Gate(1, u, 0, h_, 0);
    return Function(1, Clipped(FromInput(2, u) + r * FromState(2, u, h_)));
  }

  C Peephole(int64_t gate, int64_t u, C c) const {
    const TensorView p = Tensor(kPeepholes);
    if (!p.present()) return 0;
    return c * Load<C>(p, direction_ * p.strides[0] + (gate * units_ + u) * p.strides[1]);
  }

  // i and f see the cell as it was, o as it becomes.
  C StepLstm(int64_t u) {
    const C i = Gate(0, u, 0, h_, Peephole(0, u, c_[u]));
    const C f = attributes_.input_forget != 0 ? 1 - i : Gate(2, u, 0, h_, Peephole(2, u, c_[u]));
    c_[u] = f * c_[u] + i * Gate(3, u, 1, h_, 0);
    return Gate(1, u, 0, h_, Peephole(1, u, c_[u])) * Function(2, c_[u]);
  }

  const OpTensors& op_;
  const RecurrentAttributes& attributes_;
  int64_t direction_;
  int64_t item_;
  int64_t units_;
  int64_t step_ = 0;
  C* h_;
  C* c_;
  C* scaled_;  // The reset gate times h.
  C* next_;
};

void ClearOutput(const TensorView& y, int64_t step, int64_t direction, int64_t item) {
  const int64_t at = step * y.strides[0] + direction * y.strides[1] + item * y.strides[2];
  for (int64_t u = 0; u < y.extents[3]; ++u) Store(0.0F, y, at + u * y.strides[3]);
}

template <typename C>
void RunItem(const OpTensors& op, int64_t direction, int64_t item, int64_t length, C* memory) {
  const bool backwards = op.as<RecurrentAttributes>().runs_backwards(direction);
  Cell<C> cell(op, direction, item, memory);
  for (int64_t i = 0; i < length; ++i) {
    const int64_t step = backwards ? length - 1 - i : i;
    cell.Step(step);
    cell.StoreOutput(step);
  }
  for (int64_t step = length; step < op.results[0].extents[0]; ++step) {
    ClearOutput(op.results[0], step, direction, item);
  }
  cell.StoreStates(length > 0);
}

template <typename C>
Status RunAll(const OpTensors& op) {
  const TensorView& last = op.results[1];
  const int64_t steps = op.results[0].extents[0];
  if (ElementCount(last) == 0) return {};
  Scratch scratch(op.scratch);
  const std::span<C> memory = Cell<C>::TakeMemory(op, scratch);
  const TensorView lengths = op.operands.size() > kLengths ? op.operands[kLengths] : TensorView();
  for (int64_t item = 0; item < last.extents[1]; ++item) {
    STINT_ASSIGN(const int64_t length, RecurrentLength(lengths, item, steps));
    for (int64_t d = 0; d < last.extents[0]; ++d) RunItem(op, d, item, length, memory.data());
  }
  return {};
}

bool InDouble(const OpTensors& op) {
  return ComputeClassOf(op.operands[kX].dtype) == ComputeClass::kDouble;
}

uint64_t ScratchOf(const OpTensors& op) {
  Scratch scratch;
  InDouble(op) ? void(Cell<double>::TakeMemory(op, scratch))
               : void(Cell<float>::TakeMemory(op, scratch));
  return scratch.bytes();
}

Status Run(const OpTensors& op) { return InDouble(op) ? RunAll<double>(op) : RunAll<float>(op); }

}  // namespace

Result<int64_t> RecurrentLength(const TensorView& lengths, int64_t item, int64_t steps) {
  if (!lengths.present()) return steps;
  const int64_t length = LoadIndex(lengths, item * lengths.strides[0]);
  if (length >= 0 && length <= steps) return length;
  return Error(Code::kInvalid, "lengths", "found %lld, allowed 0 to %lld",
               static_cast<long long>(length), static_cast<long long>(steps));
}

constinit const OpInfo kRecurrentOp = {
    .kind = OpKind::kRecurrent,
    .name = "Recurrent",
    .summary = "A simple, gated or long short-term memory layer over a sequence.",
    .fields = kFields,
    .attributes_size = sizeof(RecurrentAttributes),
    .construct = ConstructAttributes<RecurrentAttributes>,
    .required_operands = 3,
    .core_operands = kOperandCount,
    .variadic = false,
    .core_results = 3,
    .strided_operands = 1 << kX | 1 << kInitialH | 1 << kInitialC,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
    .scratch = ScratchOf,
};

}  // namespace stint
