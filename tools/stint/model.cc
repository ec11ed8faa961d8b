#include "tools/stint/model.h"

#include <cstring>
#include <utility>

#include "tools/stint/console.h"
#include "tools/stint/files.h"
#include "tools/stint/stopwatch.h"

namespace stint::cli {

Result<bool> IsPlan(const std::string& path) {
  STINT_ASSIGN(const std::string start, ReadStart(path, 4));
  return start == "STNT" || ExtensionOf(path) == ".stint";
}

Status NoCompiler(const std::string& path) {
  return Error(Code::kInvalid, path.c_str(),
               "found an ONNX file, allowed a plan: this stint was built without the compiler");
}

std::vector<std::string> InputNames(const PlanFunction& function) {
  std::vector<std::string> names;
  for (const uint32_t input : function.inputs) names.emplace_back(function.values[input].name);
  return names;
}

std::vector<std::string> OutputNames(const PlanFunction& function) {
  return {function.output_names.begin(), function.output_names.end()};
}

namespace {

Result<Model> OpenPlan(const std::string& path, Verify verify) {
  const Stopwatch watch;
  Model model;
  STINT_ASSIGN(model.plan, Plan::Open(path.c_str(), Limits(), verify));
  model.load_ms = watch.milliseconds();
  return model;
}

}  // namespace

#ifdef STINT_HAS_COMPILER

Result<std::vector<uint8_t>> Compile(const std::string& path,
                                     const compiler::CompileOptions& options,
                                     compiler::ModelReport& report) {
  auto bytes = compiler::CompileModel(path, options, &report);
  if (bytes.ok() || report.unsupported.size() < 2) return bytes;
  const Status status = bytes.TakeStatus();
  return Error(status.code(), status.where(), "%.215s (%zu more: stint check)", status.message(),
               report.unsupported.size() - 1);
}

Result<Model> LoadCompiled(const std::vector<uint8_t>& bytes) {
  const Stopwatch watch;
  Model model;
  STINT_ASSIGN(model.bytes, AllocateAligned("plan", bytes.size()));
  std::memcpy(model.bytes.get(), bytes.data(), bytes.size());
  auto plan = Plan::FromMemory({model.bytes.get(), bytes.size()}, Limits(), Verify::kAll);
  if (!plan.ok() && plan.status().code() == Code::kInvalid) {
    return Error(Code::kInternal, plan.status().where(), "%s", plan.status().message());
  }
  STINT_ASSIGN(model.plan, std::move(plan));
  model.compiled = true;
  model.load_ms = watch.milliseconds();
  return model;
}

Result<Model> LoadModel(const std::string& path, const Shapes& shapes, Verify verify) {
  STINT_ASSIGN(const bool is_plan, IsPlan(path));
  if (is_plan) return OpenPlan(path, verify);
  compiler::CompileOptions options;
  options.input_shapes = shapes.inputs;
  options.dims = shapes.dims;
  compiler::ModelReport report;
  const Stopwatch watch;
  STINT_ASSIGN(const std::vector<uint8_t> bytes, Compile(path, options, report));
  const double compile_ms = watch.milliseconds();
  STINT_ASSIGN(Model model, LoadCompiled(bytes));
  model.compile_ms = compile_ms;
  return model;
}

#else

Result<Model> LoadModel(const std::string& path, const Shapes&, Verify verify) {
  STINT_ASSIGN(const bool is_plan, IsPlan(path));
  const std::string extension = ExtensionOf(path);
  if (!is_plan && (extension == ".onnx" || extension == ".pb")) return NoCompiler(path);
  return OpenPlan(path, verify);
}

#endif

}  // namespace stint::cli
