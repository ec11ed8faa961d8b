// The CPU device's threads. Work is split statically, so that a task always covers the same part of
// the result: how many threads there are can never change a bit of it. Threads spin for a while
// before they park, so that the next job starts at once, unless there are more of them than
// processors: then whoever spins keeps another from its work. A job of few tasks concerns as many
// threads and no more.
#ifndef STINT_BACKENDS_CPU_THREAD_POOL_H_
#define STINT_BACKENDS_CPU_THREAD_POOL_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/base/array.h"
#include "runtime/base/checked.h"
#include "runtime/base/object.h"
#include "runtime/base/thread.h"

namespace stint::cpu {

class ThreadPool : public Object {
 public:
  // `threads` in all, the caller's included; at least 1.
  static Result<std::unique_ptr<ThreadPool>> Create(int threads);
  ~ThreadPool() override;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls `body(task, thread)` for each task in 0 .. tasks-1, thread t taking the t-th part of
  // them, and returns when all are done. Calls of more than one part from several threads wait for
  // each other; a body must not call ForEach.
  template <typename Body>
  void ForEach(int64_t tasks, const Body& body) {
    const auto run = [](const void* context, int64_t begin, int64_t end, int thread) {
      const auto& function = *static_cast<const Body*>(context);
      for (int64_t task = begin; task < end; ++task) function(task, thread);
    };
    Run(tasks, run, &body);
  }

  // ForEach of the ranges of at most `length` that 0 .. count-1 is cut into: calls
  // `body(begin, end, thread)`. There are CeilDivide(count, length) of them.
  template <typename Body>
  void ForRanges(int64_t count, int64_t length, const Body& body) {
    ForEach(CeilDivide(count, length), [&](int64_t task, int thread) {
      const int64_t begin = task * length;
      body(begin, std::min(count, begin + length), thread);
    });
  }

 private:
  using Function = void (*)(const void* context, int64_t begin, int64_t end, int thread);

  struct Worker {
    Thread thread;
    ThreadPool* pool = nullptr;
    int index = 0;
  };

  template <typename T, typename... Arguments>
  friend Result<std::unique_ptr<T>> stint::Make(Arguments&&... arguments);
  ThreadPool() = default;

  void Run(int64_t tasks, Function function, const void* context);
  void RunPart(int thread, int64_t parts) const;
  void Work(int thread);
  uint64_t WaitForJob(uint64_t seen);
  void WaitForWorkers();

  struct OwnedWorker : public Object {
    Worker worker;
  };
  Array<std::unique_ptr<OwnedWorker>> workers_;

  Mutex job_mutex_;  // Held for a whole job.
  Function function_ = nullptr;
  const void* context_ = nullptr;
  int64_t tasks_ = 0;

  int spins_before_parking_ = 0;
  // A counter of jobs and, in the low bits, how many threads the latest one concerns: a worker that
  // is late learns from one word whether it has a part in a job, which then still stands.
  std::atomic<uint64_t> job_{0};
  std::atomic<int> running_{0};  // Workers that have not finished the job.
  std::atomic<int> parked_{0};
  std::atomic<bool> caller_parked_{false};
  std::atomic<bool> stop_{false};
  Mutex park_mutex_;
  ConditionVariable wake_;
  ConditionVariable done_;
};

}  // namespace stint::cpu

#endif  // STINT_BACKENDS_CPU_THREAD_POOL_H_
