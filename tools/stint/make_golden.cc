#include "tools/stint/make_golden.h"

#include <string>
#include <utility>

#include "tools/stint/device_choice.h"
#include "tools/stint/inputs.h"
#include "tools/stint/model.h"

namespace stint::cli {

namespace {

compiler::GoldenTensor Keep(const std::string& name, const TensorView& view) {
  const auto* bytes = view.as<const uint8_t>();
  const int64_t count = ElementCount(view) * BytesOf(view.dtype);
  return {name, view.dtype, ExtentsOf(view), {bytes, bytes + count}};
}

// What the plan cannot hold.
Status CheckDType(const std::string& name, DType dtype) {
  if (dtype != DType::kString) return {};
  return Error(Code::kInvalid, "--golden", "found strings for '%s', allowed numbers and bools",
               name.c_str());
}

Result<compiler::GoldenPair> RunOnce(const api::Plan& plan, const DeviceSet& devices,
                                     uint64_t seed) {
  InputArguments arguments;
  arguments.seed = seed;
  STINT_ASSIGN(const std::vector<HostTensor> inputs, MakeInputs(plan, arguments, Shapes()));
  api::Session session = MakeSession(plan, devices, DeviceArguments());
  session.Run(TensorsOf(inputs));
  compiler::GoldenPair pair;
  const std::vector<std::string> input_names = InputNames(plan);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].present()) pair.inputs.push_back(Keep(input_names[i], inputs[i].View()));
  }
  const std::vector<std::string> output_names = OutputNames(plan);
  for (size_t i = 0; i < output_names.size(); ++i) {
    const TensorView output = ViewOf(session.output(i));
    STINT_TRY(CheckDType(output_names[i], output.dtype));
    pair.outputs.push_back(Keep(output_names[i], output));
  }
  return pair;
}

}  // namespace

Result<std::vector<compiler::GoldenPair>> MakeGolden(const std::vector<uint8_t>& bytes, int count) {
  const api::Plan plan = LoadCompiled(bytes);
  STINT_ASSIGN(const DeviceSet devices, OpenDevices(DeviceArguments()));
  std::vector<compiler::GoldenPair> pairs;
  for (int i = 0; i < count; ++i) {
    STINT_ASSIGN(compiler::GoldenPair pair, RunOnce(plan, devices, static_cast<uint64_t>(i)));
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace stint::cli
