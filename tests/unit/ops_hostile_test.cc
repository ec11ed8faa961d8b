// Random attributes and operands, absurd ones among them: whatever the shape functions accept, the
// reference kernels must survive. The sanitizers of the build are the judge.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "runtime/ops/nms.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

namespace {

class Chooser {
 public:
  explicit Chooser(uint32_t seed) : random_(seed) {}

  int64_t Below(int64_t limit) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(limit));
  }

  // Mostly small, sometimes at a border.
  int64_t Integer(int64_t minimum, int64_t maximum) {
    static constexpr int64_t kBorders[] = {INT64_MIN, INT64_MAX, INT32_MAX, -INT32_MAX, 0, 1 << 20};
    const int64_t value = Below(24) == 0 ? kBorders[Below(6)] : Below(7) - 2;
    return std::clamp(value, minimum, maximum);
  }

  double Number() {
    static constexpr double kNumbers[] = {0, 1, 0.5, 2.3, -1, 1e-300, 1e300, INFINITY, NAN};
    return kNumbers[Below(Below(2) == 0 ? 4 : 9)];
  }

  int64_t ListSize(int64_t likely, int64_t capacity) {
    return Below(8) == 0 ? Below(capacity + 1) : std::min(likely, capacity);
  }

 private:
  std::mt19937 random_;
};

template <typename ListType, typename Function>
void FillList(ListType& list, int64_t size, const Function& make) {
  list.size = std::min<int64_t>(size, ListType::kCapacity);
  for (int64_t i = 0; i < list.size; ++i) list[i] = make();
}

// The size that most ops want of this list with operands of this rank.
int64_t LikelySize(const Field& field, Chooser& choose, int rank) {
  const std::string_view name = field.name;
  const int64_t spatial = std::max(rank - 2, 0);
  if (name == "pads") return 2 * spatial;
  if (name == "strides" || name == "dilations" || name == "kernel") return spatial;
  return choose.Below(2) == 0 ? rank : choose.Below(2);
}

void FillField(const Field& field, Chooser& choose, int rank, void* attributes) {
  const int64_t size = LikelySize(field, choose, rank);
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kEnum:
    case FieldType::kFunction:
    case FieldType::kConstant:
      FieldAs<int64_t>(field, attributes) =
          choose.Integer(field.minimum, std::max(field.maximum, field.minimum));
      break;
    case FieldType::kFloat:
      FieldAs<double>(field, attributes) = choose.Number();
      break;
    case FieldType::kIntList:
      FillList(FieldAs<IntList>(field, attributes), choose.ListSize(size, IntList::kCapacity),
               [&] { return choose.Integer(field.minimum, field.maximum); });
      break;
    case FieldType::kFloatList:
      FillList(FieldAs<FloatList>(field, attributes), choose.ListSize(size, FloatList::kCapacity),
               [&] { return choose.Number(); });
      break;
    case FieldType::kExtents:
      FillList(FieldAs<DimList>(field, attributes), choose.ListSize(size, DimList::kCapacity),
               [&] { return Dim(choose.Integer(Dim::kSmallestConstant, INT64_MAX)); });
      break;
    case FieldType::kLongExtents:
      FillList(FieldAs<LongDimList>(field, attributes),
               choose.ListSize(size, LongDimList::kCapacity),
               [&] { return Dim(choose.Integer(Dim::kSmallestConstant, INT64_MAX)); });
      break;
    case FieldType::kBytes:
      FieldAs<SmallBytes>(field, attributes).size = choose.Below(2) * 4;
      break;
    case FieldType::kProgram:
      break;
  }
}

// With `uniform` all extents are 2, so that operands fit each other.
Tensor RandomOperand(Chooser& choose, int rank, int index, bool uniform) {
  static constexpr DType kDTypes[] = {DType::kFloat32, DType::kInt64, DType::kUInt8,
                                      DType::kFloat16, DType::kBool,  DType::kInt32};
  // Operand 1 is weights for some ops and indices for others.
  const int64_t likely = index == 1 && choose.Below(2) == 0 ? 1 : 0;
  const DType dtype = kDTypes[choose.Below(5) == 0 ? choose.Below(6) : likely];
  std::vector<int64_t> extents;
  for (int i = 0; i < rank; ++i) extents.push_back(uniform ? 2 : choose.Below(5));
  Tensor tensor(dtype, extents);
  const TensorView view = tensor.view();
  for (int64_t i = 0; i < ElementCount(view); ++i) {
    const int64_t element = choose.Below(40) == 0 ? choose.Below(INT64_MAX) : choose.Below(4) - 2;
    std::memcpy(view.as<uint8_t>() + i * BytesOf(dtype), &element,
                static_cast<size_t>(BytesOf(dtype)));
  }
  return tensor;
}

bool IsSmall(const std::vector<TensorShape>& results) {
  for (const TensorShape& result : results) {
    int64_t count = 1;
    for (int axis = 0; axis < result.rank; ++axis) {
      if (__builtin_mul_overflow(count, result.extents[axis].constant(), &count)) return false;
    }
    if (count > 1 << 14) return false;
  }
  return true;
}

// Whether the op ran on what `seed` makes.
bool TryOnce(const OpInfo& op, uint32_t seed) {
  Chooser choose(seed);
  const int rank = static_cast<int>(choose.Below(kMaxRank + 1) * choose.Below(2) + choose.Below(5));
  std::vector<std::max_align_t> memory(op.attributes_size / sizeof(std::max_align_t) + 1);
  op.construct(memory.data());
  for (const Field& field : op.fields) {
    if (choose.Below(6) != 0) FillField(field, choose, std::min(rank, kMaxRank), memory.data());
  }
  std::vector<Tensor> operands;
  std::vector<TensorView> views;
  std::vector<TensorShape> shapes;
  const int most = std::min(op.core_operands, op.required_operands + 1);
  const int64_t count = op.required_operands + choose.Below(most - op.required_operands + 1);
  const bool uniform = choose.Below(3) != 0;
  for (int i = 0; i < count; ++i) {
    const int its_rank = choose.Below(8) == 0 ? static_cast<int>(choose.Below(4)) : rank;
    operands.push_back(RandomOperand(choose, std::min(its_rank, kMaxRank), i, uniform));
    views.push_back(operands.back().view());
    shapes.push_back(Shape(operands.back().dtype(),
                           {operands.back().extents().begin(), operands.back().extents().end()}));
  }
  IntegerDims dims;
  std::vector<TensorShape> results(static_cast<size_t>(op.core_results));
  if (!InferOp(op, memory.data(), shapes, dims, results).ok() || !IsSmall(results)) return false;
  std::vector<Tensor> made;
  std::vector<TensorView> made_views;
  for (const TensorShape& shape : results) {
    made.push_back(shape.present() ? Tensor(shape.dtype, ExtentsOf(shape)) : Tensor());
    made_views.push_back(made.back().view());
  }
  return RunReference(op, {memory.data(), views, made_views}).ok();
}

}  // namespace

TEST_CASE("no attributes that a shape function accepts break a reference kernel") {
  for (const OpInfo* op : AllOps()) {
    // A Map's attributes are a program, the operands of Recurrent, RoiPool and Nms fit each other
    // or nothing: these have tests of their own.
    if (op->kind == OpKind::kMap || op->kind == OpKind::kRecurrent ||
        op->kind == OpKind::kRoiPool || op->kind == OpKind::kNms) {
      continue;
    }
    int ran = 0;
    for (uint32_t seed = 0; seed < 6000; ++seed) ran += TryOnce(*op, seed) ? 1 : 0;
    INFO(op->name);
    CHECK(ran > 20);
  }
}

TEST_CASE("No numbers break Nms: its rows address boxes, as many as it counts") {
  const OpInfo& op = *FindOp(OpKind::kNms);
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    Chooser choose(seed);
    NmsAttributes nms;
    nms.centered = choose.Below(2);
    nms.most.Push(Dim(choose.Integer(Dim::kSmallestConstant, INT64_MAX)));
    for (int i = 0; i < 2; ++i) nms.thresholds.Push(choose.Number());
    const int64_t batches = choose.Below(3);
    const int64_t classes = choose.Below(4);
    const int64_t count = choose.Below(7);
    std::vector<float> boxes(static_cast<size_t>(batches * count * 4));
    std::vector<float> scores(static_cast<size_t>(batches * classes * count));
    for (float& number : boxes) number = static_cast<float>(choose.Number());
    for (float& number : scores) number = static_cast<float>(choose.Number());
    const Tensor x = Tensor::Of<float>({batches, count, 4}, boxes);
    const Tensor y = Tensor::Of<float>({batches, classes, count}, scores);
    const TensorShape shapes[] = {Shape(x.dtype(), {batches, count, 4}),
                                  Shape(y.dtype(), {batches, classes, count})};
    IntegerDims dims;
    TensorShape results[2];
    REQUIRE(InferOp(op, &nms, shapes, dims, results).ok());
    const Tensor rows(DType::kInt64, ExtentsOf(results[0]));
    const Tensor found(DType::kInt64, {});
    const TensorView operands[] = {x.view(), y.view()};
    const TensorView made[] = {rows.view(), found.view()};
    REQUIRE(RunReference(op, {&nms, operands, made}).ok());
    const auto numbers = rows.values<int64_t>();
    const int64_t kept = found.values<int64_t>()[0];
    REQUIRE((kept >= 0 && kept * 3 <= static_cast<int64_t>(numbers.size())));
    for (size_t i = 0; i < static_cast<size_t>(kept); ++i) {
      REQUIRE((numbers[3 * i] < batches && numbers[3 * i + 1] < classes));
      REQUIRE((numbers[3 * i + 2] >= 0 && numbers[3 * i + 2] < count));
    }
  }
}

}  // namespace stint::testing
