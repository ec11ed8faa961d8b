// What runs the plans of cases: a session in this process, or a runner in another one.
#ifndef STINT_TOOLS_CONFORMANCE_EXECUTOR_H_
#define STINT_TOOLS_CONFORMANCE_EXECUTOR_H_

#include <cstdint>
#include <optional>
#include <stint/stint.hpp>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/device_choice.h"
#include "tools/stint/host_tensor.h"

namespace stint::conformance {

// Calls return or throw (api::Error) what the runtime says of a plan or a run; any of them may be
// followed by Load.
class Executor {
 public:
  virtual ~Executor() = default;

  // Takes the place of the plan before.
  virtual Status Load(const std::vector<uint8_t>& plan) = 0;
  // All inputs of the loaded plan, in order. The outputs are dense, and borrowed until the next
  // call.
  virtual Result<std::vector<TensorView>> Run(const std::vector<cli::HostTensor>& inputs) = 0;
};

// How a plan gets to a session of this process: its bytes in memory, or a file that is opened.
enum class Via : uint8_t { kOnnx, kPlan };

class LocalExecutor : public Executor {
 public:
  LocalExecutor(Via via, cli::DeviceSet devices, cli::DeviceArguments arguments)
      : via_(via), devices_(std::move(devices)), arguments_(std::move(arguments)) {}

  Status Load(const std::vector<uint8_t>& plan) override;
  Result<std::vector<TensorView>> Run(const std::vector<cli::HostTensor>& inputs) override;

 private:
  const Via via_;
  const cli::DeviceSet devices_;
  const cli::DeviceArguments arguments_;
  size_t output_count_ = 0;
  std::optional<api::Session> session_;
};

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_EXECUTOR_H_
