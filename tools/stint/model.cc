#include "tools/stint/model.h"

#include <cstdio>

#include "tools/stint/files.h"
#include "tools/stint/stopwatch.h"

#ifdef STINT_HAS_COMPILER
#include <stint/compile.hpp>
#endif

namespace stint::cli {

Result<bool> IsPlan(const std::string& path) {
  STINT_ASSIGN(const std::string start, ReadStart(path, 4));
  return start == "STNT" || ExtensionOf(path) == ".stint";
}

Status NoCompiler(const std::string& path) {
  return Error(Code::kInvalid, path.c_str(),
               "found an ONNX file, allowed a plan: this stint was built without the compiler");
}

std::string NameOf(const api::TensorInfo& info) { return {info.name, info.name_size}; }

std::vector<std::string> InputNames(const api::Plan& plan) {
  std::vector<std::string> names;
  for (size_t i = 0; i < plan.input_count(); ++i) names.push_back(NameOf(plan.input(i)));
  return names;
}

std::vector<std::string> OutputNames(const api::Plan& plan) {
  std::vector<std::string> names;
  for (size_t i = 0; i < plan.output_count(); ++i) names.push_back(NameOf(plan.output(i)));
  return names;
}

std::map<std::string, int> CountOps(const api::Plan& plan) {
  std::map<std::string, int> counts;
  for (const stint_op_info& op : plan.ops()) ++counts[op.kind];
  return counts;
}

uint64_t WeightsBytes(const api::Plan& plan) {
  const stint_plan_info info = plan.info();
  return info.weights_bytes - info.golden_bytes;
}

namespace {

Model OpenPlan(const std::string& path, uint32_t flags) {
  stint_plan_options options = STINT_PLAN_OPTIONS_INIT;
  options.flags = flags;
  const Stopwatch watch;
  Model model = {.owner = nullptr, .bytes = {}, .plan = api::Plan::Open(path, &options)};
  model.load_ms = watch.milliseconds();
  return model;
}

}  // namespace

#ifdef STINT_HAS_COMPILER

namespace {

// The first unsupported node, and how many more there are.
Status Shortened(Code code, const char* where, const char* message, size_t nodes) {
  return Error(code, where, "%.215s (%zu more: stint check)", message, nodes - 1);
}

// What the compiler has just made.
api::Plan LoadMade(std::span<const std::byte> bytes, uint32_t flags) {
  stint_plan_options options = STINT_PLAN_OPTIONS_INIT;
  options.flags = flags;
  try {
    return api::Plan::FromMemory(bytes, &options);
  } catch (const api::Error& error) {
    if (error.code() != STINT_ERROR_INVALID) throw;
    stint_error bug = STINT_ERROR_INIT;
    bug.code = STINT_ERROR_INTERNAL;
    std::snprintf(bug.where, sizeof(bug.where), "%s", error.where().c_str());
    std::snprintf(bug.message, sizeof(bug.message), "%s", error.message().c_str());
    throw api::Error(bug);
  }
}

Result<std::shared_ptr<const api::PlanBytes>> CompileShaped(
    const std::string& path, const Shapes& shapes,
    const std::optional<std::vector<std::string>>& given) {
  api::CompileOptions options;
  options.shapes = shapes.inputs;
  options.symbols = shapes.dims;
  options.overridable = given;
  std::vector<api::UnsupportedNode> unsupported;
  try {
    return std::make_shared<const api::PlanBytes>(api::CompileFile(path, options, &unsupported));
  } catch (const api::Error& error) {
    if (unsupported.size() < 2) throw;
    return Shortened(static_cast<Code>(error.code()), error.where().c_str(),
                     error.message().c_str(), unsupported.size());
  }
}

}  // namespace

Result<std::vector<uint8_t>> Compile(const std::string& path,
                                     const compiler::CompileOptions& options,
                                     compiler::ModelReport& report) {
  auto bytes = compiler::CompileModel(path, options, &report);
  if (bytes.ok() || report.unsupported.size() < 2) return bytes;
  const Status status = bytes.TakeStatus();
  return Shortened(status.code(), status.where(), status.message(), report.unsupported.size());
}

api::Plan LoadCompiled(const std::vector<uint8_t>& bytes) {
  return LoadMade(std::as_bytes(std::span(bytes)), STINT_PLAN_COPY);
}

Result<Model> LoadModel(const std::string& path, const Shapes& shapes, uint32_t flags,
                        const std::optional<std::vector<std::string>>& given) {
  STINT_ASSIGN(const bool is_plan, IsPlan(path));
  if (is_plan) return OpenPlan(path, flags);
  const Stopwatch compiling;
  STINT_ASSIGN(const auto made, CompileShaped(path, shapes, given));
  const double compile_ms = compiling.milliseconds();
  const Stopwatch loading;
  Model model = {made, made->span(), LoadMade(made->span(), 0), compile_ms};
  model.load_ms = loading.milliseconds();
  return model;
}

#else

Result<Model> LoadModel(const std::string& path, const Shapes&, uint32_t flags,
                        const std::optional<std::vector<std::string>>&) {
  STINT_ASSIGN(const bool is_plan, IsPlan(path));
  const std::string extension = ExtensionOf(path);
  if (!is_plan && (extension == ".onnx" || extension == ".pb")) return NoCompiler(path);
  return OpenPlan(path, flags);
}

#endif

}  // namespace stint::cli
