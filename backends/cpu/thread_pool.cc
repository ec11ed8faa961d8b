#include "backends/cpu/thread_pool.h"

#include <sched.h>

namespace stint::cpu {

namespace {

constexpr int kSpinsBeforeParking = 4000;
constexpr int kSpinsBeforeYielding = 2000;

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

}  // namespace

Result<std::unique_ptr<ThreadPool>> ThreadPool::Create(int threads) {
  STINT_ASSIGN(auto pool, Make<ThreadPool>());
  for (int i = 1; i < threads; ++i) {
    STINT_ASSIGN(auto owned, Make<OwnedWorker>());
    Worker& worker = owned->worker;
    worker.pool = pool.get();
    worker.index = i;
    STINT_TRY(pool->workers_.Push(std::move(owned)));
  }
  for (auto& owned : pool->workers_) {
    const auto enter = [](void* argument) {
      auto* const worker = static_cast<Worker*>(argument);
      worker->pool->Work(worker->index);
    };
    STINT_TRY(owned->worker.thread.Start(enter, &owned->worker));
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  park_mutex_.Lock();
  stop_.store(true);
  wake_.NotifyAll();
  park_mutex_.Unlock();
  for (auto& owned : workers_) owned->worker.thread.Join();
}

void ThreadPool::RunPart(int thread) const {
  const int64_t parts = threads();
  const int64_t begin = tasks_ * thread / parts;
  const int64_t end = tasks_ * (thread + 1) / parts;
  if (begin < end) function_(context_, begin, end, thread);
}

void ThreadPool::Run(int64_t tasks, Function function, const void* context) {
  if (tasks <= 0) return;
  if (workers_.empty() || tasks == 1) {
    function(context, 0, tasks, 0);
    return;
  }
  const MutexLock lock(job_mutex_);
  function_ = function;
  context_ = context;
  tasks_ = tasks;
  running_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  epoch_.fetch_add(1);
  if (parked_.load() > 0) {
    const MutexLock park(park_mutex_);
    wake_.NotifyAll();
  }
  RunPart(0);
  for (int spins = 0; running_.load(std::memory_order_acquire) > 0; ++spins) {
    if (spins < kSpinsBeforeYielding) {
      Pause();
    } else {
      sched_yield();
    }
  }
}

// Returns the epoch of a new job, or `seen` when the pool stops.
uint32_t ThreadPool::WaitForJob(uint32_t seen) {
  for (int spins = 0; spins < kSpinsBeforeParking; ++spins) {
    const uint32_t epoch = epoch_.load(std::memory_order_acquire);
    if (epoch != seen) return epoch;
    if (stop_.load(std::memory_order_relaxed)) return seen;
    Pause();
  }
  const MutexLock park(park_mutex_);
  parked_.fetch_add(1);  // Before the epoch is read: else a new job could miss this worker.
  while (epoch_.load() == seen && !stop_.load()) wake_.Wait(park_mutex_);
  parked_.fetch_sub(1);
  return epoch_.load();
}

void ThreadPool::Work(int thread) {
  uint32_t seen = 0;
  while (true) {
    const uint32_t epoch = WaitForJob(seen);
    if (epoch == seen) return;
    seen = epoch;
    RunPart(thread);
    running_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace stint::cpu
