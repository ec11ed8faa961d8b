// The text form: everything comes back, and wrong text says where it is wrong.
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>

#include "random_graph.h"
#include "tools/compiler/graph/parse.h"
#include "tools/compiler/graph/print.h"
#include "tools/compiler/passes/pipeline.h"

namespace stint::compiler {

namespace {

void RequireRoundTrip(Graph& graph) {
  const std::string text = PrintGraph(graph);
  INFO(text);
  Result<Graph> again = ParseGraph(text);
  INFO(again.status().where() << ": " << again.status().message());
  REQUIRE(again.ok());
  REQUIRE(EqualGraphs(graph, *again));
  REQUIRE(PrintGraph(*again) == text);
}

std::string ErrorOf(const std::string& text) {
  const Result<Graph> graph = ParseGraph(text);
  if (graph.ok()) return "";
  CHECK(graph.status().code() == Code::kInvalid);
  return std::string(graph.status().where()) + ": " + graph.status().message();
}

std::string Body(const std::string& statements) {
  return "function \"f\" {\n" + statements + "\n}\n";
}

}  // namespace

TEST_CASE("Random graphs come back from their text, before and after the passes") {
  for (uint32_t seed = 0; seed < 150; ++seed) {
    Graph graph = RandomGraph(seed, 14, seed % 2 == 1);
    RequireRoundTrip(graph);
    REQUIRE(RunPipeline(graph, {}).ok());
    RequireRoundTrip(graph);
  }
}

TEST_CASE("Graphs that differ in one thing are not equal") {
  const std::string text = Body(
      "symbol N = extent 0 of input 0\n"
      "input %x: float32[N, 2]\n"
      "constant %c: float32[2] = [1, 2]\n"
      "%a: float32[N, 2] = Map(%x, %c) @\"add\" {\n"
      "program = map(float32, float32) -> (float32) {\n"
      "r0 = ld.f32 in0\nr1 = ld.f32 in1\nr0 = add.f32 r0, r1\nout0 = st.f32 r0\n}\n}\n"
      "%y: float32[N, 2] = Softmax(%a) { axis = 1 }\n"
      "output \"y\" = %y\noutput \"t\" = %a transposed [1, 0]");
  const Result<Graph> graph = ParseGraph(text);
  REQUIRE(graph.ok());
  const std::pair<const char*, const char*> changes[] = {
      {"symbol N", "symbol M"},
      {"[1, 2]", "[1, 3]"},
      {"@\"add\"", "@\"sum\""},
      {"add.f32", "mul.f32"},
      {"{ axis = 1 }", ""},
      {"Softmax(%a)", "Softmax(%x)"},
      {"\"y\" = %y", "\"z\" = %y"},
      {"\"f\"", "\"g\""},
      {"%y: float32", "%q: float32"},
      {"transposed [1, 0]", ""},
      {"Map(%x, %c)", "Map(%x, %c[1, 2])"},
  };
  for (const auto& [from, to] : changes) {
    std::string changed = text;
    for (size_t at = changed.find(from); at != std::string::npos; at = changed.find(from, at + 1)) {
      changed.replace(at, std::strlen(from), to);
    }
    if (std::string(from) == "symbol N") {
      for (size_t at = changed.find("[N"); at != std::string::npos; at = changed.find("[N")) {
        changed.replace(at, 2, "[M");
      }
    }
    if (std::string(from) == "%y: float32") changed.replace(changed.find("= %y"), 4, "= %q");
    INFO(changed);
    const Result<Graph> other = ParseGraph(changed);
    INFO(other.status().where() << other.status().message());
    REQUIRE(other.ok());
    CHECK_FALSE(EqualGraphs(*graph, *other));
  }
}

TEST_CASE("All bytes of constants, names and properties come back") {
  Graph graph;
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  graph.properties = {{every, ""}, {"", every}};
  Function& function = graph.functions.emplace_back();
  function.name = every;
  const DType dtypes[] = {DType::kFloat32, DType::kFloat64, DType::kFloat16, DType::kBool,
                          DType::kInt8,    DType::kUInt64,  DType::kString,  DType::kComplex128};
  std::mt19937 random(7);
  for (const DType dtype : dtypes) {
    for (const int64_t count : {0, 1, 3, 40, 3000}) {
      Value value;
      value.name = every + std::to_string(count);
      value.dtype = dtype;
      value.dims = {count};
      Bytes bytes(static_cast<size_t>(count * BytesOf(dtype)));
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
      if (count == 40) std::fill(bytes.begin(), bytes.end(), uint8_t{0});
      value.data = std::make_shared<const Bytes>(std::move(bytes));
      const ValueId id = function.AddValue(std::move(value));
      function.outputs.push_back({every, function.ViewOf(id)});
    }
  }
  RequireRoundTrip(graph);
}

TEST_CASE("Extents come back as the expressions that they are") {
  Result<Graph> parsed = ParseGraph(
      Body("symbol N = extent 0 of input 0\nsymbol $1 = extent 1 of input 0\n"
           "symbol $2 as \"N\" = element 0 of input 1\n"
           "dim #0 = floordiv(N*$1 + 2*N - 7, 3)*N\n"
           "check N == $1\n"
           "input %x: float32[N, $1]\ninput %n: int64[1] elements [$2]\n"
           "%y: int64[4] elements [#0 + 1, -N + 1, min(max(N, $2), select(less(N, 4), $1, 2)), "
           "mod(N + 1, 4)] = Eval() { extents = [4] values = [#0 + 1, -N + 1, min(max(N, $2), "
           "select(less(N, 4), $1, 2)), mod(N + 1, 4)] }\n"
           "output \"y\" = %y"));
  INFO(parsed.status().where() << ": " << parsed.status().message());
  REQUIRE(parsed.ok());
  RequireRoundTrip(*parsed);
}

TEST_CASE("Expressions that share parts print in little text") {
  Graph graph;
  Function& function = graph.functions.emplace_back();
  function.name = "f";
  Value input;
  input.name = "x";
  input.dtype = DType::kFloat32;
  input.is_input = true;
  Dim dim = function.dims.AddSymbol({"N", false, 0, 0});
  input.dims = {dim};
  function.inputs.push_back(function.AddValue(input));
  for (int i = 0; i < 60; ++i) {
    const Dim halves = function.dims.FloorDiv(function.dims.Add(dim, 1), 2);
    dim = function.dims.Max(halves, function.dims.Mod(dim, 5));
  }
  function.dims.Require(dim, 3, "a test");
  const std::string text = PrintGraph(graph);
  CHECK(text.size() < 60 * 200);
  const Result<Graph> again = ParseGraph(text);
  REQUIRE(again.ok());
  CHECK(EqualGraphs(graph, *again));
}

TEST_CASE("Errors name line, column, what was found and what is allowed") {
  CHECK(ErrorOf("") == "line 1, column 1: found the end, allowed 'function'");
  CHECK(ErrorOf("funktion") ==
        "line 1, column 1: found 'funktion', allowed 'property' or 'function'");
  CHECK(ErrorOf(Body("input %x: float31[2]")) ==
        "line 2, column 11: found 'float31', allowed an element type, as in float32");
  CHECK(ErrorOf(Body("input %x: float32[Q]")) ==
        "line 2, column 19: found 'Q', allowed a number, symbol or operation");
  CHECK(ErrorOf(Body("output \"y\" = %nobody")) ==
        "line 2, column 14: found '%nobody', allowed a value declared before, as in %x, or none");
  CHECK(ErrorOf(Body("input %x: float32[2]\n%y: float32[2] = Softmax(%x) { axes = 1 }"))
            .find("line 3, column 32: found 'axes', allowed '}' or a field: axis log") == 0);
  CHECK(ErrorOf(Body("constant %x: float32[2] = [1]")).find("8 bytes before it, not 4") !=
        std::string::npos);
  CHECK(ErrorOf(Body("constant %x: float32[2] = hash \"00\"")).find("shortened") !=
        std::string::npos);
  CHECK(ErrorOf("function \"f\xff\n").find("found '\"f\\xff'") != std::string::npos);
}

TEST_CASE("Text that says what no graph may say is refused") {
  // Written twice, read before it is written, wrong shape, out of bounds, negative extent.
  const char* const wrong[] = {
      "input %x: float32[2]\n%y: float32[2] = Softmax(%x)\n%y = Softmax(%x)\noutput \"y\" = %y",
      "input %x: float32[2]\nvalue %y: float32[2]\n%z: float32[2] = Softmax(%y)",
      "input %x: float32[2]\n%y: float32[3] = Softmax(%x)",
      "input %x: float32[2]\noutput \"y\" = %x[3]",
      "input %x: float32[2]\noutput \"y\" = %x[2] strides [-1]",
      "input %x: float32[0 - 2]",
      "symbol N = extent 0 of input 0",
      "symbol N = extent 3 of input 0\ninput %x: float32[N]",
      "symbol N = extent 0 of output 0\ninput %x: int64[2]\noutput \"y\" = %x",
      "symbol N = extent 2 of output 0\ninput %x: int64[2]\noutput shape \"\" = %x",
  };
  for (const char* statements : wrong) {
    INFO(statements);
    CHECK(ErrorOf(Body(statements)) != "");
  }
}

TEST_CASE("Deep, endless and huge text ends in an error") {
  CHECK(ErrorOf(Body("input %x: float32[" + std::string(100000, '('))) != "");
  std::string sum = "1";
  for (int i = 0; i < 5000; ++i) sum += " + N";
  CHECK(ErrorOf(Body("symbol N = extent 0 of input 0\ncheck " + sum + " == 1")) != "");
  const Result<Graph> huge = ParseGraph(Body("constant %x: float32[1000000000000] = all 0"));
  REQUIRE_FALSE(huge.ok());
  CHECK(huge.status().code() == Code::kLimit);
}

TEST_CASE("Damaged text never crashes the parser, and what it accepts comes back") {
  std::mt19937 random(11);
  int accepted = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    Graph graph = RandomGraph(seed, 8, seed % 2 == 1);
    const std::string text = PrintGraph(graph);
    for (int round = 0; round < 60; ++round) {
      std::string damaged = text;
      for (int i = 0; i < 1 + round % 3; ++i) {
        const size_t at = random() % damaged.size();
        const char bytes[] = "0123456789%$#\"{}()[],:=+-*@ abrnNxio\\";
        if (random() % 3 == 0) {
          damaged.erase(at, 1 + random() % 20);
        } else {
          damaged[at] = bytes[random() % (sizeof(bytes) - 1)];
        }
        if (damaged.empty()) damaged = " ";
      }
      Result<Graph> parsed = ParseGraph(damaged);
      if (!parsed.ok()) continue;
      ++accepted;
      RequireRoundTrip(*parsed);
    }
  }
  CHECK(accepted > 0);
}

}  // namespace stint::compiler
