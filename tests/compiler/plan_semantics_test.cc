// Plans that are whole, under right checksums, and wrong: each rule of the semantic pass refuses
// with the code and the path of the field.
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <string>

#include "runtime/ops/conv.h"
#include "runtime/ops/eval.h"
#include "runtime/ops/map.h"
#include "runtime/plan/header.h"
#include "runtime/plan/schema.h"
#include "tests/compiler/plan_testing.h"

namespace stint::compiler {

namespace {

void CheckError(const Status& status, const std::string& where, const std::string& message) {
  INFO(status.where() << ": " << status.message());
  INFO("expected " << where << ": " << message);
  CHECK(status.code() == Code::kInvalid);
  CHECK(status.where() == where);
  CHECK(std::strstr(status.message(), message.c_str()) != nullptr);
}

struct Case {
  const char* where;
  const char* message;
  std::function<void(PlanDescription&, FunctionDescription&)> break_rule;
};

// Breaks SmallPlan in one way at a time.
void CheckCases(const std::vector<Case>& cases) {
  for (const Case& item : cases) {
    PlanDescription plan = SmallPlan();
    item.break_rule(plan, plan.functions[0]);
    AlignedBytes bytes = BytesOf(plan);
    CheckError(Load(bytes.span(), Verify::kMetadata), item.where, item.message);
  }
}

TEST_CASE("Values that break a rule are refused", "[plan]") {
  CheckCases({
      {"functions[0].values[2].dtype", "found 0, allowed 1 to 26",
       [](auto&, auto& f) { f.values[2].dtype = DType::kNone; }},
      {"functions[0].values[2].dtype", "found 27",
       [](auto&, auto& f) { f.values[2].dtype = static_cast<DType>(27); }},
      {"functions[0].values[2].extents", "found 9, allowed 0 to 8",
       [](auto&, auto& f) { f.values[2].extents.assign(9, 1); }},
      {"functions[0].values[2].extents[1]", "found extent -1",
       [](auto&, auto& f) { f.values[2].extents[1] = -1; }},
      {"functions[0].values[2].extents[0]", "found expression 2, allowed those below 2",
       [](auto&, auto& f) { f.values[2].extents[0] = Dim::Expression(2); }},
      {"functions[0].values[2].extents", "2^63 bytes",
       [](auto&, auto& f) { f.values[2].extents = {int64_t{1} << 40, int64_t{1} << 40}; }},
      {"functions[0].values[2].extents", "2^63 bytes",
       [](auto&, auto& f) { f.values[2].extents = {0, int64_t{1} << 62, 2}; }},
      {"functions[0].values[2].constant", "found 1, allowed 0 to 0",
       [](auto&, auto& f) { f.values[2].constant = 1; }},
      {"functions[0].values[1].constant.size", "found 32, allowed 36 to 36",
       [](auto&, auto& f) { f.values[1].extents = {9}; }},
      {"functions[0].values[1].extents", "a constant with expressions",
       [](auto&, auto& f) { f.values[1].extents = {Dim::Expression(0)}; }},
      {"functions[0].values[1].dtype", "constant of strings",
       [](auto&, auto& f) { f.values[1].dtype = DType::kString; }},
      {"functions[0].values[2].name.bytes", "found 65537, allowed 0 to 65536",
       [](auto&, auto& f) { f.values[2].name.assign(65537, 'x'); }},
  });
}

TEST_CASE("Inputs, outputs, views and regions that break a rule are refused", "[plan]") {
  CheckCases({
      {"functions[0].inputs[0]", "found 4, allowed 0 to 3", [](auto&, auto& f) { f.inputs = {4}; }},
      {"functions[0].inputs[1]", "found value 0 twice", [](auto&, auto& f) { f.inputs = {0, 0}; }},
      {"functions[0].outputs[0].value", "found 4",
       [](auto&, auto& f) { f.outputs[0].use.value = 4; }},
      {"functions[0].outputs[0]", "found no value", [](auto&, auto& f) { f.outputs[0].use = {}; }},
      {"functions[0].outputs[0].view", "found 1",
       [](auto&, auto& f) { f.outputs[0].use.view = 1; }},
      {"functions[0].outputs[0]", "before anything wrote it",
       [](auto&, auto& f) {
         f.ops.pop_back();
         f.region_sizes = {1};
       }},
      {"functions[0].views[0].strides", "found 2, allowed 1 to 1",
       [](auto&, auto& f) { f.views[0].strides = {1, 1}; }},
      {"functions[0].views[0].strides[0]", "found expression 7",
       [](auto&, auto& f) { f.views[0].strides = {Dim::Expression(7)}; }},
      {"functions[0].views[0].offset", "found expression 7",
       [](auto&, auto& f) { f.views[0].offset = Dim::Expression(7); }},
      {"functions[0].views[0].extents[0]", "found extent -5",
       [](auto&, auto& f) { f.views[0].extents = {-5}; }},
      {"functions[0].regions", "found 0, allowed 1",
       [](auto&, auto& f) { f.region_sizes.clear(); }},
      {"functions[0].regions.op_count", "found 3, allowed 2 to 2",
       [](auto&, auto& f) { f.region_sizes = {1, 2}; }},
      {"functions[0].regions.op_count", "allowed 2 to 2",
       [](auto&, auto& f) { f.region_sizes = {0xffffffff, 3}; }},
      {"functions", "found 0, allowed 1", [](auto& p, auto&) { p.functions.clear(); }},
  });
}

TEST_CASE("Shape programs that break a rule are refused", "[plan]") {
  CheckCases({
      {"functions[0].symbols[0].input", "found 1", [](auto&, auto& f) { f.symbols[0].input = 1; }},
      {"functions[0].symbols[0].index", "found 2, allowed 0 to 1",
       [](auto&, auto& f) { f.symbols[0].index = 2; }},
      {"functions[0].symbols[0].source", "found 3",
       [](auto&, auto& f) { f.symbols[0].source = static_cast<SymbolSource>(3); }},
      {"functions[0].symbols[0]", "element of a int8 tensor",
       [](auto&, auto& f) {
         f.values[0] = {"x", DType::kInt8, {3}, kNoIndex};
         f.symbols[0] = {"n", SymbolSource::kElement, 0, 0};
       }},
      {"functions[0].symbols[0].index", "found 3, allowed 0 to 2",
       [](auto&, auto& f) {
         f.values[0] = {"x", DType::kInt64, {3}, kNoIndex};
         f.symbols[0] = {"n", SymbolSource::kElement, 0, 3};
       }},
      {"functions[0].expressions[1].op", "found 22",
       [](auto&, auto& f) { f.expressions[1].op = static_cast<DimOp>(kDimOpCount); }},
      {"functions[0].expressions[1].a", "found expression 1, allowed those below 1",
       [](auto&, auto& f) { f.expressions[1].a = Dim::Expression(1); }},
      {"functions[0].expressions[1].b", "found expression 5",
       [](auto&, auto& f) { f.expressions[1].b = Dim::Expression(5); }},
      {"functions[0].expressions[1]", "allowed 2 for mul",
       [](auto&, auto& f) { f.expressions[1].c = 1; }},
      {"functions[0].expressions[0].a", "allowed 0 to 0",
       [](auto&, auto& f) { f.expressions[0].a = 1; }},
      {"functions[0].expressions[0].a", "allowed 0 to 0",
       [](auto&, auto& f) { f.expressions[0].a = -1; }},
      {"functions[0].checks[0].b", "found expression 2",
       [](auto&, auto& f) { f.checks[0].b = Dim::Expression(2); }},
  });
}

TEST_CASE("Operands and results that break a rule are refused", "[plan]") {
  CheckCases({
      {"functions[0].ops[0].operands", "found 1, allowed 2 to 5",
       [](auto&, auto& f) { f.ops[0].operands.pop_back(); }},
      {"functions[0].ops[0].operands", "found 6, allowed 2 to 5",
       [](auto&, auto& f) { f.ops[0].operands.resize(6); }},
      {"functions[0].ops[0].operands", "found 47, allowed 0 to 46",
       [](auto&, auto& f) { f.ops[0].operands.resize(47); }},
      {"functions[0].ops[0].operands[1]", "MatMul needs it",
       [](auto&, auto& f) { f.ops[0].operands[1] = {}; }},
      {"functions[0].ops[0].operands[0].value", "found 4",
       [](auto&, auto& f) { f.ops[0].operands[0].value = 4; }},
      {"functions[0].ops[0].operands[0].view", "found 1",
       [](auto&, auto& f) { f.ops[0].operands[0].view = 1; }},
      {"functions[0].ops[0].operands[2].view", "of no value",
       [](auto&, auto& f) { f.ops[0].operands.push_back({kNoIndex, 0}); }},
      {"functions[0].ops[0].operands[0]", "found value 3 before",
       [](auto&, auto& f) { f.ops[0].operands[0].value = 3; }},
      {"functions[0].ops[0].results", "found 0, allowed 1",
       [](auto&, auto& f) { f.ops[0].results.clear(); }},
      {"functions[0].ops[0].results", "found 2, allowed 1 to 1",
       [](auto&, auto& f) { f.ops[0].results.push_back({3, kNoIndex}); }},
      {"functions[0].ops[0].results[0]", "found no value",
       [](auto&, auto& f) { f.ops[0].results[0] = {}; }},
      {"functions[0].ops[0].results[0]", "found value 0, an input",
       [](auto&, auto& f) { f.ops[0].results[0].value = 0; }},
      {"functions[0].ops[0].results[0]", "found value 1, a constant",
       [](auto&, auto& f) { f.ops[0].results[0].value = 1; }},
      {"functions[0].ops[1].results[0]", "written again",
       [](auto&, auto& f) { f.ops[1].results[0].value = 2; }},
  });
}

TEST_CASE("Strided views are refused where the op reads dense ones", "[plan]") {
  const OpInfo* conv = FindOp(OpKind::kConv);
  REQUIRE((conv->strided_operands & 2) == 0);
  CheckCases({
      {"functions[0].ops[0].operands[1].view", "strided view",
       [&](auto&, auto& f) {
         f.views.push_back({{1, 2, 2}, {4, 1, 2}, 0});
         f.ops[0] = {conv, "", Attributes(*conv), {{0, kNoIndex}, {1, 1}}, {{2, kNoIndex}}};
       }},
  });
}

TEST_CASE("A value written in parts may be written several times", "[plan]") {
  PlanDescription plan = SmallPlan();
  FunctionDescription& function = plan.functions[0];
  function.views.push_back({{1, 2}, {2, 1}, 0});
  function.views.push_back({{1, 2}, {2, 1}, 2});
  function.ops[1].results[0] = {3, 1};
  function.ops.push_back(function.ops[1]);
  function.ops[2].results[0] = {3, 2};
  function.region_sizes = {3};
  CHECK(Load(BytesOf(plan).span()).ok());
  function.ops[2].results[0] = {3, kNoIndex};
  CheckError(Load(BytesOf(plan).span()), "functions[0].ops[2].results[0]", "written again");
}

// Symbol 1 and expression 2 are element 0 of value 2, which ops[0] writes.
void UseComputedSymbol(FunctionDescription& function) {
  function.values[2].dtype = DType::kInt32;
  function.symbols.push_back({"found", SymbolSource::kComputed, 2, 0});
  function.expressions.push_back({DimOp::kSymbol, 1, 0, 0});
}

TEST_CASE("Symbols that no earlier region computes are refused", "[plan]") {
  const Dim found = Dim::Expression(2);
  PlanDescription good = SmallPlan();
  UseComputedSymbol(good.functions[0]);
  good.functions[0].region_sizes = {1, 1};
  good.functions[0].views[0].extents = {found};
  CHECK(Load(BytesOf(good).span()).ok());
  CheckCases({
      {"functions[0].symbols[1]", "which no region but the last one writes",
       [](auto&, auto& f) { UseComputedSymbol(f); }},
      {"functions[0].symbols[1]", "which no region but the last one writes",
       [](auto&, auto& f) {
         UseComputedSymbol(f);
         f.symbols[1].input = 0;
         f.values[0].dtype = DType::kInt32;
         f.region_sizes = {1, 1};
       }},
      {"functions[0].symbols[1].input", "allowed 0 to",
       [](auto&, auto& f) {
         UseComputedSymbol(f);
         f.symbols[1].input = 99;
       }},
      {"functions[0].ops[0].results", "known from region 1 on",
       [found](auto&, auto& f) {
         UseComputedSymbol(f);
         f.values[2].extents = {found};
         f.region_sizes = {1, 1};
       }},
      {"functions[0].inputs", "known from region 1 on",
       [found](auto&, auto& f) {
         UseComputedSymbol(f);
         f.values[0].extents = {found};
         f.symbols[0] = {"n", SymbolSource::kExtent, 0, 0};
         f.region_sizes = {1, 1};
       }},
  });
}

TEST_CASE("A value that two regions write is refused", "[plan]") {
  CheckCases({
      {"functions[0].ops[2]", "written in regions 0 and 1",
       [](auto&, auto& f) {
         f.views.push_back({{1, 2}, {2, 1}, 0});
         f.views.push_back({{1, 2}, {2, 1}, 2});
         f.ops[1].results[0] = {3, 1};
         f.ops.push_back(f.ops[1]);
         f.ops[2].results[0] = {3, 2};
         f.region_sizes = {2, 1};
       }},
  });
}

TEST_CASE("Attributes that break their table entry are refused", "[plan]") {
  const OpInfo* conv = FindOp(OpKind::kConv);
  const auto with_conv = [&](auto change) {
    return [=](auto&, auto& f) {
      ConvAttributes attributes;
      change(attributes);
      f.ops[0] = {
          conv, "", Attributes::Of(attributes), {{0, kNoIndex}, {1, kNoIndex}}, {{2, kNoIndex}}};
    };
  };
  CheckCases({
      {"functions[0].ops[0].attributes[group]", "found 0, allowed 1 to",
       with_conv([](ConvAttributes& a) { a.group = 0; })},
      {"functions[0].ops[0].attributes[group]", "found -9223372036854775808",
       with_conv([](ConvAttributes& a) { a.group = INT64_MIN; })},
      {"functions[0].ops[0].attributes[strides]", "found 0, allowed 1 to",
       with_conv([](ConvAttributes& a) { a.strides.Push(0); })},
      {"functions[0].ops[0].attributes[pads][1]", "found expression 9",
       with_conv([](ConvAttributes& a) {
         a.pads.Push(0);
         a.pads.Push(Dim::Expression(9));
       })},
      {"functions[0].ops[0].attributes[transposed]", "found 2, allowed 0 to 1",
       with_conv([](ConvAttributes& a) { a.transposed = 2; })},
  });
}

TEST_CASE("Map programs in plans are verified", "[plan]") {
  const auto break_program = [](auto change) {
    PlanDescription plan = SmallPlan();
    change(plan.functions[0].ops[1].attributes.template as<MapAttributes>().program);
    return Load(BytesOf(plan).span());
  };
  const auto check = [&](auto change) {
    const Status status = break_program(change);
    INFO(status.where() << ": " << status.message());
    CHECK(status.code() == Code::kInvalid);
    CHECK(std::strncmp(status.where(), "functions[0].ops[1].attributes[program]", 39) == 0);
  };
  check([](MapProgram& p) { p.instructions[2].opcode = static_cast<MapOpcode>(255); });
  check([](MapProgram& p) { p.instructions[2].a = kMapMaxRegisters; });
  check([](MapProgram& p) { p.instructions[2].a = 9; });
  check([](MapProgram& p) { p.instructions[2].type = static_cast<MapType>(7); });
  check([](MapProgram& p) { p.instructions[0].a = 1; });
  check([](MapProgram& p) { p.instructions[1].a = 1; });
  check([](MapProgram& p) { p.instructions[3].result = 1; });
  check([](MapProgram& p) { p.instructions[0].zero = 1; });
  check([](MapProgram& p) { p.instruction_count = 3; });
  check([](MapProgram& p) { p.inputs[0] = DType::kNone; });
  check([](MapProgram& p) { p.outputs[0] = static_cast<DType>(99); });
}

// What the writer cannot write: metadata made by hand, of one function with one Eval op.
using Builder = flatbuffers::FlatBufferBuilder;
using AttributeList = std::vector<flatbuffers::Offset<schema::Attribute>>;

AlignedBytes Forge(uint16_t kind, const std::function<AttributeList(Builder&)>& attributes,
                   const std::function<flatbuffers::Offset<schema::Constant>(Builder&)>& constant) {
  Builder builder;
  const auto attribute_list = builder.CreateVector(attributes(builder));
  const schema::Use use(0, kNoIndex);
  const auto results = builder.CreateVectorOfStructs(&use, 1);
  const auto ops =
      builder.CreateVector({schema::CreateOp(builder, kind, 0, 0, results, attribute_list)});
  const auto values = builder.CreateVector(
      {schema::CreateValue(builder, 0, static_cast<uint8_t>(DType::kInt64), 0)});
  const auto regions = builder.CreateVector({schema::CreateRegion(builder, 1)});
  const auto functions = builder.CreateVector(
      {schema::CreateFunction(builder, 0, 0, 0, values, 0, 0, 0, 0, ops, regions)});
  const auto constants = builder.CreateVector({constant(builder)});
  schema::FinishPlanBuffer(builder, schema::CreatePlan(builder, 0, 0, functions, constants));
  std::vector<uint8_t> file(kPlanHeaderBytes + builder.GetSize());
  PlanHeader header;
  header.metadata_bytes = builder.GetSize();
  header.blob_offset = file.size();
  header.file_bytes = file.size();
  EncodeHeader(header, file);
  std::memcpy(file.data() + kPlanHeaderBytes, builder.GetBufferPointer(), builder.GetSize());
  SealPlan(file);
  return AlignedBytes(file);
}

constexpr auto kEvalKind = static_cast<uint16_t>(OpKind::kEval);

flatbuffers::Offset<schema::Constant> EmptyConstant(Builder& builder) {
  const Hash128 hash = HashBytes({});
  return schema::CreateConstant(builder, 0, 0, 0, hash.low, hash.high);
}

// An Eval op with attributes of these fields and integers.
Status LoadForgedAttributes(const std::vector<std::pair<uint16_t, std::vector<int64_t>>>& fields,
                            const std::vector<uint8_t>& bytes = {}) {
  AlignedBytes file = Forge(
      kEvalKind,
      [&](Builder& builder) {
        AttributeList list;
        for (const auto& [field, integers] : fields) {
          const auto stored = builder.CreateVector(integers);
          const auto stored_bytes = bytes.empty() ? 0 : builder.CreateVector(bytes);
          list.push_back(schema::CreateAttribute(builder, field, stored, stored_bytes));
        }
        return list;
      },
      EmptyConstant);
  return Load(file.span());
}

TEST_CASE("Attributes that the writer never writes are refused", "[plan]") {
  CHECK(LoadForgedAttributes({{1, {7}}, {3, {5}}}).ok());
  CheckError(LoadForgedAttributes({{9, {7}}}), "functions[0].ops[0].attributes[0]",
             "found field 9");
  CheckError(LoadForgedAttributes({{1, {7}}, {1, {7}}}), "functions[0].ops[0].attributes[dtype]",
             "found field 1 after field 1");
  CheckError(LoadForgedAttributes({{3, {5}}, {1, {7}}}), "functions[0].ops[0].attributes[dtype]",
             "found field 1 after field 3");
  CheckError(LoadForgedAttributes({{1, {7, 7}}}), "functions[0].ops[0].attributes[dtype].integers",
             "found 2, allowed 1 to 1");
  CheckError(LoadForgedAttributes({{1, {}}}), "functions[0].ops[0].attributes[dtype].integers",
             "found 0, allowed 1 to 1");
  CheckError(LoadForgedAttributes({{1, {7}}}, {1}), "functions[0].ops[0].attributes[dtype].bytes",
             "found 1, allowed 0 to 0");
  CheckError(LoadForgedAttributes({{2, std::vector<int64_t>(9, 1)}}),
             "functions[0].ops[0].attributes[extents].integers", "found 9, allowed 0 to 8");
  CheckError(LoadForgedAttributes({{1, {1}}, {2, {1}}, {3, {1}}, {4, {1}}}),
             "functions[0].ops[0].attributes", "found 4, allowed 0 to 3");
}

TEST_CASE("Ops that no build knows are refused", "[plan]") {
  AlignedBytes file = Forge(9999, [](Builder&) { return AttributeList(); }, EmptyConstant);
  CheckError(Load(file.span()), "functions[0].ops[0].kind", "found op 9999");
}

// A plan with weights [16, 1, 3, 3] in panels, and these forms of {value, layout}.
PlanDescription PlanWithForms(const std::vector<uint8_t>& storage,
                              const std::vector<std::pair<uint32_t, Layout>>& forms) {
  PlanDescription plan = SmallPlan();
  FunctionDescription& function = plan.functions[0];
  const int64_t extents[] = {16, 1, 3, 3};
  const auto add = [&](Layout layout) {
    const auto bytes = PackedBytes(layout, DType::kFloat32, 4, extents);
    REQUIRE(bytes.ok());
    plan.constants.push_back({layout, std::span(storage).first(static_cast<size_t>(*bytes))});
    return static_cast<uint32_t>(plan.constants.size() - 1);
  };
  function.values.push_back({"w", DType::kFloat32, {16, 1, 3, 3}, add(Layout::kPanel16)});
  for (const auto& [value, layout] : forms) function.forms.push_back({value, add(layout)});
  return plan;
}

TEST_CASE("Forms of constants are read, and refused where they break a rule", "[plan]") {
  const std::vector<uint8_t> storage(36 * 16 * 4, 1);
  const auto load = [&](const std::vector<std::pair<uint32_t, Layout>>& forms) {
    return Load(BytesOf(PlanWithForms(storage, forms)).span());
  };
  constexpr uint32_t kWeights = 4;
  CHECK(load({{kWeights, Layout::kWinograd2}, {kWeights, Layout::kWinograd4}}).ok());
  CheckError(load({{kWeights, Layout::kWinograd4}, {kWeights, Layout::kWinograd2}}),
             "functions[0].forms[1]", "allowed ascending ones");
  CheckError(load({{kWeights, Layout::kWinograd2}, {kWeights, Layout::kWinograd2}}),
             "functions[0].forms[1]", "allowed ascending ones");
  CheckError(load({{kWeights, Layout::kPanel16}}), "functions[0].forms[0]",
             "allowed ascending ones");
  CheckError(load({{0, Layout::kWinograd2}}), "functions[0].forms[0].value",
             "found a value that is no constant");
  CheckError(load({{99, Layout::kWinograd2}}), "functions[0].forms[0].value", "found 99");
  PlanDescription plan = PlanWithForms(storage, {{kWeights, Layout::kWinograd2}});
  plan.constants.back().bytes = std::span(storage).first(64);
  CheckError(Load(BytesOf(plan).span()), "functions[0].forms[0].size", "found 64");
  plan = PlanWithForms(storage, {{kWeights, Layout::kWinograd2}});
  plan.functions[0].forms[0].constant = 99;
  CheckError(Load(BytesOf(plan).span()), "functions[0].forms[0].constant", "found 99");
  plan = PlanWithForms(storage, {{kWeights, Layout::kWinograd2}});
  plan.functions[0].values.back().constant = static_cast<uint32_t>(plan.constants.size() - 1);
  plan.functions[0].forms.clear();
  CheckError(Load(BytesOf(plan).span()), "functions[0].values[4].constant.layout",
             "allowed a layout that every runtime can unpack");
}

TEST_CASE("Constants that break a rule are refused", "[plan]") {
  struct ConstantCase {
    const char* where;
    uint8_t layout;
    uint64_t size;
    uint64_t offset;
    std::vector<uint8_t> inlined;
  };
  const std::vector<ConstantCase> cases = {
      {"constants[0].layout", kLayoutCount, 0, 0, {}}, {"constants[0].inlined", 0, 3, 0, {}},
      {"constants[0].inlined", 0, 3, 0, {1, 2}},       {"constants[0].inlined", 0, 64, 0, {1, 2}},
      {"constants[0].offset", 0, 0, 64, {}},           {"constants[0].size", 0, 64, 0, {}},
      {"constants[0].size", 0, UINT64_MAX, 0, {}},
  };
  for (const ConstantCase& item : cases) {
    AlignedBytes file = Forge(
        kEvalKind, [](Builder&) { return AttributeList(); },
        [&](Builder& builder) {
          const auto inlined = item.inlined.empty() ? 0 : builder.CreateVector(item.inlined);
          return schema::CreateConstant(builder, item.layout, item.size, item.offset, 0, 0,
                                        inlined);
        });
    CheckError(Load(file.span()), item.where, "found");
  }
}

}  // namespace

}  // namespace stint::compiler
