// Sessions: what a bind checks and refuses, what is cached, and that runs give the right numbers
// without allocating.
#include "runtime/session/session.h"

#include <catch2/catch.hpp>

#include "runtime/ops/conv.h"
#include "runtime/ops/copy.h"
#include "runtime/ops/map.h"
#include "runtime/ops/matmul.h"
#include "runtime/ops/reduce.h"
#include "tests/compiler/session_testing.h"
#include "tests/fuzz/plan_inputs.h"
#include "tests/fuzz/random_plan.h"

namespace stint::testing {

namespace {

constexpr DType kF32 = DType::kFloat32;

MapProgram Add() { return BinaryProgram(MapOpcode::kAdd, kF32); }
MapProgram Negate() { return UnaryProgram(MapOpcode::kNeg, kF32, kF32); }

Tensor Floats(std::vector<int64_t> extents, const std::vector<float>& values) {
  return Tensor::Of<float>(std::move(extents), values);
}

// y = -(x . w), x [n, 2], w [2, 2].
PlanDescription Product(PlanBuilder& builder) {
  const Dim n = builder.Symbol(0, 0);
  const uint32_t x = builder.Input(kF32, {n, 2});
  const uint32_t w = builder.Constant(Floats({2, 2}, {1, 2, 3, 4}));
  const uint32_t product = builder.Value(kF32, {n, 2});
  const uint32_t y = builder.Value(kF32, {n, 2});
  builder.Op(OpKind::kMatMul, Attributes::Of(MatMulAttributes()),
             {builder.Whole(x), builder.Whole(w)}, {builder.Whole(product)});
  builder.Map(Negate(), {builder.Whole(product)}, builder.Whole(y));
  builder.Output(builder.Whole(y));
  return builder.plan;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("A session answers different extents and remembers their bindings", "[session]") {
  PlanBuilder builder;
  Bound bound = Open(Product(builder));
  REQUIRE(bound.error == "");
  const Tensor one = Floats({1, 2}, {1, 1});
  const Tensor two = Floats({2, 2}, {1, 0, 0, 1});
  const Tensor none = Floats({0, 2}, {});
  for (int round = 0; round < 2; ++round) {
    CHECK(RunSession(*bound.session, {one.view()}).outputs[0].values<float>() ==
          std::vector<float>{-4, -6});
    CHECK(RunSession(*bound.session, {two.view()}).outputs[0].values<float>() ==
          std::vector<float>{-1, -2, -3, -4});
    const Answer empty = RunSession(*bound.session, {none.view()});
    REQUIRE(empty.error == "");
    CHECK(empty.outputs[0].extents() == std::vector<int64_t>{0, 2});
  }
  CHECK(bound.session->statistics().binding_misses == 3);
  CHECK(bound.session->statistics().binding_hits == 3);
}

TEST_CASE("The least recently used binding is dropped", "[session]") {
  PlanBuilder builder;
  Bound bound = Open(Product(builder), {}, {.cached_bindings = 2});
  const auto run = [&](int64_t n) {
    const Tensor x = Tensor(kF32, {n, 2});
    REQUIRE(bound.session->Run({{x.view()}}).ok());
    return bound.session->statistics().binding_misses;
  };
  CHECK(run(1) == 1);
  CHECK(run(2) == 2);
  CHECK(run(1) == 2);
  CHECK(run(3) == 3);  // Drops 2.
  CHECK(run(1) == 3);
  CHECK(run(2) == 4);
}

TEST_CASE("A run of a known binding allocates nothing", "[session]") {
  PlanBuilder builder;
  Bound bound = Open(Product(builder));
  const Tensor x = Tensor(kF32, {50000, 2});
  const TensorView input = x.view();
  REQUIRE(bound.session->Run({&input, 1}).ok());
  const uint64_t before = AllocationCount();
  REQUIRE(before > 0);  // The counter counts.
  for (int i = 0; i < 10; ++i) REQUIRE(bound.session->Run({&input, 1}).ok());
  // Catch2 allocates in REQUIRE; the session must not: measured around one bare call.
  const uint64_t start = AllocationCount();
  const Status status = bound.session->Run({&input, 1});
  const uint64_t end = AllocationCount();
  CHECK(status.ok());
  CHECK(end - start == 0);
}

// Whether a plan that begins with `op` bound and ran, on rows of the device's choice.
bool RunsWithoutAllocating(fuzz::Random& random, const OpInfo& op, Device& device) {
  compiler::AlignedBytes bytes(fuzz::RandomPlan(random, op, 400));
  if (bytes.span().empty()) return false;
  const auto plan = Plan::FromMemory(bytes.span(), Limits(), Verify::kAll);
  if (!plan.ok()) return false;
  fuzz::PlanInputs inputs;
  if (!inputs.Make((*plan)->main()) || !fuzz::IsCheap((*plan)->main(), inputs)) return false;
  Device* const devices[] = {&device};
  const auto session = Session::Create(**plan, devices, SessionOptions());
  if (!session.ok() || !(*session)->Run(inputs.views).ok()) return false;
  const uint64_t start = AllocationCount();
  const Status status = (*session)->Run(inputs.views);
  const uint64_t end = AllocationCount();
  CHECK(status.ok());
  CHECK(end - start == 0);
  return true;
}

TEST_CASE("A run allocates nothing, whatever the op", "[session]") {
  const auto device = Cpu();
  fuzz::Random random(3);
  for (const OpInfo* op : AllOps()) {
    INFO(op->name);
    int ran = 0;
    for (int i = 0; i < 100 && ran < 6; ++i) ran += RunsWithoutAllocating(random, *op, *device);
    CHECK(ran > 0);
  }
}

TEST_CASE("Inputs that do not fit are named, and the session goes on", "[session]") {
  PlanBuilder builder;
  Bound bound = Open(Product(builder));
  const Tensor good = Floats({1, 2}, {1, 1});
  const auto fails = [&](const TensorView& view, const char* message) {
    const Answer answer = RunSession(*bound.session, {view});
    INFO(answer.error);
    CHECK(answer.code == Code::kInvalid);
    CHECK(Contains(answer.error, message));
    CHECK(RunSession(*bound.session, {good.view()}).error == "");
  };
  const Tensor wide = Floats({1, 3}, {1, 1, 1});
  fails(wide.view(), "found extent 3 on axis 1, allowed 2");
  fails(Tensor(DType::kInt32, {1, 2}).view(), "found int32, allowed float32");
  fails(Floats({2}, {1, 1}).view(), "found rank 1, allowed 2");
  fails(TensorView(), "found no tensor, allowed one");
  TensorView strided = Floats({2, 2}, {1, 2, 3, 4}).view();
  std::swap(strided.strides[0], strided.strides[1]);
  fails(strided, "allowed a dense");
  TensorView missing = good.view();
  missing.data = nullptr;
  fails(missing, "found data at");
  TensorView negative = good.view();
  negative.extents[0] = -1;
  fails(negative, "found extent -1");
  CHECK(RunSession(*bound.session, {}).code == Code::kInvalid);
}

// y = x + x seen through [n] elements from `offset` on, n the first element of `count`.
PlanDescription Slice(PlanBuilder& builder, Dim offset) {
  const uint32_t x = builder.Input(kF32, {8});
  builder.Input(DType::kInt64, {1});
  const Dim n = builder.Symbol(1, 0, SymbolSource::kElement);
  const uint32_t y = builder.Value(kF32, {n});
  const PlanUse slice = builder.View(x, {n}, {1}, offset);
  builder.Map(Add(), {slice, slice}, builder.Whole(y));
  builder.Output(builder.Whole(y));
  return builder.plan;
}

TEST_CASE("Host operands are read, and views stay inside their values", "[session]") {
  PlanBuilder builder;
  Bound bound = Open(Slice(builder, 3));
  REQUIRE(bound.error == "");
  const Tensor x = Floats({8}, {0, 1, 2, 3, 4, 5, 6, 7});
  const auto run = [&](int64_t count) {
    const Tensor n = Tensor::Of<int64_t>({1}, {count});
    return RunSession(*bound.session, {x.view(), n.view()});
  };
  CHECK(run(2).outputs[0].values<float>() == std::vector<float>{6, 8});
  CHECK(run(5).outputs[0].values<float>() == std::vector<float>{6, 8, 10, 12, 14});
  CHECK(run(2).outputs[0].extents() == std::vector<int64_t>{2});
  CHECK(bound.session->statistics().binding_misses == 2);
  CHECK(run(0).outputs[0].extents() == std::vector<int64_t>{0});
  CHECK(Contains(run(6).error, "found elements 3 to 8, allowed 0 to 7"));
  CHECK(Contains(run(-1).error, "found extent -1"));
  CHECK(run(INT64_MAX).code != Code::kOk);
  CHECK(run(INT64_MIN).code == Code::kInvalid);
  CHECK(run(5).error == "");
}

TEST_CASE("Only the taken branch of a shape program must have a value", "[session]") {
  PlanBuilder builder;
  const Dim n = builder.Symbol(0, 0);
  const Dim divided = builder.Expression(DimOp::kFloorDiv, 12, n);
  const Dim chosen = builder.Expression(DimOp::kSelect, n, divided, 5);
  const uint32_t x = builder.Input(kF32, {n});
  const uint32_t y = builder.Value(kF32, {chosen});
  MapAttributes fill;
  fill.program = UnaryProgram(MapOpcode::kNeg, kF32, kF32);
  fill.has_extents = 1;
  fill.extents.Push(chosen);
  const uint32_t one = builder.Constant(Floats({1}, {2}));
  builder.Op(OpKind::kMap, Attributes::Of(fill), {builder.Whole(one)}, {builder.Whole(y)});
  builder.Output(builder.Whole(y));
  builder.Output(builder.Whole(x));
  Bound bound = Open(builder.plan);
  REQUIRE(bound.error == "");
  CHECK(RunSession(*bound.session, {Tensor(kF32, {0}).view()}).outputs[0].values<float>() ==
        std::vector<float>(5, -2));
  CHECK(RunSession(*bound.session, {Tensor(kF32, {4}).view()}).outputs[0].values<float>() ==
        std::vector<float>(3, -2));
}

TEST_CASE("Broken promises of a plan are errors of the bind", "[session]") {
  SECTION("extents that are required to be equal") {
    PlanBuilder builder;
    const Dim a = builder.Symbol(0, 0);
    builder.Input(kF32, {a, builder.Symbol(0, 1)});
    builder.Require(a, Dim::Expression(1));
    builder.Output(builder.Whole(0));
    Bound bound = Open(builder.plan);
    REQUIRE(bound.error == "");
    CHECK(RunSession(*bound.session, {Tensor(kF32, {2, 2}).view()}).error == "");
    CHECK(Contains(RunSession(*bound.session, {Tensor(kF32, {2, 3}).view()}).error,
                   "found extents 2 and 3"));
  }
  SECTION("a result whose stored extents are not those of its op") {
    PlanBuilder builder;
    const Dim n = builder.Symbol(0, 0);
    const uint32_t x = builder.Input(kF32, {n});
    const uint32_t y = builder.Value(kF32, {4});
    builder.Map(Negate(), {builder.Whole(x)}, builder.Whole(y));
    builder.Output(builder.Whole(y));
    Bound bound = Open(builder.plan);
    REQUIRE(bound.error == "");
    CHECK(RunSession(*bound.session, {Tensor(kF32, {4}).view()}).error == "");
    const Answer answer = RunSession(*bound.session, {Tensor(kF32, {5}).view()});
    CHECK(answer.code == Code::kInvalid);
    CHECK(Contains(answer.error, "op 0 op0: result 0: found extent 4 on axis 0, allowed 5"));
  }
  SECTION("a result view whose elements share memory") {
    PlanBuilder builder;
    const Dim n = builder.Symbol(0, 0);
    const uint32_t x = builder.Input(kF32, {n});
    const uint32_t y = builder.Value(kF32, {n});
    builder.Map(Negate(), {builder.Whole(x)}, builder.View(y, {n}, {0}));
    builder.Output(builder.Whole(y));
    Bound bound = Open(builder.plan);
    if (bound.error == "") {
      CHECK(Contains(RunSession(*bound.session, {Tensor(kF32, {5}).view()}).error,
                     "found elements that share memory"));
    } else {
      CHECK(bound.code == Code::kInvalid);  // The loader may know already.
    }
  }
}

TEST_CASE("A view that shows one element very often is refused", "[session]") {
  for (const int64_t count : {int64_t{1} << 20, int64_t{1} << 40}) {
    PlanBuilder builder;
    const Dim n = builder.Symbol(0, 0);
    builder.Input(kF32, {n});
    const uint32_t x = builder.Constant(Tensor::Of<float>({1}, {3}));
    const uint32_t y = builder.Value(kF32, {1});
    ReduceAttributes reduce;
    reduce.axes.Push(0);
    builder.Op(OpKind::kReduce, Attributes::Of(reduce), {builder.View(x, {count}, {0})},
               {builder.Whole(y)});
    builder.Output(builder.Whole(y));
    Bound bound = Open(builder.plan);
    REQUIRE(bound.error == "");
    const Answer answer = RunSession(*bound.session, {Tensor(kF32, {1}).view()});
    CHECK(answer.code == (count > (int64_t{1} << 32) ? Code::kLimit : Code::kOk));
  }
}

TEST_CASE("Panels of a constant that shows one element very often are not made", "[session]") {
  constexpr int64_t kSide = 512;
  PlanBuilder builder;
  const uint32_t a = builder.Input(kF32, {1, kSide});
  const uint32_t b = builder.Constant(Tensor::Of<float>({1}, {2}));
  const uint32_t y = builder.Value(kF32, {1, kSide});
  builder.Op(OpKind::kMatMul, Attributes::Of(MatMulAttributes()),
             {builder.Whole(a), builder.View(b, {kSide, kSide}, {0, 0})}, {builder.Whole(y)});
  builder.Output(builder.Whole(y));
  Bound bound = Open(builder.plan);
  REQUIRE(bound.error == "");
  Tensor ones(kF32, {1, kSide});
  std::fill_n(static_cast<float*>(ones.view().data), kSide, 1.0F);
  const Answer answer = RunSession(*bound.session, {ones.view()});
  REQUIRE(answer.error == "");
  CHECK(*answer.outputs[0].view().as<const float>() == 2.0F * kSide);
  CHECK(bound.session->statistics().packed_bytes == 0);
}

TEST_CASE("A packed constant of two shapes is refused", "[session]") {
  // Panels of 16 rows: those of 17 and of 32 rows have as many bytes.
  const std::vector<uint8_t> panels(2 * 16 * 4, 0);
  for (const int64_t second : {17, 32}) {
    PlanBuilder builder;
    builder.plan.constants.push_back({Layout::kPanel16, panels});
    for (const int64_t rows : {int64_t{17}, second}) {
      const uint32_t x = builder.Value(kF32, {rows, 1});
      builder.plan.functions[0].values[x].constant = 0;
      const uint32_t y = builder.Value(kF32, {rows, 1});
      builder.Map(Negate(), {builder.Whole(x)}, builder.Whole(y));
      builder.Output(builder.Whole(y));
    }
    Bound bound = Open(builder.plan);
    REQUIRE(bound.error == "");
    const Answer answer = RunSession(*bound.session, {}, 2);
    CHECK(answer.code == (second == 17 ? Code::kOk : Code::kInvalid));
    if (second != 17) CHECK(Contains(answer.error, "found two shapes of packed constant 0"));
  }
}

TEST_CASE("More memory than the limit allows is refused, and less still runs", "[session]") {
  PlanBuilder builder;
  Limits limits;
  limits.arena_bytes = 8 << 20;
  Bound bound = Open(Product(builder), {}, {}, limits);
  REQUIRE(bound.error == "");
  CHECK(RunSession(*bound.session, {Tensor(kF32, {4, 2}).view()}).error == "");
  TensorView huge = Tensor(kF32, {1, 2}).view();
  huge.extents[0] = int64_t{1} << 40;
  CHECK(RunSession(*bound.session, {huge}).code == Code::kLimit);
  huge.extents[0] = INT64_MAX / 4;
  CHECK(RunSession(*bound.session, {huge}).code == Code::kLimit);
  CHECK(RunSession(*bound.session, {Tensor(kF32, {4, 2}).view()}).error == "");
}

TEST_CASE("Outputs are dense memory of the session's own", "[session]") {
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {2, 3});
  const uint32_t c = builder.Constant(Floats({}, {7}));
  const uint32_t y = builder.Value(kF32, {2, 3});
  builder.Map(Negate(), {builder.Whole(x)}, builder.Whole(y));
  builder.Output(builder.Whole(x));
  builder.Output(builder.Whole(c));
  builder.Output(builder.View(y, {3, 2}, {1, 3}));
  builder.Output(builder.View(y, {6}, {1}));
  builder.Output(builder.View(x, {3}, {-1}, 5));
  Bound bound = Open(builder.plan);
  REQUIRE(bound.error == "");
  const Tensor input = Floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Answer answer = RunSession(*bound.session, {input.view()}, 5);
  REQUIRE(answer.error == "");
  CHECK(answer.outputs[0].values<float>() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(bound.session->output(0).data != input.view().data);
  CHECK(answer.outputs[1].values<float>() == std::vector<float>{7});
  CHECK(answer.outputs[1].extents().empty());
  CHECK(answer.outputs[2].values<float>() == std::vector<float>{-1, -4, -2, -5, -3, -6});
  CHECK(answer.outputs[3].values<float>() == std::vector<float>{-1, -2, -3, -4, -5, -6});
  CHECK(answer.outputs[4].values<float>() == std::vector<float>{6, 5, 4});
  for (size_t i = 0; i < 5; ++i) CHECK(IsDense(bound.session->output(i)));
  CHECK(input.values<float>() == std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("Maps write over operands that die, and only over those", "[session]") {
  constexpr int64_t kCount = 1 << 18;
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {kCount});
  uint32_t value = x;
  for (int i = 0; i < 6; ++i) {
    const uint32_t next = builder.Value(kF32, {kCount});
    builder.Map(Negate(), {builder.Whole(value)}, builder.Whole(next));
    value = next;
  }
  // The reversed operand is read elsewhere than it is written: not in place.
  const uint32_t y = builder.Value(kF32, {kCount});
  builder.Map(Add(), {builder.Whole(value), builder.View(value, {kCount}, {-1}, kCount - 1)},
              builder.Whole(y));
  builder.Output(builder.Whole(y));
  Bound bound = Open(builder.plan);
  REQUIRE(bound.error == "");
  std::vector<float> values(kCount);
  for (int64_t i = 0; i < kCount; ++i) values[static_cast<size_t>(i)] = static_cast<float>(i);
  const Answer answer = RunSession(*bound.session, {Floats({kCount}, values).view()});
  REQUIRE(answer.error == "");
  CHECK(answer.outputs[0].values<float>() ==
        std::vector<float>(kCount, static_cast<float>(kCount - 1)));
  const SessionStatistics statistics = bound.session->statistics();
  CHECK(statistics.live_set_bytes >= 2 * kCount * sizeof(float));
  CHECK(statistics.live_set_bytes < 3 * kCount * sizeof(float));
  CHECK(statistics.arena_bytes <= statistics.live_set_bytes * 5 / 4);
}

TEST_CASE("Programs that a kernel does not run are split off it", "[session]") {
  // Reduce on the CPU's reference row runs neither: -(sum of -x, plus b).
  PlanBuilder builder;
  const uint32_t x = builder.Input(kF32, {2, 3});
  const uint32_t b = builder.Input(kF32, {2, 1});
  const uint32_t y = builder.Value(kF32, {2, 1});
  ReduceAttributes reduce;
  reduce.axes.Push(1);
  reduce.prologue = Negate();
  reduce.epilogue = Add();
  builder.Op(OpKind::kReduce, Attributes::Of(reduce), {builder.Whole(x), builder.Whole(b)},
             {builder.Whole(y)});
  builder.Output(builder.Whole(y));
  Bound bound = Open(builder.plan);
  REQUIRE(bound.error == "");
  const Tensor x_data = Floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b_data = Floats({2, 1}, {10, 20});
  const Answer answer = RunSession(*bound.session, {x_data.view(), b_data.view()});
  REQUIRE(answer.error == "");
  CHECK(answer.outputs[0].values<float>() == std::vector<float>{4, 5});
  CHECK(bound.session->placement()[0].ops == 1);
}

// Coordinates of what is not zero in x [N], negated: NonZero in region 0, the Map in region 1.
void FoundPlaces(PlanBuilder& builder) {
  const Dim all = builder.Symbol(0, 0);
  const uint32_t x = builder.Input(kF32, {all});
  const uint32_t places = builder.Value(DType::kInt64, {all, 1});
  const uint32_t count = builder.Value(DType::kInt64, {});
  builder.Op(OpKind::kNonZero, Attributes(*FindOp(OpKind::kNonZero)), {builder.Whole(x)},
             {builder.Whole(places), builder.Whole(count)});
  const Dim found = builder.Symbol(count, 0, SymbolSource::kComputed);
  const uint32_t y = builder.Value(DType::kInt64, {found, 1});
  CopyAttributes copy;
  for (const Dim extent : {found, Dim(1)}) copy.extents.Push(extent);
  for (int i = 0; i < 2; ++i) copy.starts.Push(0);
  builder.Op(OpKind::kCopy, Attributes::Of(copy), {builder.View(places, {found, 1}, {1, 1})},
             {builder.Whole(y)});
  builder.Output(builder.Whole(y));
  builder.plan.functions[0].region_sizes = {1, 1};
}

TEST_CASE("A region runs with the extents that the one before it computed", "[session]") {
  PlanBuilder builder;
  FoundPlaces(builder);
  const Bound bound = Open(builder.plan);
  REQUIRE(bound.error == "");
  const struct {
    std::vector<float> x;
    std::vector<int64_t> places;
  } runs[] = {{{0, 1, 0, 2}, {1, 3}},
              {{0, 0, 0, 0}, {}},
              {{1, 1, 1, 1}, {0, 1, 2, 3}},
              {{0, 3, 0, 4}, {1, 3}},
              {{5}, {0}}};
  for (const auto& run : runs) {
    const auto length = static_cast<int64_t>(run.x.size());
    const Tensor x = Floats({length}, run.x);
    const Answer answer = RunSession(*bound.session, {x.view()});
    REQUIRE(answer.error == "");
    CHECK(answer.outputs[0].values<int64_t>() == run.places);
  }
  // Region 0 is bound for two lengths, region 1 for four pairs of a length and what was found.
  CHECK(bound.session->statistics().binding_hits == 4);
  CHECK(bound.session->statistics().binding_misses == 6);
}

TEST_CASE("Before it has run a session of regions knows no extents that depend on data",
          "[session]") {
  PlanBuilder builder;
  FoundPlaces(builder);
  const Bound bound = Open(builder.plan);
  REQUIRE(bound.error == "");
  const Tensor x = Floats({3}, {0, 1, 1});
  REQUIRE(bound.session->Bind(std::vector<TensorView>{x.view()}).ok());
  CHECK(bound.session->output(0).extents[0] == -1);
  CHECK(bound.session->output(0).extents[1] == 1);
  CHECK(bound.session->step_count() == 1);
  REQUIRE(RunSession(*bound.session, {x.view()}).error == "");
  CHECK(bound.session->output(0).extents[0] == 2);
  CHECK(bound.session->step_count() == 2);
}

}  // namespace

}  // namespace stint::testing
