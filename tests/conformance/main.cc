// The main function of the conformance runner's own tests.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
