// stint.hpp: the same runtime with owners, exceptions and C++ types.
#include <stint/stint.hpp>

#include <catch2/catch.hpp>
#include <cstring>

#include "tests/api/plans.h"

namespace stint::testing {

namespace {

api::Plan Load(const std::vector<uint8_t>& bytes) {
  stint_plan_options options = STINT_PLAN_OPTIONS_INIT;
  options.flags = STINT_PLAN_COPY;
  return api::Plan::FromMemory(std::as_bytes(std::span(bytes)), &options);
}

std::vector<float> Floats(const api::Tensor& tensor) {
  const auto elements = tensor.elements<float>();
  return {elements.begin(), elements.end()};
}

TEST_CASE("C++: a transposed view of pixels is an input of a model of channels first", "[api]") {
  const api::Plan plan = Load(PixelsPlan());
  api::Session session(plan, {.threads = 1});
  const std::vector<float> pixels = {0, 1, 2, 10, 11, 12};
  session.Run({api::Tensor(pixels.data(), {1, 1, 2, 3}).Transposed({0, 3, 1, 2})});
  CHECK(Floats(session.output(0)) == std::vector<float>{0, -10, -1, -11, -2, -12});
  CHECK_THROWS_AS(session.Run({api::Tensor(pixels.data(), {1, 1, 2, 3}).Transposed({0, 3, 1})}),
                  api::Error);
}

TEST_CASE("C++: a tensor of a container has as many elements as its shape", "[api]") {
  const std::vector<float> pixels = {0, 1, 2, 10, 11, 12};
  CHECK(api::Tensor(pixels, {1, 1, 2, 3}).elements<const float>().data() == pixels.data());
  const std::span<const float> view = pixels;
  CHECK(api::Tensor(view, {6}).size() == 6);
  CHECK_THROWS_AS(api::Tensor(pixels, {1, 1, 2, 4}), api::Error);
  const float few[] = {1, 2, 3};
  CHECK(api::Tensor(few, {3}).elements<const float>().data() == few);
  CHECK_THROWS_AS(api::Tensor(few, {4}), api::Error);
  CHECK(api::Tensor(std::span(few), {1, 3}).size() == 3);
  using Floats = std::vector<float>;
  using Shape = std::initializer_list<int64_t>;
  STATIC_REQUIRE(std::is_constructible_v<api::Tensor, Floats&, Shape>);
  STATIC_REQUIRE(!std::is_constructible_v<api::Tensor, Floats, Shape>);
  STATIC_REQUIRE(!std::is_constructible_v<api::Tensor, const Floats, Shape>);
}

TEST_CASE("C++: views that no tensor can have have no elements, and calls refuse them", "[api]") {
  const api::Plan plan = Load(PixelsPlan());
  api::Session session(plan, {.threads = 1});
  const std::vector<float> pixels(48);
  const api::Tensor whole(pixels, {1, 4, 4, 3});
  const api::Tensor nine(pixels.data(), {1, 1, 1, 1, 1, 1, 1, 1, 48});
  const auto nine_of_nine = nine.Transposed({0, 1, 2, 3, 4, 5, 6, 7, 8});
  const auto nine_of_four = whole.Transposed({0, 1, 2, 3, 0, 1, 2, 3, 0});
  const auto three_of_four = whole.Transposed({0, 3, 1});
  const auto again = three_of_four.Transposed({});
  for (const auto& tensor : {nine, nine_of_nine, nine_of_four, three_of_four, again}) {
    CHECK(!tensor.valid());
    CHECK(tensor.shape().empty());
    CHECK(tensor.size() == 0);
    CHECK_THROWS_AS(tensor.elements<const float>(), api::Error);
    CHECK_THROWS_AS(session.Run({tensor}), api::Error);
  }
  CHECK(whole.valid());
  const std::vector<float> none;
  CHECK_THROWS_AS(api::Tensor(none, {1, 1, 1, 1, 1, 1, 1, 1, 0}), api::Error);
}

TEST_CASE("C++: errors are exceptions with code, place and text", "[api]") {
  try {
    api::Plan::Open("/nonexistent");
    FAIL("found no exception, allowed one");
  } catch (const api::Error& error) {
    CHECK(error.code() == STINT_ERROR_IO);
    CHECK(error.where() == "/nonexistent");
    CHECK(std::string(error.what()) ==
          "/nonexistent: found no such file, allowed an existing plan");
  }
}

TEST_CASE("C++: a plan says what it is", "[api]") {
  const api::Plan plan = Load(ProductPlan());
  CHECK(plan.input_count() == 1);
  CHECK(plan.output_count() == 1);
  CHECK(plan.FindInput("v0") == 0);
  CHECK(plan.FindOutput("out0") == 0);
  CHECK_THROWS_AS(plan.FindInput("x"), api::Error);
  CHECK(std::string(plan.input(0).name) == "v0");
  CHECK(plan.output(0).rank == 2);
  CHECK(plan.info().ops == 2);
  CHECK(std::string(plan.ops()[0].kind) == "MatMul");
  CHECK(plan.properties() ==
        std::vector<std::pair<std::string, std::string>>{{"author", "a test"}});
  CHECK(api::ListDevices().front().name == "cpu");
}

TEST_CASE("C++: groups, and sessions without them; names of devices; counters", "[api]") {
  const api::Plan plan = Load(TwoPoolsPlan());
  const api::Device cpu("cpu", 1);
  api::Session joined(plan, {.devices = {cpu}});
  api::Session single(plan, {.devices = {cpu}, .no_groups = true, .prepared_shapes = 1});
  const int64_t shape[] = {1, 64, 64, 64};
  const api::Tensor input(STINT_FLOAT32, shape, nullptr);
  joined.Prepare({input});
  single.Prepare({input});
  REQUIRE(joined.groups().size() == 1);
  CHECK(joined.groups()[0].end_step == 2);
  CHECK(single.groups().empty());
  CHECK(cpu.counters().allocations > 0);
  api::Device::CheckName("cpu:1");
  try {
    api::Device::CheckName("tpu");
    FAIL("found no exception, allowed one");
  } catch (const api::Error& error) {
    CHECK(error.code() == STINT_ERROR_INVALID);
    CHECK(error.message() == "found tpu, allowed a backend of this build, as cpu or cpu:0");
  }
}

TEST_CASE("C++: state, bound outputs, asynchronous runs", "[api]") {
  const api::Plan plan = Load(AccumulatorPlan());
  const api::Device cpu("cpu", 2);
  api::Session session(plan, {.devices = {cpu}, .profile = true});
  const std::vector<float> x = {1, 2};
  const api::Tensor inputs[] = {api::Tensor(x.data(), {2}), api::Tensor()};
  session.BindState(0, 1, api::Tensor(static_cast<const float*>(nullptr), {2}));
  std::vector<float> negated(2);
  session.BindOutput(1, api::Tensor(negated.data(), {2}));
  session.Run(inputs);
  std::string told;
  session.RunAsync(
      inputs, [&](const api::Error* error) { told = error == nullptr ? "done" : error->what(); });
  session.Wait();
  CHECK(told == "done");
  CHECK(Floats(session.output(0)) == std::vector<float>{2, 4});
  CHECK(negated == std::vector<float>{-2, -4});
  CHECK(session.placement()[0].ops == 2);
  CHECK(session.steps()[0].seconds > 0);
  CHECK(session.statistics().submissions == 1);
  session.ResetState();
  session.UnbindOutput(1);
  session.Run(inputs);
  CHECK(Floats(session.output(1)) == std::vector<float>{-1, -2});
  CHECK_THROWS_AS(session.output(0).elements<int32_t>(), api::Error);
  for (const int64_t timeout : {INT64_MIN, int64_t{-1}, int64_t{1}}) {
    try {
      session.Run(inputs, std::chrono::nanoseconds(timeout));
      FAIL("found no exception, allowed one");
    } catch (const api::Error& error) {
      CHECK(error.code() == STINT_ERROR_DEADLINE);
    }
  }
  session.RunAsync(
      inputs, [&](const api::Error* error) { told = error->where(); }, std::chrono::nanoseconds(1));
  CHECK_THROWS_AS(session.Wait(), api::Error);
  CHECK(told == "run");
}

}  // namespace

}  // namespace stint::testing
