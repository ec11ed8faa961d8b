# What the toolchain files of Debian's cross compilers share. Needs STINT_TARGET, the GNU triplet, and
# STINT_EMULATOR, the program of qemu-user that runs the target's programs.
#
# Headers that know no architecture (Catch2, CLI11, nlohmann-json, FlatBuffers, Vulkan) come from the
# host's packages: Debian's cross compilers search /usr/include last, behind the target's own headers.
# Programs that run while building (flatc, glslangValidator, Python) are the host's. No library of the
# host is linked: what the device build needs beyond the C and C++ libraries is headers only.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_CXX_COMPILER ${STINT_TARGET}-g++)

set(CMAKE_LIBRARY_ARCHITECTURE ${STINT_TARGET})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
# Package files of header-only packages lie in the host's library folder.
list(APPEND CMAKE_PREFIX_PATH /usr/lib/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu/cmake)

# Tests run under the emulator; the target's dynamic loader and libraries are those of the compiler's
# packages. The processor is the emulator's best one; QEMU_CPU in the environment chooses another.
set(CMAKE_CROSSCOMPILING_EMULATOR ${STINT_EMULATOR} -L /usr/${STINT_TARGET})

# mold has no name under which a cross compiler looks for it.
set(STINT_MOLD OFF CACHE BOOL "Link with mold")
