#include "tools/conformance/run_case.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "tools/compiler/import/onnx/read_model.h"
#include "tools/conformance/operators.h"
#include "tools/conformance/ulp.h"
#include "tools/stint/compare.h"
#include "tools/stint/inputs.h"
#include "tools/stint/model.h"
#include "tools/stint/tensor_file.h"

namespace stint::conformance {

namespace {

using cli::Json;

constexpr cli::Tolerance kTolerance = {.absolute = 1e-7, .relative = 1e-3, .on_integers = false};

// Names of the inputs that input_0.pb, input_1.pb, ... stand for: those without an initialiser.
std::vector<std::string> CallerInputs(const onnx::GraphProto& graph) {
  std::vector<std::string> names;
  for (const auto& input : graph.input()) {
    const auto& initializers = graph.initializer();
    const bool initialised =
        std::any_of(initializers.begin(), initializers.end(),
                    [&](const auto& tensor) { return tensor.name() == input.name(); });
    if (!initialised) names.push_back(input.name());
  }
  return names;
}

std::string StatusText(const Status& status) {
  return std::string(CodeName(status.code())) + ": " + status.where() + ": " + status.message();
}

class CaseRun {
 public:
  CaseRun(const TestCase& test_case, const std::string& truth, Executor& executor)
      : test_case_(test_case),
        truth_(truth.empty() ? truth : truth + "/" + test_case.id()),
        executor_(executor) {}

  Json Run() {
    facts_ = {{"verdict", kFail}, {"detail", ""}};
    const Status status = RunCaught();
    // What broke says nothing of the results.
    if (status.code() == Code::kInternal) facts_.erase("differs");
    if (status.ok()) {
      facts_["verdict"] = kPass;
    } else if (status.code() == Code::kUnsupported && facts_.contains("unsupported")) {
      facts_["verdict"] = kUnsupported;
      facts_["detail"] = UnsupportedText();
    } else {
      facts_["detail"] = StatusText(status);
    }
    return std::move(facts_);
  }

 private:
  Status RunCaught() try { return RunAll(); } catch (const api::Error& error) {
    return cli::StatusOf(error);
  }

  Status RunAll() {
    const std::string path = test_case_.folder + "/model.onnx";
    STINT_ASSIGN(const auto proto, compiler::ReadModel(path, {}));
    facts_["operators"] = OperatorsOf(*proto);
    input_names_ = CallerInputs(proto->graph());
    STINT_ASSIGN(const std::vector<uint8_t> plan, Compile(path));
    const api::Plan loaded = cli::LoadCompiled(plan);  // Says what inputs and outputs there are.
    STINT_TRY(executor_.Load(plan));
    const std::vector<std::string> sets = DataSetsOf(test_case_);
    if (sets.empty()) {
      return Error(Code::kInvalid, "data", "found no test_data_set_*, allowed at least one");
    }
    for (const std::string& set : sets) STINT_TRY(RunSet(set, loaded));
    return {};
  }

  Result<std::vector<uint8_t>> Compile(const std::string& path) {
    compiler::ModelReport report;
    auto plan = compiler::CompileModel(path, {}, &report);
    if (plan.ok() || report.unsupported.empty()) return plan;
    const compiler::ReportedNode& node = report.unsupported.front();
    facts_["unsupported"] = {{"domain", node.domain},
                             {"op", node.op},
                             {"version", node.version},
                             {"operands", node.operands},
                             {"reason", node.reason}};
    return plan;
  }

  std::string UnsupportedText() const {
    const Json& node = facts_["unsupported"];
    const auto domain = node["domain"].get<std::string>();
    return (domain.empty() ? "" : domain + ".") + node["op"].get<std::string>() + "-" +
           std::to_string(node["version"].get<int64_t>()) + "(" +
           node["operands"].get<std::string>() + "): " + node["reason"].get<std::string>();
  }

  Status RunSet(const std::string& set, const api::Plan& plan) {
    STINT_ASSIGN(const std::vector<cli::HostTensor> inputs, ReadInputs(set, plan));
    STINT_ASSIGN(const std::vector<TensorView> outputs, executor_.Run(inputs));
    if (outputs.size() != plan.output_count()) {
      return Error(Code::kInternal, set.c_str(), "found %zu outputs, allowed %zu", outputs.size(),
                   plan.output_count());
    }
    bool compared = false;
    for (size_t i = 0; i < outputs.size(); ++i) {
      const std::string path = set + "/output_" + std::to_string(i) + ".pb";
      if (!std::filesystem::exists(path)) continue;
      STINT_ASSIGN(const cli::HostTensor expected, cli::ReadTensorFile(path));
      STINT_TRY(Compare(i, cli::NameOf(plan.output(i)), outputs[i], expected.View()));
      STINT_TRY(Measure(i, TruthOf(path), outputs[i], expected.View()));
      compared = true;
    }
    if (compared) return {};
    return Error(Code::kInvalid, set.c_str(), "found no expected output, allowed at least one");
  }

  // In the order of the plan; an input without a file is left to its default.
  Result<std::vector<cli::HostTensor>> ReadInputs(const std::string& set, const api::Plan& plan) {
    const std::vector<std::string> names = cli::InputNames(plan);
    std::vector<cli::HostTensor> inputs(names.size());
    for (size_t i = 0; i < input_names_.size(); ++i) {
      const std::string path = set + "/input_" + std::to_string(i) + ".pb";
      if (!std::filesystem::exists(path)) continue;
      const auto found = std::find(names.begin(), names.end(), input_names_[i]);
      if (found == names.end()) {
        return Error(Code::kInternal, path.c_str(), "found no input '%s', allowed the model's",
                     input_names_[i].c_str());
      }
      const auto input = static_cast<size_t>(found - names.begin());
      STINT_ASSIGN(inputs[input], cli::ReadTensorFile(path));
      // A case whose data contradicts its model is as wrong as one with wrong results.
      const auto dtype = static_cast<DType>(plan.input(input).dtype);
      if (inputs[input].dtype != dtype) facts_["differs"] = true;
    }
    return inputs;
  }

  Status Compare(size_t i, const std::string& name, const TensorView& actual,
                 const TensorView& expected) {
    if (const auto difference = cli::FindDifference(actual, expected, kTolerance)) {
      facts_["differs"] = true;
      return Error(Code::kInvalid, ("output '" + name + "'").c_str(), "%s", difference->c_str());
    }
    while (facts_["outputs"].size() <= i) facts_["outputs"].push_back(nullptr);
    Json& seen = facts_["outputs"][i];
    if (seen.is_null()) seen = {{"name", name}, {"dtype", NameOf(actual.dtype)}, {"ulp", nullptr}};
    return {};
  }

  // The file of `truth` for an output's file of a data set.
  std::string TruthOf(const std::string& expected) const {
    const std::filesystem::path path(expected);
    return truth_ + "/" + path.parent_path().filename().string() + "/" + path.filename().string();
  }

  Status Measure(size_t i, const std::string& truth_path, const TensorView& actual,
                 const TensorView& expected) {
    Json& seen = facts_["outputs"][i];
    const std::optional<double> ulp = LargestUlp(actual, expected);
    if (truth_.empty() || !std::filesystem::exists(truth_path)) {
      KeepLargest("ulp", ulp, seen);
      return {};
    }
    STINT_ASSIGN(const cli::HostTensor read, cli::ReadTensorFile(truth_path));
    const TensorView truth = read.View();
    if (truth.dtype != DType::kFloat64 ||
        !std::equal(truth.extents, truth.extents + truth.rank, actual.extents,
                    actual.extents + actual.rank)) {
      return Error(Code::kInvalid, truth_path.c_str(),
                   "found %s, allowed float64 of the output's shape", NameOf(truth.dtype));
    }
    KeepLargest("stored_ulp", ulp, seen);
    KeepLargest("ulp", LargestUlp(actual, truth), seen);
    return {};
  }

  static void KeepLargest(const char* key, std::optional<double> ulp, Json& seen) {
    if (!ulp) return;
    const bool first = !seen.contains(key) || seen[key].is_null();
    seen[key] = first ? *ulp : std::max(seen[key].get<double>(), *ulp);
  }

  const TestCase& test_case_;
  const std::string truth_;  // The folder of this case; empty: none.
  Executor& executor_;
  std::vector<std::string> input_names_;
  Json facts_;
};

}  // namespace

Json RunCase(const TestCase& test_case, const std::string& truth, Executor& executor) {
  return CaseRun(test_case, truth, executor).Run();
}

}  // namespace stint::conformance
