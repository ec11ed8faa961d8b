// The main function of the test programs that need nothing else of theirs: compiled once for all,
// because sanitizers make half a minute of it.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
