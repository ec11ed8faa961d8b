#include "tools/conformance/isolation.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <utility>

#include "tools/stint/console.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define STINT_FINDS_LEAKS
#endif
#endif

namespace stint::conformance {

namespace {

using Clock = std::chrono::steady_clock;

struct Range {
  size_t next;
  size_t end;
};

struct Worker {
  pid_t process = 0;
  int pipe = -1;
  Range jobs = {};
  Clock::time_point deadline;
  std::string received;  // The beginning of a line.
};

bool WriteAll(int pipe, const std::string& text) {
  for (size_t written = 0; written < text.size();) {
    const ssize_t count = write(pipe, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    written += static_cast<size_t>(count);
  }
  return true;
}

// What AddressSanitizer does when a program leaves by its exit handlers.
bool HasLeaks() {
#ifdef STINT_FINDS_LEAKS
  return __lsan_do_recoverable_leak_check() != 0;
#else
  return false;
#endif
}

// The child's whole life. It ends without the parent's exit handlers.
[[noreturn]] void Work(int pipe, Range jobs, const std::function<Job()>& start) {
  try {
    const Job job = start();
    for (size_t i = jobs.next; i < jobs.end; ++i) {
      if (!WriteAll(pipe, job(i) + "\n")) break;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stint-conformance: found an exception: %s\n", error.what());
    _exit(70);
  }
  _exit(HasLeaks() ? 71 : 0);
}

class Pool {
 public:
  Pool(size_t count, const IsolationOptions& options, const std::function<Job()>& start)
      : options_(options), start_(start), answers_(count) {
    for (size_t i = 0; i < count; i += options.batch) {
      waiting_.push_back({i, std::min(count, i + options.batch)});
    }
  }

  ~Pool() {
    while (!workers_.empty()) End(workers_.size() - 1, SIGKILL);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Result<std::vector<Answer>> Run() {
    while (!waiting_.empty() || !workers_.empty()) {
      while (!waiting_.empty() && workers_.size() < static_cast<size_t>(options_.processes)) {
        STINT_TRY(Start());
      }
      Wait();
    }
    return std::move(answers_);
  }

 private:
  Clock::time_point Deadline() const {
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>(options_.limit_seconds));
  }

  Status Start() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return Failed("a pipe");
    std::fflush(nullptr);
    Worker worker;
    worker.pipe = ends[0];
    worker.jobs = waiting_.front();
    worker.deadline = Deadline();
    worker.process = fork();
    if (worker.process == 0) {
      close(ends[0]);
      Work(ends[1], worker.jobs, start_);
    }
    close(ends[1]);
    if (worker.process < 0) {
      close(ends[0]);
      return Failed("a process");
    }
    waiting_.pop_front();
    workers_.push_back(std::move(worker));
    return {};
  }

  static Status Failed(const char* what) {
    return Error(Code::kIo, "isolation", "found '%s', allowed %s for a batch of cases",
                 std::strerror(errno), what);
  }

  // Until a worker speaks or ends, or the first deadline.
  void Wait() {
    std::vector<pollfd> pipes;
    Clock::time_point first = Clock::time_point::max();
    for (const Worker& worker : workers_) {
      pipes.push_back({worker.pipe, POLLIN, 0});
      first = std::min(first, worker.deadline);
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(first - Clock::now()).count() + 1;
    poll(pipes.data(), pipes.size(), static_cast<int>(std::clamp<int64_t>(left, 0, 60'000)));
    for (size_t i = workers_.size(); i-- > 0;) {
      if (pipes[i].revents != 0) {
        Read(i);
      } else if (Clock::now() >= workers_[i].deadline) {
        Lose(i, cli::Format("no answer within %g s", options_.limit_seconds), SIGKILL);
      }
    }
  }

  void Read(size_t i) {
    Worker& worker = workers_[i];
    char buffer[1 << 16];
    const ssize_t count = read(worker.pipe, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) return Lose(i, "", 0);
    worker.received.append(buffer, static_cast<size_t>(count));
    size_t begin = 0;
    for (size_t end; (end = worker.received.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      if (worker.jobs.next == worker.jobs.end) break;
      answers_[worker.jobs.next++] = {true, worker.received.substr(begin, end - begin)};
      worker.deadline = Deadline();
    }
    worker.received.erase(0, begin);
  }

  // Takes a worker away; the job that it was at has no answer, those behind it start anew. One that
  // fails behind its last answer, where it frees memory, takes that answer back.
  void Lose(size_t i, const std::string& reason, int signal) {
    const Range jobs = workers_[i].jobs;
    const int status = End(i, signal);
    const std::string end = reason.empty() ? EndOf(status) : reason;
    if (jobs.next == jobs.end) {
      if (status != 0) answers_[jobs.end - 1] = {false, end + " behind the answer"};
      return;
    }
    answers_[jobs.next] = {false, reason.empty() ? end + " and no answer" : reason};
    if (jobs.next + 1 < jobs.end) waiting_.push_front({jobs.next + 1, jobs.end});
  }

  // The status with which the process ended.
  int End(size_t i, int signal) {
    const Worker worker = std::move(workers_[i]);
    workers_.erase(workers_.begin() + static_cast<ptrdiff_t>(i));
    close(worker.pipe);
    if (signal != 0) kill(worker.process, signal);
    int status = 0;
    while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  const IsolationOptions& options_;
  const std::function<Job()>& start_;
  std::deque<Range> waiting_;
  std::vector<Worker> workers_;
  std::vector<Answer> answers_;
};

}  // namespace

std::string EndOf(int status) {
  return WIFSIGNALED(status)
             ? cli::Format("ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)))
             : cli::Format("ended with exit status %d", WEXITSTATUS(status));
}

Result<std::vector<Answer>> RunIsolated(size_t count, const IsolationOptions& options,
                                        const std::function<Job()>& start) {
  return Pool(count, options, start).Run();
}

}  // namespace stint::conformance
