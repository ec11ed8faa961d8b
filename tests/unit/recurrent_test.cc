// Recurrent: what its shape function and reference kernel refuse. tests/ops has its numbers.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <string>

#include "runtime/ops/recurrent.h"
#include "tests/unit/cpu_testing.h"

namespace stint::testing {

namespace {

constexpr int64_t kGates[] = {1, 3, 4};

RecurrentAttributes Usual(RecurrentKind kind, RecurrentDirection direction) {
  constexpr RecurrentActivation kUsual[][3] = {
      {RecurrentActivation::kTanh},
      {RecurrentActivation::kSigmoid, RecurrentActivation::kTanh},
      {RecurrentActivation::kSigmoid, RecurrentActivation::kTanh, RecurrentActivation::kTanh}};
  RecurrentAttributes attributes;
  attributes.kind = kind;
  attributes.direction = direction;
  for (int64_t d = 0; d < attributes.directions(); ++d) {
    for (int64_t i = 0; i < attributes.functions(); ++i) {
      attributes.activations.Push(
          static_cast<int64_t>(kUsual[static_cast<int>(kind)][static_cast<int>(i)]));
    }
  }
  return attributes;
}

// Shapes of every operand that the kind has, of 5 steps, 2 items, 3 inputs and 4 units.
std::vector<TensorShape> ShapesOf(const RecurrentAttributes& attributes) {
  const int64_t d = attributes.directions();
  const int64_t rows = kGates[static_cast<int>(attributes.kind)] * 4;
  std::vector<TensorShape> shapes = {Shape(DType::kFloat32, {5, 2, 3}),
                                     Shape(DType::kFloat32, {d * rows, 3}),
                                     Shape(DType::kFloat32, {d * rows, 4}),
                                     Shape(DType::kFloat32, {d, 2 * rows}),
                                     Shape(DType::kInt32, {2}),
                                     Shape(DType::kFloat32, {d, 2, 4})};
  if (attributes.kind == RecurrentKind::kLstm) {
    shapes.push_back(Shape(DType::kFloat32, {d, 2, 4}));
    shapes.push_back(Shape(DType::kFloat32, {d, 12}));
  }
  return shapes;
}

const RecurrentKind kKinds[] = {RecurrentKind::kRnn, RecurrentKind::kGru, RecurrentKind::kLstm};

}  // namespace

TEST_CASE("Recurrent infers every result, and refuses operands of any other extent") {
  for (const RecurrentKind kind : kKinds) {
    const RecurrentAttributes attributes = Usual(kind, RecurrentDirection::kBidirectional);
    const std::vector<TensorShape> right = ShapesOf(attributes);
    const Inferred inferred = Infer(kRecurrentOp, attributes, right);
    REQUIRE(inferred.error == "");
    CHECK(ExtentsOf(inferred.results[0]) == std::vector<int64_t>{5, 2, 2, 4});
    CHECK(ExtentsOf(inferred.results[1]) == std::vector<int64_t>{2, 2, 4});
    CHECK(inferred.results[2].present() == (kind == RecurrentKind::kLstm));
    for (size_t i = 0; i < right.size(); ++i) {
      for (int axis = 0; axis < right[i].rank; ++axis) {
        if (i == 0 && axis == 0) continue;  // Any number of steps is right.
        std::vector<TensorShape> wrong = right;
        wrong[i].extents[axis] = wrong[i].extents[axis].constant() + 1;
        INFO("operand " << i << " axis " << axis);
        CHECK_THAT(Infer(kRecurrentOp, attributes, wrong).error, Catch::Contains("allowed"));
      }
      std::vector<TensorShape> wrong = right;
      wrong[i].dtype = DType::kInt64;
      CHECK_THAT(Infer(kRecurrentOp, attributes, wrong).error, Catch::Contains("found int64"));
      wrong[i] = right[i];
      wrong[i].rank += 1;
      wrong[i].extents[wrong[i].rank - 1] = 1;
      CHECK_THAT(Infer(kRecurrentOp, attributes, wrong).error, Catch::Contains("found rank"));
    }
  }
}

TEST_CASE("Recurrent refuses numbers that mean nothing") {
  RecurrentAttributes attributes = Usual(RecurrentKind::kGru, RecurrentDirection::kForward);
  const std::vector<TensorShape> shapes = ShapesOf(attributes);
  const auto error = [&] { return Infer(kRecurrentOp, attributes, shapes).error; };
  attributes.activations.Push(0);
  CHECK(error() == "Recurrent: activations: found 3, allowed 2 to 2");
  attributes = Usual(RecurrentKind::kGru, RecurrentDirection::kForward);
  attributes.alpha.Push(1);
  CHECK(error() == "Recurrent: alpha: found 1, allowed 2 to 2");
  attributes.alpha.size = 0;
  attributes.clip = -1;
  CHECK(error() == "Recurrent: clip: found -1, allowed numbers from 0");
  attributes.clip = NAN;
  CHECK_THAT(error(), Catch::Contains("allowed numbers from 0"));
  attributes.clip = 0;
  attributes.input_forget = 1;
  CHECK(error() == "Recurrent: input_forget: found 1, allowed 0 to 0");
  attributes = Usual(RecurrentKind::kRnn, RecurrentDirection::kForward);
  std::vector<TensorShape> more = ShapesOf(attributes);
  more.push_back(Shape(DType::kFloat32, {1, 2, 4}));
  CHECK(Infer(kRecurrentOp, attributes, more).error ==
        "Recurrent: initial c: found one, allowed with kind lstm only");
}

TEST_CASE("Recurrent refuses lengths beyond the steps") {
  const RecurrentAttributes attributes = Usual(RecurrentKind::kRnn, RecurrentDirection::kForward);
  const Tensor x = RandomFloats({2, 2, 1}, 1);
  const Tensor w = RandomFloats({1, 1}, 2);
  const TensorView none;
  for (const int32_t length : {-1, 3, INT32_MAX}) {
    const Tensor lengths = Tensor::Of<int32_t>({2}, {2, length});
    CHECK(
        Run(kRecurrentOp, attributes, {x.view(), w.view(), w.view(), none, lengths.view()}).error ==
        "lengths: found " + std::to_string(length) + ", allowed 0 to 2");
  }
}

TEST_CASE("no sizes, numbers and lengths that Recurrent accepts break its reference kernel") {
  std::minstd_rand random(1);
  const auto below = [&](int64_t limit) { return static_cast<int64_t>(random() % limit); };
  const double numbers[] = {0, 0.5, -1, 1e300, INFINITY, NAN};
  int ran = 0;
  for (int i = 0; i < 3000; ++i) {
    RecurrentAttributes attributes =
        Usual(kKinds[below(3)], static_cast<RecurrentDirection>(below(3)));
    for (int64_t& code : attributes.activations.values) code = below(kRecurrentActivationCount);
    for (FloatList* list : {&attributes.alpha, &attributes.beta}) {
      list->size = below(2) * attributes.activations.size;
      for (Real& number : list->values) number = numbers[below(6)];
    }
    attributes.clip = numbers[below(6)];
    attributes.linear_before_reset = below(2);
    attributes.input_forget = below(2);
    const int64_t d = attributes.directions();
    const int64_t steps = below(4), batch = below(3), inputs = below(3), units = below(4);
    const int64_t rows = attributes.gates() * units;
    const std::vector<std::vector<int64_t>> extents = {
        {steps, batch, inputs}, {d * rows, inputs}, {d * rows, units}, {d, 2 * rows}, {batch},
        {d, batch, units},      {d, batch, units},  {d, 3 * units}};
    std::vector<Tensor> operands;
    std::vector<TensorView> views;
    const int most = attributes.kind == RecurrentKind::kLstm ? 8 : 6;
    const int64_t count = 3 + below(most - 2);
    for (int64_t operand = 0; operand < count; ++operand) {
      const auto& its = extents[static_cast<size_t>(operand)];
      if (operand == 4) {
        std::vector<int32_t> lengths;
        for (int64_t item = 0; item < batch; ++item) {
          lengths.push_back(below(30) == 0 ? INT32_MIN : static_cast<int32_t>(below(steps + 1)));
        }
        operands.push_back(Tensor::Of(its, lengths));
      } else {
        operands.push_back(RandomFloats(its, static_cast<uint32_t>(i)));
      }
      if (operand > 2 && below(3) == 0) operands.back() = Tensor();
    }
    for (const Tensor& operand : operands) views.push_back(operand.view());
    ran += Run(kRecurrentOp, attributes, views).error.empty() ? 1 : 0;
  }
  CHECK(ran > 500);
}

}  // namespace stint::testing
