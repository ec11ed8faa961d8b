// What stint-conformance and its runner say to each other: requests on the runner's stdin, one
// reply to each on its stdout. Numbers are little-endian as in memory, on all machines that Stint
// runs on.
//
//   kLoad   Request, the plan's bytes    -> Reply
//   kRun    Request, `count` tensors     -> Reply, `count` tensors: the outputs; none after an
//   error
//
// A tensor is a TensorHead and its dense elements. At the end of its stdin the runner ends.
#ifndef STINT_TOOLS_CONFORMANCE_RUNNER_PROTOCOL_H_
#define STINT_TOOLS_CONFORMANCE_RUNNER_PROTOCOL_H_

#include <stint/stint.h>

#include <cstdint>

namespace stint::conformance {

inline constexpr uint32_t kMaxTensors = 4096;  // Of a request or reply.

enum class Task : uint32_t { kLoad = 1, kRun = 2 };

struct Request {
  Task task;
  uint32_t count;  // Of kRun: the plan's inputs, in order.
  uint64_t bytes;  // Of kLoad: the plan's.
};

// What the runtime said.
struct Reply {
  stint_code code;
  uint32_t count;
  char where[160];
  char message[256];
};

struct TensorHead {
  stint_dtype dtype;  // STINT_NONE: an input that is left out, without elements.
  int32_t rank;
  int64_t shape[STINT_MAX_RANK];
};

static_assert(sizeof(Request) == 16 && sizeof(Reply) == 424 && sizeof(TensorHead) == 72,
              "the two programs are built for different machines");

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_RUNNER_PROTOCOL_H_
