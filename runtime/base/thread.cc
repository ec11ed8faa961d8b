#include "runtime/base/thread.h"

#include <sched.h>
#include <unistd.h>

#include <cstring>

namespace stint {

Status Thread::Start(Function function, void* argument) {
  if (running_) return Error(Code::kInternal, "thread", "found a running thread, allowed none");
  function_ = function;
  argument_ = argument;
  if (const int error = pthread_create(&handle_, nullptr, &Thread::Enter, this); error != 0) {
    return Error(Code::kLimit, "thread", "found no thread (%s), allowed what the system gives",
                 std::strerror(error));
  }
  running_ = true;
  return {};
}

void Thread::Join() {
  if (!running_) return;
  pthread_join(handle_, nullptr);
  running_ = false;
}

void* Thread::Enter(void* self) {
  auto* thread = static_cast<Thread*>(self);
  thread->function_(thread->argument_);
  return nullptr;
}

int AllowedProcessors() {
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? static_cast<int>(online) : 1;
}

}  // namespace stint
