# 32-bit ARM with hardware floating point, with Debian's compiler: armv7-a with NEON and VFPv4 (Cortex-A7
# and later). Debian's own baseline has neither; without them every vector would be emulated.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(STINT_TARGET arm-linux-gnueabihf)
set(STINT_EMULATOR qemu-arm)
set(CMAKE_CXX_FLAGS_INIT "-march=armv7-a -mfpu=neon-vfpv4 -mfloat-abi=hard")
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)
