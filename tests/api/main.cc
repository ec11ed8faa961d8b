// The main function of the tests of the public interface.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
