// The thread on which a session's asynchronous runs happen, and who may use the session meanwhile.
// It is started with the first such run and ended with the session.
#ifndef STINT_RUNTIME_API_WORKER_H_
#define STINT_RUNTIME_API_WORKER_H_

#include "runtime/base/thread.h"

namespace stint::abi {

class Worker {
 public:
  using Function = void (*)(void* context);

  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { End(); }

  // Takes the session for a run on the caller's thread. False: somebody has it.
  bool Enter();
  void Leave();

  // Calls run(context), then done(context), on the thread; after run others may look at the
  // session, after done use it. Only while entered; it is left by the thread, or when there is
  // none.
  Status Start(Function run, Function done, void* context);

  // Whether nobody is running: results can be looked at.
  bool Quiet();
  // Whether this is the thread.
  bool IsCaller();
  // Until nobody has the session; not on the thread itself.
  void Wait();
  // Waits and ends the thread.
  void End();

 private:
  enum class State : uint8_t { kIdle, kRunning, kPosted, kDone };

  void Work();

  Mutex mutex_;  // Of all below.
  ConditionVariable changed_;
  State state_ = State::kIdle;
  bool stop_ = false;
  bool started_ = false;
  pthread_t self_ = {};
  Function run_ = nullptr;
  Function done_ = nullptr;
  void* context_ = nullptr;
  Thread thread_;
};

}  // namespace stint::abi

#endif  // STINT_RUNTIME_API_WORKER_H_
