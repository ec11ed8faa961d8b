// How the image libraries report errors: in C, by a long jump out of a callback. Only code without
// destructors may stand between the two ends of the jump.
#ifndef STINT_TOOLS_STINT_IMAGE_FAILURE_H_
#define STINT_TOOLS_STINT_IMAGE_FAILURE_H_

#include <csetjmp>
#include <string>

#include "runtime/base/status.h"

namespace stint::cli {

struct ImageFailure {
  std::jmp_buf jump;
  char message[256] = "";
  Code code = Code::kInvalid;

  [[noreturn]] void Leave() { std::longjmp(jump, 1); }

  Status AsStatus(const std::string& path) const {
    return Error(code, path.c_str(), "found damage (%s), allowed a whole picture", message);
  }
};

// Calls `body`, which must own nothing. False: it was left by ImageFailure::Leave().
template <typename Body>
[[gnu::noinline]] bool Guarded(ImageFailure& failure, const Body& body) {
  if (setjmp(failure.jump) != 0) return false;
  body();
  return true;
}

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_IMAGE_FAILURE_H_
