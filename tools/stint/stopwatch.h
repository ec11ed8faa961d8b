// Wall-clock time between two points of the program.
#ifndef STINT_TOOLS_STINT_STOPWATCH_H_
#define STINT_TOOLS_STINT_STOPWATCH_H_

#include <chrono>

namespace stint::cli {

class Stopwatch {
 public:
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_STOPWATCH_H_
