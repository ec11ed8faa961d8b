// The main function of the tests of failures on demand.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
