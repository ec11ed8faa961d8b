// Runs plans in stint-conformance-runner: under an emulator, or on another machine.
#ifndef STINT_TOOLS_CONFORMANCE_REMOTE_H_
#define STINT_TOOLS_CONFORMANCE_REMOTE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tools/conformance/executor.h"

namespace stint::conformance {

// Starts the runner with the first plan, and anew after it ended on its own: the call that it was
// at is kInternal and says how it ended. It ends with this process, even a killed one.
class RemoteExecutor : public Executor {
 public:
  // A command of the shell's, whose stdin and stdout are a runner's.
  explicit RemoteExecutor(std::string command) : command_(std::move(command)) {}
  // A runner that ends badly after its last answer ends this process as badly.
  ~RemoteExecutor() override;
  RemoteExecutor(const RemoteExecutor&) = delete;
  RemoteExecutor& operator=(const RemoteExecutor&) = delete;

  Status Load(const std::vector<uint8_t>& plan) override;
  Result<std::vector<TensorView>> Run(const std::vector<cli::HostTensor>& inputs) override;

 private:
  Status Start();
  int Stop();  // The process' status, as waitpid gives it.
  Status Lost();
  bool Send(const void* bytes, size_t size) const;
  bool SendTensor(const cli::HostTensor& tensor) const;
  bool Receive(void* bytes, size_t size) const;
  // How many tensors follow, or the runtime's error.
  Status ReceiveReply(uint32_t& count);
  Status ReceiveOutputs();
  Result<cli::HostTensor> ReceiveTensor();

  const std::string command_;
  pid_t process_ = 0;  // 0: none.
  int socket_ = -1;
  std::vector<cli::HostTensor> outputs_;
};

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_REMOTE_H_
