// What holds for every graph that passes change. Single changes are in tests/passes.
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "random_graph.h"
#include "tools/compiler/graph/parse.h"
#include "tools/compiler/graph/print.h"
#include "tools/compiler/passes/pipeline.h"

namespace stint::compiler {

namespace {

constexpr int kGraphs = 300;
constexpr int kSteps = 14;

// Sums in another order differ by less than this part of the largest element.
constexpr float kTolerance = 1e-4F;

void RequireClose(const std::vector<float>& expected, const std::vector<float>& found) {
  REQUIRE(expected.size() == found.size());
  float largest = 1;
  for (const float number : expected) largest = std::max(largest, std::fabs(number));
  for (size_t i = 0; i < expected.size(); ++i) {
    INFO("element " << i << ": expected " << expected[i] << ", found " << found[i]);
    REQUIRE(std::fabs(expected[i] - found[i]) <= kTolerance * largest);
  }
}

}  // namespace

TEST_CASE("The pipeline keeps the answers of random graphs") {
  size_t before = 0;
  size_t after = 0;
  for (uint32_t seed = 0; seed < kGraphs; ++seed) {
    Graph plain = RandomGraph(seed, kSteps, false);
    Graph optimised = RandomGraph(seed, kSteps, false);
    INFO("seed " << seed << "\n" << PrintGraph(plain));
    const Status status = RunPipeline(optimised, {});
    INFO(status.where() << ": " << status.message());
    REQUIRE(status.ok());
    INFO(PrintGraph(optimised));
    before += plain.main().nodes.size();
    after += optimised.main().nodes.size();
    const auto expected = Evaluate(plain.main());
    const auto found = Evaluate(optimised.main());
    REQUIRE(expected.size() == found.size());
    for (size_t i = 0; i < expected.size(); ++i) RequireClose(expected[i], found[i]);
  }
  // The graphs gave the passes something to do, and left something to compare.
  CHECK(before > 5 * kGraphs);
  CHECK(after < before / 2);
  CHECK(after > kGraphs);
}

TEST_CASE("The pipeline takes random graphs with symbolic extents") {
  for (uint32_t seed = 0; seed < kGraphs; ++seed) {
    Graph graph = RandomGraph(seed, kSteps, true);
    INFO("seed " << seed << "\n" << PrintGraph(graph));
    const Status status = RunPipeline(graph, {});
    INFO(status.where() << ": " << status.message());
    REQUIRE(status.ok());
    for (const Node& node : graph.main().nodes) {
      for (size_t i = 0; i < node.operands.size(); ++i) {
        const bool strides = (node.op->strided_operands >> std::min<size_t>(i, 15) & 1) != 0;
        const bool dense = strides || !node.operands[i].present() ||
                           IsContiguous(node.operands[i], graph.main().dims);
        REQUIRE(dense);
      }
    }
  }
}

TEST_CASE("stop_after counts passes and dump_after prints the graph after one") {
  Graph graph = RandomGraph(1, kSteps, false);
  const std::string before = PrintGraph(graph);
  CompileOptions options;
  options.stop_after = 0;
  REQUIRE(RunPipeline(graph, options).ok());
  CHECK(PrintGraph(graph) == before);

  std::ostringstream dump;
  options.stop_after = -1;
  options.dump_after = "materialize_views";
  options.dump_stream = &dump;
  REQUIRE(RunPipeline(graph, options).ok());
  CHECK(dump.str() == PrintGraph(graph, {256}));

  options.dump_after = "no_such_pass";
  CHECK(RunPipeline(graph, options).code() == Code::kInvalid);
}

TEST_CASE("A pass that never ends is stopped and named") {
  Graph graph = RandomGraph(1, kSteps, false);
  PassContext context;
  const Pass restless = {"restless", "a test", [](Function& function, PassContext&) {
                           Patch patch;
                           patch.replace.emplace_back(0, function.nodes[0]);
                           return Result<Patch>(std::move(patch));
                         }};
  const Status status = RunPass(restless, graph, context);
  CHECK(status.code() == Code::kInternal);
  CHECK(std::string(status.where()).find("restless") != std::string::npos);
}

TEST_CASE("A pass that breaks a rule of the graph is found at once") {
  Graph graph = RandomGraph(1, kSteps, false);
  PassContext context;
  const Pass careless = {"careless", "a test", [](Function&, PassContext&) {
                           Patch patch;
                           patch.erase.push_back(0);
                           return Result<Patch>(std::move(patch));
                         }};
  const Status status = RunPass(careless, graph, context);
  CHECK(status.code() == Code::kInternal);
  CHECK(std::string(status.where()).find("careless") != std::string::npos);
}

}  // namespace stint::compiler
