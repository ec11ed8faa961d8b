// Decides which tensors with channels lie channels last. Convolutions and pools want it; inputs,
// outputs and reshapes want channels first; where neighbours differ, elements are moved. A minimum
// cut over the bytes that would be moved decides for all tensors at once. Then views are rewritten,
// and Copies made where an op cannot read what its neighbour left.
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/ops/conv.h"
#include "runtime/ops/copy.h"
#include "tools/compiler/graph/compose_views.h"
#include "tools/compiler/graph/image_layout.h"
#include "tools/compiler/passes/minimum_cut.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// What stands for an extent that is not known, when bytes are weighed.
constexpr double kGuessedExtent = 32;
// A convolution reads so few channels as planes, whatever the layout of its result.
constexpr int64_t kPlanarChannels = 4;
// To move a tensor is to read and to write it.
constexpr double kMove = 2;
// What a convolution with channels first loses, in bytes that could be moved meanwhile: for each
// multiply-accumulate and for each byte of its result.
constexpr double kLostByMultiply = 0.06;
constexpr double kLostByResult = 2;
constexpr double kNever = 1e15;

// Elementwise in the sense of layouts: all axes may be permuted together.
bool IsPermutable(const Node& node) {
  return node.op->kind == OpKind::kMap || node.op->kind == OpKind::kCopy;
}

bool ReadsPlanes(const Node& node) {
  if (node.op->kind != OpKind::kConv) return false;
  const Dim channels = node.operands[0].dims[1];
  return channels.is_constant() && channels.constant() <= kPlanarChannels &&
         node.attributes.as<ConvAttributes>().group == 1;
}

// Whether the view shows its whole value, [N, C, spatial...], as [N, spatial..., C].
bool IsPermutedToLast(const View& view, Function& function) {
  const View plain = function.ViewOf(view.value);
  if (plain.dims.size() < 3 || plain.dims.size() != view.dims.size()) return false;
  View permuted = plain;
  const std::vector<size_t> order = ChannelsLastOrder(plain.dims.size());
  permuted.dims = Permuted(plain.dims, order);
  permuted.strides = Permuted(plain.strides, order);
  return permuted == view;
}

// Which side of the cut each value takes.
class Decision {
 public:
  explicit Decision(Function& function)
      : function_(function), uses_(function), candidates_(function.values.size(), kNone) {
    for (ValueId value = 0; value < function.values.size(); ++value) {
      if (IsCandidate(value)) candidates_[value] = count_++;
    }
    cut_ = std::make_unique<MinimumCut>(count_);
  }

  // The values that are to lie channels last.
  std::vector<bool> Make() {
    for (const Node& node : function_.nodes) VisitNode(node);
    for (const Output& output : function_.outputs) Read(output.view, kMove);
    const std::vector<bool> second = cut_->Solve();
    std::vector<bool> last(function_.values.size(), false);
    for (ValueId value = 0; value < last.size(); ++value) {
      last[value] = candidates_[value] != kNone && second[candidates_[value]];
    }
    return last;
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;

  // Written once, as a whole, by an op that can write either layout; with several channels at
  // several positions, else both layouts are one.
  bool IsCandidate(ValueId id) {
    const Value& value = function_[id];
    const Node* writer = uses_.writer(id);
    if (value.is_input || writer == nullptr || value.dims.size() < 3) return false;
    const bool able = IsPermutable(*writer) || writer->op->kind == OpKind::kReduce ||
                      writer->op->kind == OpKind::kResample ||
                      (IsWindowOp(*writer) && HasChannelsLastKernel(*writer, function_));
    if (!able || !HasPlainResults(*writer, function_)) return false;
    bool several = false;
    for (size_t axis = 2; axis < value.dims.size(); ++axis) {
      several = several || value.dims[axis] != Dim(1);
    }
    return several && value.dims[1] != Dim(1);
  }

  // The candidate that the view shows plainly.
  size_t CandidateOf(const View& view) {
    if (!view.present() || candidates_[view.value] == kNone) return kNone;
    return IsPlain(view, function_) ? candidates_[view.value] : kNone;
  }

  static double Guess(Dim dim) {
    return dim.is_constant() ? static_cast<double>(dim.constant()) : kGuessedExtent;
  }

  double BytesOfView(const View& view) const {
    double bytes = BytesOf(function_[view.value].dtype);
    for (const Dim dim : view.dims) bytes *= Guess(dim);
    return bytes;
  }

  // Multiply-accumulates of a convolution for an element of its result.
  static double DepthOf(const Node& node) {
    double depth = 1;
    for (size_t axis = 1; axis < node.operands[1].dims.size(); ++axis) {
      depth *= Guess(node.operands[1].dims[axis]);
    }
    return depth;
  }

  void Couple(const View& a, const View& b, double moves) {
    const size_t first = CandidateOf(a);
    const size_t second = CandidateOf(b);
    const double cost = moves * BytesOfView(a);
    if (first != kNone && second != kNone) return cut_->Couple(first, second, cost);
    if (first == kNone && second == kNone) return;
    // What is no candidate has its layout already.
    const size_t candidate = first != kNone ? first : second;
    const View& fixed = first != kNone ? b : a;
    const bool last = IsChannelsLast(fixed, function_.dims);
    if (last && IsContiguous(fixed, function_.dims)) return;
    last ? cut_->PreferSecond(candidate, cost) : cut_->PreferFirst(candidate, cost);
  }

  // A reader that wants what it sees row-major, or takes any strides at a smaller cost: channels
  // first, or last where its view has them there.
  void Read(const View& view, double moves) {
    if (!view.present() || candidates_[view.value] == kNone) return;
    const size_t candidate = candidates_[view.value];
    const double cost = moves * BytesOfView(view);
    IsPermutedToLast(view, function_) ? cut_->PreferSecond(candidate, cost)
                                      : cut_->PreferFirst(candidate, cost);
  }

  void VisitNode(const Node& node) {
    if (IsWindowOp(node) && HasChannelsLastKernel(node, function_)) return VisitWindow(node);
    if (IsPermutable(node)) return VisitPermutable(node);
    if (node.op->kind == OpKind::kResample) {
      return Couple(node.operands[0], node.results[0], kMove);
    }
    const bool strided_cheap = node.op->kind == OpKind::kReduce;
    for (size_t i = 0; i < node.operands.size(); ++i) {
      const bool strided = TakesStrides(*node.op, i);
      Read(node.operands[i], strided_cheap ? 0.1 : strided ? 0.5 : kMove);
    }
    if (node.op->kind != OpKind::kReduce) return;
    Couple(node.operands[0], node.results[0], 0.1);
  }

  void VisitWindow(const Node& node) {
    const View& result = node.results[0];
    const size_t candidate = CandidateOf(result);
    const size_t input = CandidateOf(node.operands[0]);
    if (!ReadsPlanes(node)) Couple(node.operands[0], result, kMove);
    if (candidate == kNone && input != kNone && IsChannelsLast(result, function_.dims)) {
      cut_->PreferSecond(input, kMove * BytesOfView(node.operands[0]));
    }
    if (candidate != kNone && node.op->kind == OpKind::kConv) {
      const double lost = kLostByResult + kLostByMultiply * DepthOf(node) / 4;
      cut_->PreferSecond(candidate, lost * BytesOfView(result));
    }
    const auto core = static_cast<size_t>(node.op->core_operands);
    for (size_t i = core; i < node.operands.size(); ++i) {
      if (node.operands[i].dims == result.dims) Couple(node.operands[i], result, kMove);
    }
  }

  void VisitPermutable(const Node& node) {
    const View& result = node.results[0];
    for (const View& other : node.results) {
      if (other.present() && CandidateOf(other) != CandidateOf(result)) {
        Couple(other, result, kNever);
      }
    }
    for (const View& operand : node.operands) {
      const bool small = operand.dims.size() < 3 || operand.dims != result.dims;
      if (node.op->kind == OpKind::kMap && small) continue;
      if (operand.dims.size() == result.dims.size()) Couple(operand, result, 1);
    }
  }

  Function& function_;
  Uses uses_;
  std::vector<size_t> candidates_;  // By value: its number in the cut.
  size_t count_ = 0;
  std::unique_ptr<MinimumCut> cut_;
};

// Rewrites the function for a decision.
class Rewriter {
 public:
  Rewriter(Function& function, std::vector<bool> last)
      : function_(function), last_(std::move(last)) {}

  Patch Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      const Node node = function_.nodes[i];
      const bool permute = IsPermutable(node) && IsLast(node.results[0]);
      Node changed = permute ? Permute(node, i) : Rewrite(node, i);
      if (changed.operands != node.operands || changed.results != node.results) {
        patch_.replace.emplace_back(i, std::move(changed));
      }
    }
    for (size_t i = 0; i < function_.outputs.size(); ++i) {
      const View view = function_.outputs[i].view;
      if (IsLast(view)) patch_.outputs.emplace_back(i, OutputView(view));
    }
    return std::move(patch_);
  }

 private:
  bool IsLast(const View& view) const {
    return view.present() && view.value < last_.size() && last_[view.value];
  }

  // The value that takes the place of one that lies channels last, as [N, C, spatial...].
  View Moved(ValueId id) {
    auto [found, inserted] = moved_.try_emplace(id, kNoValue);
    if (inserted) {
      Value value = function_[id];
      value.dims = Permuted(value.dims, ChannelsLastOrder(value.dims.size()));
      found->second = function_.AddValue(std::move(value));
    }
    return ChannelsLastView(found->second, function_);
  }

  // The same elements where they lie now; nothing when strides cannot say it.
  std::optional<View> Follow(const View& view) {
    if (!IsLast(view)) return view;
    return ComposeViews(view, Moved(view.value), function_.dims);
  }

  View OutputView(const View& view) {
    const std::optional<View> followed = Follow(view);
    if (followed && IsContiguous(*followed, function_.dims)) return *followed;
    return ChannelsFirst(view, function_.nodes.size());
  }

  Node Permute(const Node& node, size_t index) {
    Node followed = node;
    for (View& operand : followed.operands) {
      if (!IsLast(operand)) continue;
      const std::optional<View> view = Follow(operand);
      operand = view ? *view : ChannelsFirst(operand, index);
    }
    for (View& result : followed.results) {
      if (result.present()) result = Moved(result.value);
    }
    return PermuteAxes(followed, ChannelsLastOrder(node.results[0].dims.size()));
  }

  Node Rewrite(const Node& node, size_t index) {
    Node changed = node;
    const bool window = IsWindowOp(node);
    for (size_t k = 0; k < node.operands.size(); ++k) {
      const View& operand = node.operands[k];
      if (!operand.present()) continue;
      if (k == 0 && window) {
        changed.operands[k] = WindowInput(node, index);
      } else if (k == 0 && node.op->kind == OpKind::kResample) {
        changed.operands[k] = ResampleInput(node, index);
      } else {
        changed.operands[k] = ReadAnywhere(node, k, index);
      }
    }
    for (View& result : changed.results) {
      if (IsLast(result)) result = Moved(result.value);
    }
    return changed;
  }

  View ReadAnywhere(const Node& node, size_t k, size_t index) {
    const View& operand = node.operands[k];
    if (!IsLast(operand)) return operand;
    const std::optional<View> followed = Follow(operand);
    const bool readable =
        followed && (TakesStrides(*node.op, k) || IsContiguous(*followed, function_.dims));
    return readable ? *followed : ChannelsFirst(operand, index);
  }

  // In the layout that the kernel for this result reads.
  View WindowInput(const Node& node, size_t index) {
    const View& operand = node.operands[0];
    const std::optional<View> followed = Follow(operand);
    const bool plain = followed && IsContiguous(*followed, function_.dims);
    const bool last = followed && LiesInPixels(*followed, function_.dims);
    const bool wants_last = HasChannelsLastKernel(node, function_) && WritesLast(node);
    if (wants_last && (last || (plain && ReadsPlanes(node)))) return *followed;
    if (!wants_last && plain) return *followed;
    if (!wants_last) return ChannelsFirst(operand, index);
    return ChannelsLast(followed ? *followed : ChannelsFirst(operand, index), index);
  }

  // Lines are blended where operand and result have steps of one element along the same axis.
  View ResampleInput(const Node& node, size_t index) {
    const View& operand = node.operands[0];
    const size_t rank = operand.dims.size();
    if (rank < 3) return ReadAnywhere(node, 0, index);
    const std::optional<View> followed = Follow(operand);
    const bool wants_last = WritesLast(node);
    const size_t inner = wants_last ? 1 : rank - 1;
    const bool dense =
        followed && (followed->strides[inner] == Dim(1) || followed->dims[inner] == Dim(1));
    if (dense) return *followed;
    if (!wants_last) return ChannelsFirst(operand, index);
    return ChannelsLast(followed ? *followed : ChannelsFirst(operand, index), index);
  }

  // Whether the result lies channels last, be it because both layouts are one.
  bool WritesLast(const Node& node) {
    return IsLast(node.results[0]) || IsChannelsLast(node.results[0], function_.dims);
  }

  View NewValue(const View& like, std::vector<Dim> dims) {
    Value value;
    value.dtype = function_[like.value].dtype;
    value.dims = std::move(dims);
    return function_.ViewOf(function_.AddValue(std::move(value)));
  }

  Node CopyOf(const View& from, const View& to, const std::string& name) const {
    CopyAttributes attributes;
    for (const Dim dim : to.dims) {
      attributes.extents.Push(dim);
      attributes.starts.Push(0);
    }
    return {FindOp(OpKind::kCopy), name, Attributes::Of(attributes), {from}, {to}};
  }

  // A row-major copy of the value that the view shows a part of, and the view of that; made once.
  View ChannelsFirst(const View& view, size_t before) {
    if (!IsLast(view)) {
      auto [found, inserted] = dense_.try_emplace(Key(view), View());
      if (!inserted) return found->second;
      found->second = NewValue(view, view.dims);
      patch_.insert.emplace_back(before, CopyOf(view, found->second, "layout"));
      return found->second;
    }
    auto [found, inserted] = first_.try_emplace(view.value, View());
    if (inserted) {
      found->second = NewValue(view, function_[view.value].dims);
      patch_.insert.emplace_back(before, CopyOf(Moved(view.value), found->second, "layout"));
    }
    View copied = view;
    copied.value = found->second.value;
    return copied;
  }

  // A copy whose channels lie last, as [N, C, spatial...].
  View ChannelsLast(const View& view, size_t before) {
    const std::vector<size_t> order = ChannelsLastOrder(view.dims.size());
    auto [found, inserted] = channels_last_.try_emplace(Key(view), View());
    if (!inserted) return found->second;
    const View copied = NewValue(view, Permuted(view.dims, order));
    View permuted = view;
    permuted.dims = Permuted(view.dims, order);
    permuted.strides = Permuted(view.strides, order);
    patch_.insert.emplace_back(before, CopyOf(permuted, copied, "layout"));
    found->second = ChannelsLastView(copied.value, function_);
    return found->second;
  }

  static std::vector<int64_t> Key(const View& view) {
    std::vector<int64_t> key = {view.value, view.offset.raw()};
    for (const Dim dim : view.dims) key.push_back(dim.raw());
    for (const Dim stride : view.strides) key.push_back(stride.raw());
    return key;
  }

  Function& function_;
  const std::vector<bool> last_;
  std::map<ValueId, ValueId> moved_;
  std::map<ValueId, View> first_;  // Row-major copies of values that were moved.
  std::map<std::vector<int64_t>, View> dense_;
  std::map<std::vector<int64_t>, View> channels_last_;
  Patch patch_;
};

}  // namespace

// Decides once: what it has made would look like what exporters write channels last.
Result<Patch> AssignLayouts(Function& function, PassContext& context) {
  if (!context.with_layouts.insert(&function).second) return Patch();
  std::vector<bool> last = Decision(function).Make();
  return Rewriter(function, std::move(last)).Run();
}

}  // namespace stint::compiler
