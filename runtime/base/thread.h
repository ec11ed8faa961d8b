// Threads, locks and conditions over pthread: the runtime's std::thread, which may neither throw
// nor pull in the C++ library. A Thread is joined by its destructor.
#ifndef STINT_RUNTIME_BASE_THREAD_H_
#define STINT_RUNTIME_BASE_THREAD_H_

#include <pthread.h>

#include "runtime/base/status.h"

namespace stint {

class Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex() { pthread_mutex_destroy(&mutex_); }

  void Lock() { pthread_mutex_lock(&mutex_); }
  void Unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  friend class ConditionVariable;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

// Holds a mutex for a scope.
class MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) : mutex_(mutex) { mutex_.Lock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() { mutex_.Unlock(); }

 private:
  Mutex& mutex_;
};

class ConditionVariable {
 public:
  ConditionVariable() = default;
  ConditionVariable(const ConditionVariable&) = delete;
  ConditionVariable& operator=(const ConditionVariable&) = delete;
  ~ConditionVariable() { pthread_cond_destroy(&condition_); }

  // `mutex` is held by the caller, and is again on return. May wake without a notification.
  void Wait(Mutex& mutex) { pthread_cond_wait(&condition_, &mutex.mutex_); }
  void NotifyAll() { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
};

class Thread {
 public:
  using Function = void (*)(void* argument);

  Thread() = default;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { Join(); }

  // Runs `function(argument)` on a new thread. kLimit: the system gives no more threads. Only when
  // this object runs none yet; it must not move while the thread runs.
  Status Start(Function function, void* argument);
  // Returns when the thread has ended; at once when there is none.
  void Join();

 private:
  static void* Enter(void* self);

  pthread_t handle_ = {};
  Function function_ = nullptr;
  void* argument_ = nullptr;
  bool running_ = false;
};

// How many processors this process may use; at least 1.
int AllowedProcessors();

}  // namespace stint

#endif  // STINT_RUNTIME_BASE_THREAD_H_
