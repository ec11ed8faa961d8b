// Runs numbered jobs in child processes, so that a crash or a hang ends one job and nothing else.
// The calling process must have no threads: children go on as copies of it.
#ifndef STINT_TOOLS_CONFORMANCE_ISOLATION_H_
#define STINT_TOOLS_CONFORMANCE_ISOLATION_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace stint::conformance {

struct IsolationOptions {
  int processes = 1;          // At a time.
  double limit_seconds = 20;  // Of one job.
  size_t batch = 16;          // Jobs that one process does, one after the other.
};

// What a job said, or why it said nothing.
struct Answer {
  bool answered = false;
  // The job's line; else "ended by signal 11 (Segmentation fault) and no answer", or, of the last
  // job of a process that failed when it ended or, under AddressSanitizer, lost memory, "ended with
  // exit status 71 behind the answer".
  std::string text;
};

// "ended by signal 11 (Segmentation fault)" of a status as waitpid gives it.
std::string EndOf(int status);

// `start` runs once in each child before its first job and gives what answers job `i`: one line of
// text, which may not hold '\n'. kIo: the system gives no process or pipe.
using Job = std::function<std::string(size_t)>;
Result<std::vector<Answer>> RunIsolated(size_t count, const IsolationOptions& options,
                                        const std::function<Job()>& start);

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_ISOLATION_H_
