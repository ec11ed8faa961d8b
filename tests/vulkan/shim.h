// What tests say to the shim of libvulkan: see shim.cc. The functions are found with dlsym in the
// library that dlopen("libvulkan.so.1") gives.
#ifndef STINT_TESTS_VULKAN_SHIM_H_
#define STINT_TESTS_VULKAN_SHIM_H_

#include <cstdint>

extern "C" {

// The `call`-th call from now on (from 1) of a function that gives a VkResult does nothing and
// fails with `result`. After VK_ERROR_DEVICE_LOST all later ones fail with it as well, until the
// shim is armed again. 0: none fails.
void stint_shim_arm(uint64_t call, int32_t result);
// Calls of functions that give a VkResult since the shim was armed.
uint64_t stint_shim_calls();
// Objects that were made and not destroyed yet.
int64_t stint_shim_live_objects();
// The name of a function of which objects live that it made; nullptr: there are none.
const char* stint_shim_live_name();
// The function of that name does not exist from now on; nullptr: all exist.
void stint_shim_hide(const char* name);
// Whether devices seem to have memory that the host does not see, as graphics cards have.
void stint_shim_discrete(int32_t discrete);
}

#endif  // STINT_TESTS_VULKAN_SHIM_H_
