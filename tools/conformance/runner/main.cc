// stint-conformance-runner: runs on another machine, or under its emulator, what stint-conformance
// compiled on this one. It stands on stint.h alone and is one static file; see protocol.h.
//
//   stint-conformance-runner < requests > replies
//
// Exit status 0 at the end of the requests, 2 when they break off or are none.
#include <stint/stint.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "tools/conformance/runner/protocol.h"

namespace stint::conformance {

namespace {

// Of a plan or a tensor.
constexpr uint64_t kMaxBytes = uint64_t{1} << 30;

struct Destroy {
  void operator()(stint_plan* plan) const { stint_plan_destroy(plan); }
  void operator()(stint_session* session) const { stint_session_destroy(session); }
};

struct OwnedTensor {
  TensorHead head = {};
  std::vector<uint8_t> elements;

  stint_tensor View() {
    if (head.dtype == STINT_NONE) return {};
    return stint_dense(head.dtype, head.rank, head.shape, elements.data());
  }
};

bool Read(void* to, size_t size) { return std::fread(to, 1, size, stdin) == size; }

bool Write(const void* from, size_t size) { return std::fwrite(from, 1, size, stdout) == size; }

// The bytes of a tensor's elements; false: no tensor, or too large a one.
bool BytesOf(const TensorHead& head, uint64_t& bytes) {
  if (head.rank < 0 || head.rank > STINT_MAX_RANK) return false;
  bytes = stint_dtype_size(head.dtype);
  for (int32_t axis = 0; axis < head.rank; ++axis) {
    if (head.shape[axis] < 0 || __builtin_mul_overflow(bytes, head.shape[axis], &bytes)) {
      return false;
    }
  }
  return bytes <= kMaxBytes;
}

bool ReadTensor(OwnedTensor& tensor) {
  uint64_t bytes = 0;
  if (!Read(&tensor.head, sizeof(tensor.head)) || !BytesOf(tensor.head, bytes)) return false;
  tensor.elements.resize(bytes);
  return Read(tensor.elements.data(), bytes);
}

bool WriteTensor(const stint_tensor& tensor) {
  TensorHead head = {tensor.dtype, tensor.rank, {}};
  std::copy_n(tensor.shape, STINT_MAX_RANK, head.shape);
  uint64_t bytes = 0;
  return BytesOf(head, bytes) && Write(&head, sizeof(head)) && Write(tensor.data, bytes);
}

bool WriteReply(const stint_error& error, uint32_t count) {
  Reply reply = {error.code, count, {}, {}};
  std::copy(std::begin(error.where), std::end(error.where), reply.where);
  std::copy(std::begin(error.message), std::end(error.message), reply.message);
  return Write(&reply, sizeof(reply));
}

class Runner {
 public:
  // False where requests break off, are none, or nobody takes the replies.
  bool Answer(const Request& request) {
    if (request.task == Task::kLoad) return Load(request.bytes);
    return request.task == Task::kRun && session_ && Run(request.count);
  }

 private:
  bool Load(uint64_t bytes) {
    if (bytes > kMaxBytes) return false;
    std::vector<uint8_t> plan(bytes);
    if (!Read(plan.data(), bytes)) return false;
    stint_error error = STINT_ERROR_INIT;
    MakeSession(plan, error);
    return WriteReply(error, 0);
  }

  void MakeSession(const std::vector<uint8_t>& bytes, stint_error& error) {
    session_.reset();
    stint_plan_options plan_options = STINT_PLAN_OPTIONS_INIT;
    plan_options.flags = STINT_PLAN_COPY;
    stint_plan* plan = nullptr;
    if (stint_plan_from_memory(bytes.data(), bytes.size(), &plan_options, &plan, &error) !=
        STINT_OK) {
      return;
    }
    plan_.reset(plan);
    stint_session_options options = STINT_SESSION_OPTIONS_INIT;
    options.threads = 1;
    stint_session* session = nullptr;
    if (stint_session_create(plan, &options, &session, &error) == STINT_OK) session_.reset(session);
  }

  bool Run(uint32_t count) {
    if (count > kMaxTensors) return false;
    std::vector<OwnedTensor> inputs(count);
    std::vector<stint_tensor> views;
    for (OwnedTensor& input : inputs) {
      if (!ReadTensor(input)) return false;
      views.push_back(input.View());
    }
    stint_error error = STINT_ERROR_INIT;
    if (stint_session_run(session_.get(), views.data(), count, nullptr, &error) != STINT_OK) {
      return WriteReply(error, 0);
    }
    return WriteOutputs();
  }

  bool WriteOutputs() const {
    std::vector<stint_tensor> outputs(stint_plan_output_count(plan_.get()));
    stint_error error = STINT_ERROR_INIT;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (stint_session_output(session_.get(), i, &outputs[i], &error) != STINT_OK) {
        return WriteReply(error, 0);
      }
    }
    return WriteReply(error, static_cast<uint32_t>(outputs.size())) &&
           std::all_of(outputs.begin(), outputs.end(), WriteTensor);
  }

  std::unique_ptr<stint_plan, Destroy> plan_;
  std::unique_ptr<stint_session, Destroy> session_;
};

}  // namespace

}  // namespace stint::conformance

int main() {
  stint::conformance::Runner runner;
  stint::conformance::Request request = {};
  for (;;) {
    const size_t count = std::fread(&request, 1, sizeof(request), stdin);
    if (count == 0) return 0;
    if (count == sizeof(request) && runner.Answer(request) && std::fflush(stdout) == 0) continue;
    std::fprintf(stderr, "stint-conformance-runner: found requests that break off or are none\n");
    return 2;
  }
}
