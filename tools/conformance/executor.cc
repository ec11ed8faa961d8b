#include "tools/conformance/executor.h"

#include <cstdio>
#include <memory>
#include <string>

#include "tools/stint/model.h"

namespace stint::conformance {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Through a file without a name, which no crash leaves behind.
Result<api::Plan> LoadThroughFile(const std::vector<uint8_t>& plan) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::tmpfile());
  if (!file || std::fwrite(plan.data(), 1, plan.size(), file.get()) != plan.size() ||
      std::fseek(file.get(), 0, SEEK_SET) != 0) {
    return Error(Code::kIo, "plan file", "found no place, allowed a temporary file of %zu bytes",
                 plan.size());
  }
  return api::Plan::Open("/dev/fd/" + std::to_string(fileno(file.get())));
}

}  // namespace

Status LocalExecutor::Load(const std::vector<uint8_t>& plan) {
  session_.reset();
  STINT_ASSIGN(const api::Plan loaded,
               via_ == Via::kPlan ? LoadThroughFile(plan) : cli::LoadCompiled(plan));
  session_ = cli::MakeSession(loaded, devices_, arguments_);
  output_count_ = loaded.output_count();
  return {};
}

Result<std::vector<TensorView>> LocalExecutor::Run(const std::vector<cli::HostTensor>& inputs) {
  session_->Run(cli::TensorsOf(inputs));
  std::vector<TensorView> outputs;
  for (size_t i = 0; i < output_count_; ++i) outputs.push_back(cli::ViewOf(session_->output(i)));
  return outputs;
}

}  // namespace stint::conformance
