// The main function of the test programs that need nothing else of theirs.
#include "tests/catch_session.h"

int main(int argc, char** argv) {
  stint::testing::CatchSession session;
  if (const auto ended = session.Parse(argc, argv)) return *ended;
  return session.Run();
}
