// The main function of the test programs that need nothing else of theirs: half a minute of a compiler
// with sanitizers, once for all.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
