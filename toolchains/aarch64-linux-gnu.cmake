# 64-bit ARM with Debian's compiler: armv8.0-a, what every board with a 64-bit system has. Kernels for
# later instruction sets are chosen when running.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(STINT_TARGET aarch64-linux-gnu)
set(STINT_EMULATOR qemu-aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)
