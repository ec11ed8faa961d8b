#include "runtime/ops/nms.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/scratch.h"
#include "runtime/ops/shape_checks.h"

namespace stint {

namespace {

constexpr Field kFields[] = {
    {1, "centered", FieldType::kInt, offsetof(NmsAttributes, centered), 0, 1},
    {2, "most", FieldType::kExtents, offsetof(NmsAttributes, most)},
    {3, "thresholds", FieldType::kFloatList, offsetof(NmsAttributes, thresholds)},
};

Status Infer(const OpShapes& op, DimContext& dims, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const NmsAttributes*>(op.attributes);
  const TensorShape& boxes = op.operands[0];
  const TensorShape& scores = op.operands[1];
  STINT_TRY(CheckDType("boxes", boxes, DType::kFloat32));
  STINT_TRY(CheckDType("scores", scores, DType::kFloat32));
  STINT_TRY(CheckRank("boxes", boxes, 3, 3));
  STINT_TRY(CheckRank("scores", scores, 3, 3));
  STINT_TRY(CheckInt("most", attributes.most.size, 1, 1));
  STINT_TRY(CheckInt("thresholds", attributes.thresholds.size, 2, 2));
  dims.Require(boxes.extents[2], 4, "boxes are 4 numbers");
  dims.Require(boxes.extents[0], scores.extents[0], "boxes and scores of one batch");
  dims.Require(boxes.extents[1], scores.extents[2], "one score a box");
  const Dim most = dims.Max(dims.Min(attributes.most[0], boxes.extents[1]), 0);
  results[0].dtype = DType::kInt64;
  results[0].rank = 2;
  results[0].extents[0] = dims.Mul(dims.Mul(scores.extents[0], scores.extents[1]), most);
  results[0].extents[1] = 3;
  results[1].dtype = DType::kInt64;
  return {};
}

// The ends of an interval, in order.
struct Span {
  float low = 0;
  float high = 0;
  float length() const { return high - low; }
};

struct Box {
  Span x;
  Span y;
  float area() const { return x.length() * y.length(); }
};

Span FromEnds(float a, float b) { return {std::min(a, b), std::max(a, b)}; }
Span FromCentre(float centre, float length) { return {centre - length / 2, centre + length / 2}; }

// How much two intervals share; not positive if nothing.
float Shared(const Span& a, const Span& b) {
  return std::min(a.high, b.high) - std::max(a.low, b.low);
}

bool Overlap(const Box& a, const Box& b, float threshold) {
  const float width = Shared(a.x, b.x);
  const float height = Shared(a.y, b.y);
  if (!(width > 0) || !(height > 0)) return false;
  const float both = width * height;
  const float either = a.area() + b.area() - both;
  return a.area() > 0 && b.area() > 0 && either > 0 && both / either > threshold;
}

// The most boxes that are chosen of a class, no more than there are.
int64_t MostChosen(const OpTensors& op) {
  const TensorView& scores = op.operands[1];
  const int64_t classes = scores.extents[0] * scores.extents[1];
  return classes == 0 ? 0 : op.results[0].extents[0] / classes;
}

// Of one class: all boxes may be candidates.
struct Workspace {
  Workspace(const OpTensors& op, Scratch& scratch)
      : candidates(scratch.Take<int64_t>(MostChosen(op) == 0 ? 0 : op.operands[1].extents[2])),
        chosen(scratch.Take<Box>(MostChosen(op))) {}

  std::span<int64_t> candidates;
  std::span<Box> chosen;
};

uint64_t ScratchOf(const OpTensors& op) {
  Scratch scratch;
  const Workspace workspace(op, scratch);
  return scratch.bytes();
}

class Selector {
 public:
  explicit Selector(const OpTensors& op, const Workspace& workspace)
      : attributes_(op.as<NmsAttributes>()),
        boxes_(op.operands[0]),
        scores_(op.operands[1]),
        rows_(op.results[0]),
        workspace_(workspace) {}

  // Writes all rows; the rows that are boxes.
  int64_t Run() {
    for (int64_t batch = 0; batch < scores_.extents[0] && !workspace_.chosen.empty(); ++batch) {
      for (int64_t label = 0; label < scores_.extents[1]; ++label) Select(batch, label);
    }
    const int64_t count = row_;
    while (row_ < rows_.extents[0]) Write(0, 0, 0);
    return count;
  }

 private:
  float Score(int64_t batch, int64_t label, int64_t box) const {
    return Load<float>(scores_, batch * scores_.strides[0] + label * scores_.strides[1] +
                                    box * scores_.strides[2]);
  }

  Box BoxAt(int64_t batch, int64_t index) const {
    float numbers[4];
    for (int64_t i = 0; i < 4; ++i) {
      numbers[i] = Load<float>(
          boxes_, batch * boxes_.strides[0] + index * boxes_.strides[1] + i * boxes_.strides[2]);
    }
    if (attributes_.centered != 0) {
      return {FromCentre(numbers[0], numbers[2]), FromCentre(numbers[1], numbers[3])};
    }
    return {FromEnds(numbers[1], numbers[3]), FromEnds(numbers[0], numbers[2])};
  }

  // The boxes of a class with a sufficient score, best first.
  std::span<const int64_t> Candidates(int64_t batch, int64_t label) const {
    const auto least = static_cast<float>(attributes_.thresholds[1].value());
    size_t count = 0;
    for (int64_t box = 0; box < scores_.extents[2]; ++box) {
      if (Score(batch, label, box) > least) workspace_.candidates[count++] = box;
    }
    const std::span<int64_t> candidates = workspace_.candidates.first(count);
    std::sort(candidates.begin(), candidates.end(), [&](int64_t a, int64_t b) {
      const float left = Score(batch, label, a);
      const float right = Score(batch, label, b);
      return left != right ? left > right : a < b;
    });
    return candidates;
  }

  void Select(int64_t batch, int64_t label) {
    const auto overlap = static_cast<float>(attributes_.thresholds[0].value());
    size_t count = 0;
    for (const int64_t index : Candidates(batch, label)) {
      if (count == workspace_.chosen.size()) break;
      const Box box = BoxAt(batch, index);
      const std::span<const Box> chosen = workspace_.chosen.first(count);
      const bool covered = std::any_of(chosen.begin(), chosen.end(), [&](const Box& better) {
        return Overlap(box, better, overlap);
      });
      if (covered) continue;
      workspace_.chosen[count++] = box;
      Write(batch, label, index);
    }
  }

  void Write(int64_t batch, int64_t label, int64_t box) {
    const int64_t numbers[] = {batch, label, box};
    for (int64_t i = 0; i < 3; ++i) {
      Store(numbers[i], rows_, row_ * rows_.strides[0] + i * rows_.strides[1]);
    }
    ++row_;
  }

  const NmsAttributes& attributes_;
  const TensorView& boxes_;
  const TensorView& scores_;
  const TensorView& rows_;
  const Workspace& workspace_;
  int64_t row_ = 0;
};

Status Run(const OpTensors& op) {
  Scratch scratch(op.scratch);
  const Workspace workspace(op, scratch);
  const int64_t count = Selector(op, workspace).Run();
  if (op.results[1].present()) Store(count, op.results[1], 0);
  return {};
}

}  // namespace

constinit const OpInfo kNmsOp = {
    .kind = OpKind::kNms,
    .name = "Nms",
    .summary = "Boxes of each class that no better one overlaps, and how many there are.",
    .fields = kFields,
    .attributes_size = sizeof(NmsAttributes),
    .construct = ConstructAttributes<NmsAttributes>,
    .required_operands = 2,
    .core_operands = 2,
    .variadic = false,
    .core_results = 2,
    .strided_operands = 3,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
    .scratch = ScratchOf,
};

}  // namespace stint
