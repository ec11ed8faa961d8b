#include "runtime/api/worker.h"

namespace stint::abi {

bool Worker::Enter() {
  const MutexLock lock(mutex_);
  if (state_ != State::kIdle) return false;
  state_ = State::kRunning;
  return true;
}

void Worker::Leave() {
  const MutexLock lock(mutex_);
  state_ = State::kIdle;
  changed_.NotifyAll();
}

Status Worker::Start(Function run, Function done, void* context) {
  const MutexLock lock(mutex_);
  run_ = run;
  done_ = done;
  context_ = context;
  if (!started_) {
    const auto enter = [](void* worker) { static_cast<Worker*>(worker)->Work(); };
    Status status = thread_.Start(enter, this);
    if (!status.ok()) {
      state_ = State::kIdle;
      changed_.NotifyAll();
      return status;
    }
    started_ = true;
  }
  state_ = State::kPosted;
  changed_.NotifyAll();
  return {};
}

void Worker::Work() {
  mutex_.Lock();
  self_ = pthread_self();
  for (;;) {
    while (state_ != State::kPosted && !stop_) changed_.Wait(mutex_);
    if (state_ != State::kPosted) break;
    state_ = State::kRunning;
    mutex_.Unlock();
    run_(context_);
    mutex_.Lock();
    state_ = State::kDone;
    mutex_.Unlock();
    done_(context_);
    mutex_.Lock();
    state_ = State::kIdle;
    changed_.NotifyAll();
  }
  mutex_.Unlock();
}

bool Worker::Quiet() {
  const MutexLock lock(mutex_);
  return state_ == State::kIdle || state_ == State::kDone;
}

bool Worker::IsCaller() {
  const MutexLock lock(mutex_);
  return state_ == State::kDone && pthread_equal(self_, pthread_self()) != 0;
}

void Worker::Wait() {
  const MutexLock lock(mutex_);
  while (state_ != State::kIdle) changed_.Wait(mutex_);
}

void Worker::End() {
  Wait();
  {
    const MutexLock lock(mutex_);
    stop_ = true;
    changed_.NotifyAll();
  }
  thread_.Join();
}

}  // namespace stint::abi
