// Linked modules: valid for Vulkan, the same each time, and without what they do not need.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "backends/gpu/link_spirv.h"
#include "backends/gpu/spirv_module.h"
#include "tests/gpu/link_testing.h"

namespace stint::gpu {

namespace {

using namespace testing;

// Collects modules and hands them to spirv-val, all in one call of the shell.
class Validator {
 public:
  Validator() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Validator() { std::filesystem::remove_all(folder_); }

  void Link(const std::string& name, const PipelineDescription& description) {
    INFO(name);
    Result<Array<uint32_t>> linked = LinkSpirv(description);
    INFO(linked.status().message());
    REQUIRE(linked.ok());
    Result<Array<uint32_t>> again = LinkSpirv(description);
    REQUIRE(std::ranges::equal(linked->span(), again->span()));
    CheckReached(linked->span());
    std::ofstream file(folder_ / (name + ".spv"), std::ios::binary);
    const auto bytes = std::as_bytes(linked->span());
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }

  void Run() {
    if (std::system("spirv-val --version > /dev/null 2>&1") != 0) {
      WARN("spirv-val is not installed: modules are not validated");
      return;
    }
    const std::string command = "cd " + folder_.string() +
                                " && for f in *.spv; do spirv-val --target-env vulkan1.1 $f >> log "
                                "2>&1 || echo $f >> log; done; test ! -s log";
    const bool valid = std::system(command.c_str()) == 0;
    std::ifstream log(folder_ / "log");
    INFO(std::string(std::istreambuf_iterator<char>(log), {}).substr(0, 4000));
    CHECK(valid);
  }

 private:
  // All functions are called by others or are where the module begins, and no names are left.
  static void CheckReached(std::span<const uint32_t> words) {
    Result<SpirvModule> module = SpirvModule::Parse(words);
    REQUIRE(module.ok());
    std::set<uint32_t> called = {module->EntryPoint()};
    for (const SpirvInstruction& it : module->instructions()) {
      if (it.op == SpirvOp::kFunctionCall) called.insert(it.words[3]);
      CHECK(it.section != SpirvSection::kNames);
    }
    for (const SpirvFunction& function : module->functions()) CHECK(called.contains(function.id));
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("stint-link-" + std::to_string(::getpid()));
};

TEST_CASE("Every Map function links for every type", "[gpu][link]") {
  Validator validator;
  for (int id = 0; id < kMapOpcodeLimit; ++id) {
    const auto opcode = static_cast<MapOpcode>(id);
    const bool has_operands = IsMapFunction(opcode) || opcode == MapOpcode::kSelect;
    for (const MapType type : kTypes) {
      if (!has_operands || (InfoOf(opcode).types & BitOf(type)) == 0) continue;
      validator.Link(std::string(NameOf(type)) + "_" + InfoOf(opcode).name,
                     MapPipeline(ProgramOf(opcode, type)));
    }
  }
  validator.Run();
}

TEST_CASE("Every conversion and element type links", "[gpu][link]") {
  Validator validator;
  const DType dtypes[] = {DType::kFloat32,  DType::kInt32, DType::kUInt32, DType::kFloat16,
                          DType::kBFloat16, DType::kInt16, DType::kUInt16, DType::kBool,
                          DType::kInt8,     DType::kUInt8};
  for (const DType from : dtypes) {
    for (const DType to : dtypes) {
      Writer writer;
      const MapType loaded = NaturalMapType(from);
      const MapType stored = NaturalMapType(to);
      const int value = writer.Load(from, loaded);
      const int converted =
          writer.Apply(MapOpcode::kConvert, stored, value, static_cast<int>(loaded));
      writer.Store(converted, stored, to);
      writer.Store(value, loaded, to);
      if (IsInteger(to)) writer.Store(value, loaded, to, MapStoreMode::kSaturate);
      validator.Link(std::string(NameOf(from)) + "_to_" + NameOf(to), MapPipeline(writer.program));
    }
  }
  validator.Run();
}

TEST_CASE("Unsigned elements link as signed registers", "[gpu][link]") {
  Validator validator;
  for (const DType dtype : {DType::kUInt8, DType::kUInt16}) {
    Writer writer;
    writer.Store(writer.Load(dtype, MapType::kI32), MapType::kI32, DType::kInt32);
    validator.Link(NameOf(dtype), MapPipeline(writer.program));
  }
  validator.Run();
}

TEST_CASE("Every access links", "[gpu][link]") {
  Validator validator;
  const Access accesses[] = {Access::kSame, Access::kOne, Access::kStrided};
  for (uint8_t rank = 0; rank <= 8; ++rank) {
    for (int kind = 0; kind < 9; ++kind) {
      PipelineDescription description = MapPipeline(ProgramOf(MapOpcode::kAdd, MapType::kF32));
      description.linked.rank = rank;
      description.linked.inputs[0] = accesses[kind % 3];
      description.linked.inputs[1] = accesses[kind / 3];
      description.linked.outputs[0] = accesses[kind % 2 * 2];
      validator.Link("rank" + std::to_string(rank) + "_" + std::to_string(kind), description);
    }
  }
  Writer writer;
  const int first = writer.Apply(MapOpcode::kIota, MapType::kI32, 0);
  const int last = writer.Apply(MapOpcode::kIota, MapType::kI32, 2);
  writer.Store(writer.Apply(MapOpcode::kMul, MapType::kI32, first, last), MapType::kI32,
               DType::kInt32);
  PipelineDescription description = MapPipeline(writer.program);
  description.linked.rank = 3;
  validator.Link("iota", description);
  validator.Run();
}

TEST_CASE("Random Map programs link", "[gpu][link]") {
  Validator validator;
  std::mt19937 random(1);
  for (int i = 0; i < 60; ++i) {
    PipelineDescription description = MapPipeline(RandomProgram(random));
    description.linked.rank = static_cast<uint8_t>(random() % 5);
    for (Access& access : description.linked.inputs) access = static_cast<Access>(random() % 3);
    validator.Link("random" + std::to_string(i), description);
  }
  validator.Run();
}

TEST_CASE("Every kernel links with and without an epilogue", "[gpu][link]") {
  Validator validator;
  Writer writer;
  const int value = writer.Load(DType::kFloat32, MapType::kF32);
  const int scale = writer.Load(DType::kFloat32, MapType::kF32);
  const int bias = writer.Load(DType::kFloat16, MapType::kF32);
  const int product = writer.Apply(MapOpcode::kFma, MapType::kF32, value, scale, bias);
  writer.Store(writer.Apply(MapOpcode::kErf, MapType::kF32, product), MapType::kF32,
               DType::kFloat32);
  size_t linked = 0;
  for (const KernelSource* source : KernelSources()) {
    PipelineDescription description;
    description.source = source;
    validator.Link(source->name, description);
    Result<SpirvModule> module = SpirvModule::Parse(source->spirv);
    REQUIRE(module.ok());
    if (module->FindFunction(std::string_view("epilogue")) == nullptr) continue;
    ++linked;
    description.linked.program = writer.program;
    description.linked.epilogue = true;
    description.linked.rank = 2;
    description.linked.first_parameter = 40;
    description.linked.inputs[1] = Access::kStrided;
    validator.Link(source->name + std::string("_epilogue"), description);
  }
  CHECK(linked >= 8);
  validator.Run();
}

TEST_CASE("Every Map function links into a kernel that lacks it", "[gpu][link]") {
  Validator validator;
  for (int id = 0; id < kMapOpcodeLimit; ++id) {
    const auto opcode = static_cast<MapOpcode>(id);
    const MapOpcodeInfo& info = InfoOf(opcode);
    for (const MapType type : kTypes) {
      if (!IsMapFunction(opcode) || (info.types & BitOf(type)) == 0) continue;
      Writer writer;
      int value = writer.Load(DType::kFloat32, MapType::kF32);
      if (type != MapType::kF32) {
        value = writer.Apply(MapOpcode::kConvert, type, value, static_cast<int>(MapType::kF32));
      }
      const int result =
          writer.Apply(opcode, type, value, info.arity > 1 ? value : 0, info.arity > 2 ? value : 0);
      writer.Store(result, info.makes_bool ? MapType::kBool : type, DType::kFloat32);
      PipelineDescription description;
      description.source = &sources::softmax_f32;
      description.linked.program = writer.program;
      description.linked.epilogue = true;
      validator.Link(std::string(NameOf(type)) + "_" + info.name, description);
    }
  }
  validator.Run();
}

TEST_CASE("Programs that GPU kernels cannot run do not link", "[gpu][link]") {
  Writer writer;
  writer.Store(writer.Load(DType::kFloat64, MapType::kF64), MapType::kF64, DType::kFloat64);
  CHECK(LinkSpirv(MapPipeline(writer.program)).status().code() == Code::kUnsupported);
  MapProgram bad = ProgramOf(MapOpcode::kAdd, MapType::kF32);
  bad.instructions[2].a = 200;
  CHECK(LinkSpirv(MapPipeline(bad)).status().code() == Code::kInvalid);
  PipelineDescription description = MapPipeline(ProgramOf(MapOpcode::kAdd, MapType::kF32));
  description.source = &sources::copy_u32;
  CHECK(LinkSpirv(description).status().code() == Code::kInternal);
}

TEST_CASE("Damaged modules give errors or modules", "[gpu][link]") {
  std::mt19937 random(2);
  const MapProgram program = ProgramOf(MapOpcode::kPow, MapType::kF32);
  for (int i = 0; i < 300; ++i) {
    std::vector<uint32_t> words(sources::map.spirv.begin(), sources::map.spirv.end());
    if (i % 3 == 0) words.resize(random() % words.size());
    for (int change = 0; change < 1 + i % 5 && !words.empty(); ++change) {
      uint32_t& word = words[random() % words.size()];
      word = i % 2 == 0 ? static_cast<uint32_t>(random()) : word ^ (1u << (random() % 32));
    }
    const KernelSource source = {"damaged", words, 1};
    PipelineDescription description = MapPipeline(program);
    description.source = &source;
    const Result<Array<uint32_t>> linked = LinkSpirv(description);
    CHECK((linked.ok() || linked.status().code() == Code::kInvalid ||
           linked.status().code() == Code::kInternal));
  }
}

TEST_CASE("Pipelines are told apart by their hash", "[gpu][link]") {
  const PipelineDescription sum = MapPipeline(ProgramOf(MapOpcode::kAdd, MapType::kF32));
  PipelineDescription other = sum;
  CHECK(HashOf(sum) == HashOf(other));
  CHECK(sum.bindings() == 4);
  other.linked.inputs[1] = Access::kOne;
  CHECK(HashOf(sum) != HashOf(other));
  other = sum;
  other.constants[7] = 1;
  CHECK(HashOf(sum) != HashOf(other));
  CHECK(HashOf(sum) != HashOf(MapPipeline(ProgramOf(MapOpcode::kSub, MapType::kF32))));
}

}  // namespace

}  // namespace stint::gpu
