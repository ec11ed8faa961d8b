#include "backends/cpu/thread_pool.h"

#include <algorithm>

namespace stint::cpu {

namespace {

constexpr int kSpinsBeforeParking = 4000;
constexpr int kPartBits = 16;

int64_t PartsOf(uint64_t job) { return static_cast<int64_t>(job & ((1U << kPartBits) - 1)); }

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
  if (threads <= AllowedProcessors()) pool->spins_before_parking_ = kSpinsBeforeParking;
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

void ThreadPool::RunPart(int thread, int64_t parts) const {
  function_(context_, tasks_ * thread / parts, tasks_ * (thread + 1) / parts, thread);
}

void ThreadPool::Run(int64_t tasks, Function function, const void* context) {
  if (tasks <= 0) return;
  const int64_t parts = std::min<int64_t>(tasks, threads());
  if (parts == 1) {
    function(context, 0, tasks, 0);
    return;
  }
  const MutexLock lock(job_mutex_);
  function_ = function;
  context_ = context;
  tasks_ = tasks;
  running_.store(static_cast<int>(parts) - 1, std::memory_order_relaxed);
  const uint64_t count = (job_.load(std::memory_order_relaxed) >> kPartBits) + 1;
  job_.store(count << kPartBits | static_cast<uint64_t>(parts));
  if (parked_.load() > 0) {
    const MutexLock park(park_mutex_);
    wake_.NotifyAll();
  }
  RunPart(0, parts);
  WaitForWorkers();
}

void ThreadPool::WaitForWorkers() {
  for (int spins = 0; spins < spins_before_parking_; ++spins) {
    if (running_.load(std::memory_order_acquire) == 0) return;
    Pause();
  }
  const MutexLock park(park_mutex_);
  caller_parked_.store(true);  // Before the count is read: else the last worker could miss it.
  while (running_.load() > 0) done_.Wait(park_mutex_);
  caller_parked_.store(false);
}

// Returns the word of a new job, or `seen` when the pool stops.
uint64_t ThreadPool::WaitForJob(uint64_t seen) {
  for (int spins = 0; spins < spins_before_parking_; ++spins) {
    const uint64_t job = job_.load(std::memory_order_acquire);
    if (job != seen) return job;
    if (stop_.load(std::memory_order_relaxed)) return seen;
    Pause();
  }
  const MutexLock park(park_mutex_);
  parked_.fetch_add(1);  // Before the job is read: else a new one could miss this worker.
  while (job_.load() == seen && !stop_.load()) wake_.Wait(park_mutex_);
  parked_.fetch_sub(1);
  return job_.load();
}

void ThreadPool::Work(int thread) {
  uint64_t seen = 0;
  while (true) {
    const uint64_t job = WaitForJob(seen);
    if (job == seen) return;
    seen = job;
    const int64_t parts = PartsOf(job);
    if (thread >= parts) continue;
    RunPart(thread, parts);
    if (running_.fetch_sub(1) > 1 || !caller_parked_.load()) continue;
    const MutexLock park(park_mutex_);
    done_.NotifyAll();
  }
}

}  // namespace stint::cpu
