// The main function of the Vulkan backend's tests.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
