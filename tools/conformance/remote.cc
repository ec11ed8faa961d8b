#include "tools/conformance/remote.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "tools/conformance/isolation.h"
#include "tools/conformance/runner/protocol.h"

namespace stint::conformance {

namespace {

// The child's: becomes the command.
[[noreturn]] void Become(const std::string& command, int socket, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const bool ready =
      getppid() == parent && dup2(socket, STDIN_FILENO) >= 0 && dup2(socket, STDOUT_FILENO) >= 0;
  const std::string script = "exec " + command;
  if (ready) execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
  _exit(126);
}

}  // namespace

Status RemoteExecutor::Start() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return Error(Code::kIo, "runner", "found '%s', allowed a socket", std::strerror(errno));
  }
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) Become(command_, ends[1], parent);
  close(ends[1]);
  socket_ = ends[0];
  if (process_ > 0) return {};
  process_ = 0;
  close(socket_);
  return Error(Code::kIo, "runner", "found '%s', allowed a process", std::strerror(errno));
}

RemoteExecutor::~RemoteExecutor() {
  const int status = Stop();
  if (status == 0) return;
  std::fprintf(stderr, "stint-conformance: found a runner that %s, allowed 0\n",
               EndOf(status).c_str());
  _exit(72);
}

int RemoteExecutor::Stop() {
  if (process_ == 0) return 0;
  close(socket_);
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
  return status;
}

Status RemoteExecutor::Lost() {
  return Error(Code::kInternal, "runner", "found that it %s, allowed a reply",
               EndOf(Stop()).c_str());
}

bool RemoteExecutor::Send(const void* bytes, size_t size) const {
  const auto* next = static_cast<const uint8_t*>(bytes);
  while (size > 0) {
    const ssize_t count = send(socket_, next, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    next += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool RemoteExecutor::Receive(void* bytes, size_t size) const {
  auto* next = static_cast<uint8_t*>(bytes);
  while (size > 0) {
    const ssize_t count = recv(socket_, next, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    next += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

Status RemoteExecutor::ReceiveReply(uint32_t& count) {
  Reply reply = {};
  if (!Receive(&reply, sizeof(reply))) return Lost();
  count = reply.count;
  if (reply.code == STINT_OK) return {};
  reply.where[sizeof(reply.where) - 1] = '\0';
  reply.message[sizeof(reply.message) - 1] = '\0';
  const bool known = std::string_view(stint_code_name(reply.code)) != CodeName(Code::kInternal);
  return Error(known ? static_cast<Code>(reply.code) : Code::kInternal, reply.where, "%s",
               reply.message);
}

Status RemoteExecutor::Load(const std::vector<uint8_t>& plan) {
  if (process_ == 0) STINT_TRY(Start());
  const Request request = {Task::kLoad, 0, plan.size()};
  if (!Send(&request, sizeof(request)) || !Send(plan.data(), plan.size())) return Lost();
  uint32_t count = 0;
  return ReceiveReply(count);
}

bool RemoteExecutor::SendTensor(const cli::HostTensor& tensor) const {
  TensorHead head = {
      static_cast<stint_dtype>(tensor.dtype), static_cast<int32_t>(tensor.extents.size()), {}};
  std::copy(tensor.extents.begin(), tensor.extents.end(), head.shape);
  return Send(&head, sizeof(head)) && Send(tensor.data.get(), tensor.bytes);
}

Result<cli::HostTensor> RemoteExecutor::ReceiveTensor() {
  TensorHead head = {};
  if (!Receive(&head, sizeof(head))) return Lost();
  if (head.rank < 0 || head.rank > STINT_MAX_RANK || stint_dtype_size(head.dtype) == 0) {
    Stop();  // Nobody knows where its next reply begins.
    return Error(Code::kInternal, "runner", "found dtype %d and rank %d, allowed an output",
                 static_cast<int>(head.dtype), static_cast<int>(head.rank));
  }
  auto tensor = cli::AllocateTensor("runner", static_cast<DType>(head.dtype),
                                    {head.shape, head.shape + head.rank});
  if (!tensor.ok()) {
    Stop();
    return tensor;
  }
  if (!Receive(tensor->data.get(), tensor->bytes)) return Lost();
  return tensor;
}

Status RemoteExecutor::ReceiveOutputs() {
  uint32_t count = 0;
  STINT_TRY(ReceiveReply(count));
  if (count > kMaxTensors) {
    Stop();
    return Error(Code::kInternal, "runner", "found %u outputs, allowed %u", count, kMaxTensors);
  }
  for (uint32_t i = 0; i < count; ++i) {
    STINT_ASSIGN(auto output, ReceiveTensor());
    outputs_.push_back(std::move(output));
  }
  return {};
}

Result<std::vector<TensorView>> RemoteExecutor::Run(const std::vector<cli::HostTensor>& inputs) {
  outputs_.clear();
  const Request request = {Task::kRun, static_cast<uint32_t>(inputs.size()), 0};
  if (!Send(&request, sizeof(request)) ||
      !std::all_of(inputs.begin(), inputs.end(),
                   [this](const cli::HostTensor& input) { return SendTensor(input); })) {
    return Lost();
  }
  STINT_TRY(ReceiveOutputs());
  std::vector<TensorView> views;
  for (const cli::HostTensor& output : outputs_) views.push_back(output.View());
  return views;
}

}  // namespace stint::conformance
