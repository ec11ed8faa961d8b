// Concatenation without copies: an operand that one op computes becomes a view of the result, which
// that op then writes itself. What does not qualify is still copied to its place, and a Copy of
// which nothing is left goes away.
//
// Nothing may become slower for it: an op writes, and others read, with gaps only where kernels do
// that as well as without. Before that, operands that an earlier concatenation has already put side
// by side become one, its result. Later concatenations are visited first, and the operands of one
// that was an operand itself go to where that one went: nests of any depth end in one value by one
// patch.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "runtime/ops/copy.h"
#include "tools/compiler/emit/assign_regions.h"
#include "tools/compiler/graph/compose_views.h"
#include "tools/compiler/graph/disjoint_views.h"
#include "tools/compiler/graph/image_layout.h"
#include "tools/compiler/passes/passes.h"
#include "tools/compiler/passes/queries.h"

namespace stint::compiler {

namespace {

// Of a value. Each is compared with what is read of the others.
constexpr size_t kMaxParts = 256;

// An operand and the part of the result where it belongs.
struct Piece {
  size_t operand = 0;
  View place;
};

// A Copy that puts whole operands side by side.
struct Concat {
  size_t node = 0;
  size_t axis = 0;
  std::vector<Piece> pieces;  // In order, without empty operands.
};

// Whether the operands follow each other along the axis and fill all of the result.
bool FollowAlong(const Node& node, size_t axis, SymbolicDims& dims) {
  const auto& copy = node.attributes.as<CopyAttributes>();
  const size_t rank = node.results[0].dims.size();
  Dim end = 0;
  for (size_t i = 0; i < node.operands.size(); ++i) {
    for (size_t k = 0; k < rank; ++k) {
      const Dim start = copy.starts[static_cast<int64_t>(i * rank + k)];
      if (start != (k == axis ? end : Dim(0))) return false;
      if (k != axis && node.operands[i].dims[k] != node.results[0].dims[k]) return false;
    }
    end = dims.Add(end, node.operands[i].dims[axis]);
  }
  return end == node.results[0].dims[axis];
}

std::optional<Concat> FindConcat(const Node& node, size_t index, SymbolicDims& dims) {
  // Axes of several operands have no tables.
  if (node.op->kind != OpKind::kCopy || node.operands.size() < 2) return std::nullopt;
  const View& result = node.results[0];
  if (std::count(result.dims.begin(), result.dims.end(), Dim(0)) > 0) return std::nullopt;
  for (size_t axis = 0; axis < result.dims.size(); ++axis) {
    if (!FollowAlong(node, axis, dims)) continue;
    Concat concat = {index, axis, {}};
    View place = result;
    for (size_t i = 0; i < node.operands.size(); ++i) {
      place.dims[axis] = node.operands[i].dims[axis];
      if (place.dims[axis] != Dim(0)) concat.pieces.push_back({i, place});
      place.offset = dims.Add(place.offset, dims.Mul(place.dims[axis], place.strides[axis]));
    }
    return concat;
  }
  return std::nullopt;
}

bool WritesWithGaps(const Node& node, const View& result, Function& function) {
  if (IsContiguous(result, function.dims)) return true;
  switch (node.op->kind) {
    case OpKind::kMap:
    case OpKind::kCopy:
    case OpKind::kResample:
      return true;
    case OpKind::kConv:
    case OpKind::kPool:
      return HasChannelsLastKernel(node, function) && LiesInPixels(result, function.dims);
    default:
      return false;
  }
}

bool ReadsWithGaps(const Node& node, size_t operand, const View& view, Function& function) {
  if (IsContiguous(view, function.dims)) return true;
  if (!TakesStrides(*node.op, operand)) return false;
  switch (node.op->kind) {
    case OpKind::kMap:
    case OpKind::kCopy:
    case OpKind::kReduce:
    case OpKind::kResample:
      return true;
    case OpKind::kConv:
    case OpKind::kPool: {
      const bool pixels = HasChannelsLastKernel(node, function) &&
                          LiesInPixels(node.results[0], function.dims) &&
                          LiesInPixels(view, function.dims);
      // The image, or what an epilogue reads beside the result.
      return pixels && (operand == 0 || operand >= static_cast<size_t>(node.op->core_operands));
    }
    default:
      return false;
  }
}

// Operands that follow each other along an axis, as a key that equal lists share.
std::vector<int64_t> KeyOf(std::span<const View> operands, size_t axis) {
  std::vector<int64_t> key = {static_cast<int64_t>(axis)};
  for (const View& view : operands) {
    key.insert(key.end(), {view.value, view.rank(), view.offset.raw()});
    for (const Dim dim : view.dims) key.push_back(dim.raw());
    for (const Dim stride : view.strides) key.push_back(stride.raw());
  }
  return key;
}

// Puts the result of an earlier concatenation in the place of the operands that it has.
class Nester {
 public:
  explicit Nester(Function& function) : function_(function) {}

  Patch Run() {
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      const Node& node = function_.nodes[i];
      const std::optional<Concat> concat = FindConcat(node, i, function_.dims);
      if (!concat) continue;
      Nest(*concat);
      if (!IsPlain(node.results[0], function_)) continue;
      results_.try_emplace(KeyOf(node.operands, concat->axis), node.results[0]);
    }
    return std::move(patch_);
  }

 private:
  void Nest(const Concat& concat) {
    const std::span<const View> operands = function_.nodes[concat.node].operands;
    for (size_t count = operands.size(); count-- > 2;) {
      for (size_t begin = 0; begin + count <= operands.size(); ++begin) {
        const auto found = results_.find(KeyOf(operands.subspan(begin, count), concat.axis));
        if (found != results_.end()) return Replace(concat, begin, count, found->second);
      }
    }
  }

  void Replace(const Concat& concat, size_t begin, size_t count, const View& joined) {
    Node node = function_.nodes[concat.node];
    auto& copy = node.attributes.as<CopyAttributes>();
    const LongDimList before = copy.starts;
    const size_t rank = joined.dims.size();
    copy.starts = {};
    for (size_t i = 0; i < node.operands.size() * rank; ++i) {
      const size_t operand = i / rank;
      if (operand > begin && operand < begin + count) continue;
      copy.starts.Push(before[static_cast<int64_t>(i)]);
    }
    const auto first = node.operands.begin() + static_cast<std::ptrdiff_t>(begin);
    *first = joined;
    node.operands.erase(first + 1, first + static_cast<std::ptrdiff_t>(count));
    patch_.replace.emplace_back(concat.node, std::move(node));
  }

  Function& function_;
  std::map<std::vector<int64_t>, View> results_;  // By the operands.
  Patch patch_;
};

class Aliaser {
 public:
  explicit Aliaser(Function& function) : function_(function), uses_(function) {}

  Result<Patch> Run() {
    for (size_t i = function_.nodes.size(); i-- > 0;) {
      const auto moved = moved_.find(i);
      const Node& node = moved == moved_.end() ? function_.nodes[i] : moved->second;
      const std::optional<Concat> concat = FindConcat(node, i, function_.dims);
      if (!concat) continue;
      if (regions_.of_node.empty()) {
        STINT_ASSIGN(regions_, AssignRegions(function_));
      }
      if (PartsOf(node.results[0].value) > kMaxParts) continue;
      if (moved != moved_.end() || changed_.count(node.results[0].value) == 0) {
        Visit(*concat);
        continue;
      }
      // Another part of its value has changed: it waits for the next patch, and so does what it
      // reads.
      for (const View& operand : node.operands) changed_.insert(operand.value);
    }
    patch_.erase.assign(erased_.begin(), erased_.end());
    for (auto& [index, node] : moved_) patch_.replace.emplace_back(index, std::move(node));
    return std::move(patch_);
  }

 private:
  // A node and its result; or a concatenation and the operand that it still copies.
  using Part = std::pair<size_t, size_t>;

  void Visit(const Concat& concat) {
    std::map<size_t, Node> writers;
    std::map<Part, View> parts;
    std::vector<Piece> left;
    for (const Piece& piece : concat.pieces) {
      if (Alias(concat, piece, writers, parts)) continue;
      left.push_back(piece);
      parts.emplace(Part(concat.node, piece.operand), piece.place);
    }
    if (writers.empty()) return;
    const ValueId value = concat.pieces[0].place.value;
    changed_.insert(value);
    parts_[value].erase({concat.node, 0});
    parts_[value].merge(parts);
    moved_.erase(concat.node);
    moved_.merge(writers);
    erased_.insert(concat.node);
    for (size_t begin = 0; begin < left.size();) {
      size_t end = begin + 1;
      while (end < left.size() && left[end].operand == left[end - 1].operand + 1) ++end;
      CopyRun(concat, std::span(left).subspan(begin, end - begin));
      begin = end;
    }
  }

  // Lets the op that computes the operand write it where it belongs; false: it does not qualify.
  bool Alias(const Concat& concat, const Piece& piece, std::map<size_t, Node>& writers,
             std::map<Part, View>& parts) {
    const View& operand = function_.nodes[concat.node].operands[piece.operand];
    const ValueId value = operand.value;
    if (changed_.count(value) > 0) return false;
    if (!IsWhole(operand, function_, function_.dims)) return false;
    const Node* const writer = uses_.writer(value);
    if (writer == nullptr) return false;
    const size_t index = uses_.writers(value)[0];
    if (moved_.count(index) > 0) return false;
    if (regions_.of_node[index] != regions_.of_node[concat.node]) return false;
    size_t k = 0;
    while (writer->results[k].value != value) ++k;
    const View& result = writer->results[k];
    if (!ShowsAll(result)) return false;
    const std::optional<View> written = ComposeViews(result, piece.place, function_.dims);
    if (!written || !WritesWithGaps(*writer, *written, function_)) return false;
    if (!IsApartFromReads(*written, concat.node)) return false;
    if (!CanBeReadThere(concat, piece, value)) return false;
    for (const Use& use : uses_.of(value)) {
      if (use.node == concat.node && use.index == piece.operand) continue;
      moved_reads_[written->value].push_back(
          *ComposeViews(uses_.view(use), piece.place, function_.dims));
    }
    parts.emplace(Part(index, k), *written);
    writers.try_emplace(index, *writer).first->second.results[k] = *written;
    patch_.redirect.emplace_back(value, piece.place);
    changed_.insert(value);
    return true;
  }

  // Whether the part, which is written earlier than before, can be told from what is read of its
  // value until then.
  bool IsApartFromReads(const View& written, size_t before) {
    const auto is_apart = [&](const View& read) {
      return AreDisjoint(read, written, function_.dims);
    };
    for (const Use& use : uses_.of(written.value)) {
      if (use.node < before && !is_apart(uses_.view(use))) return false;
    }
    const std::vector<View>& reads = moved_reads_[written.value];
    return std::all_of(reads.begin(), reads.end(), is_apart);
  }

  // How many parts the value has.
  size_t PartsOf(ValueId value) {
    const auto parts = parts_.find(value);
    return uses_.writers(value).size() + (parts == parts_.end() ? 0 : parts->second.size());
  }

  bool ShowsAll(const View& view) {
    Dim shown = 1;
    for (const Dim dim : view.dims) shown = function_.dims.Mul(shown, dim);
    Dim stored = 1;
    for (const Dim dim : function_[view.value].dims) stored = function_.dims.Mul(stored, dim);
    return shown == stored;
  }

  // Whether everybody else who reads the operand can read its place, at a time when other places
  // may not be written yet.
  bool CanBeReadThere(const Concat& concat, const Piece& piece, ValueId value) {
    for (const Use& use : uses_.of(value)) {
      if (use.node == Use::kOutput) return false;
      if (use.node == concat.node && use.index == piece.operand) continue;
      const auto view = ComposeViews(uses_.view(use), piece.place, function_.dims);
      if (!view || !ReadsWithGaps(function_.nodes[use.node], use.index, *view, function_)) {
        return false;
      }
      if (!IsApartFromOthers(concat, piece, *view)) return false;
    }
    return true;
  }

  bool IsApartFromOthers(const Concat& concat, const Piece& piece, const View& view) {
    for (const Piece& other : concat.pieces) {
      if (other.operand == piece.operand) continue;
      if (!AreDisjoint(view, other.place, function_.dims)) return false;
    }
    for (const size_t writer : uses_.writers(view.value)) {
      if (writer == concat.node || erased_.count(writer) > 0) continue;
      for (const View& result : function_.nodes[writer].results) {
        if (result.value != view.value) continue;
        if (!AreDisjoint(view, result, function_.dims)) return false;
      }
    }
    const auto others = parts_.find(view.value);
    if (others == parts_.end()) return true;
    return std::all_of(others->second.begin(), others->second.end(), [&](const auto& other) {
      return other.first == Part(concat.node, 0) || AreDisjoint(view, other.second, function_.dims);
    });
  }

  // Copies neighbours that do not qualify to their places.
  void CopyRun(const Concat& concat, std::span<const Piece> run) {
    const Node& node = function_.nodes[concat.node];
    Node copy = {node.op, node.name, {}, {}, {run[0].place}};
    CopyAttributes attributes;
    attributes.fill = node.attributes.as<CopyAttributes>().fill;
    Dim& extent = copy.results[0].dims[concat.axis];
    extent = 0;
    for (const Piece& piece : run) {
      copy.operands.push_back(node.operands[piece.operand]);
      for (size_t axis = 0; axis < piece.place.dims.size(); ++axis) {
        attributes.starts.Push(axis == concat.axis ? extent : Dim(0));
      }
      extent = function_.dims.Add(extent, piece.place.dims[concat.axis]);
    }
    for (const Dim dim : copy.results[0].dims) attributes.extents.Push(dim);
    copy.attributes = Attributes::Of(attributes);
    patch_.insert.emplace_back(concat.node, std::move(copy));
  }

  Function& function_;
  const Uses uses_;
  Regions regions_;
  Patch patch_;
  std::set<ValueId> changed_;     // Views now, or with new writers, or waiting.
  std::set<size_t> erased_;       // Concatenations: parts_ has what stands for them.
  std::map<size_t, Node> moved_;  // What writes a part of another value now.
  std::map<ValueId, std::map<Part, View>> parts_;     // Of values that have become more parts.
  std::map<ValueId, std::vector<View>> moved_reads_;  // Of values: what they hold now.
};

}  // namespace

Result<Patch> AliasConcats(Function& function, PassContext&) {
  Patch nested = Nester(function).Run();
  if (!nested.empty()) return nested;
  return Aliaser(function).Run();
}

}  // namespace stint::compiler
