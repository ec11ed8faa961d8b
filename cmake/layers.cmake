# A layer is a folder that becomes one library.

# stint_layer(name folder [libraries...])
function(stint_layer name folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc)
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARGN})
endfunction()

# Device layers ship inside apps: no exceptions, no RTTI, no guarded statics; a shared library of them
# shows nothing but what is marked. Floating point gives the
# same bits everywhere: nothing is contracted; errno and traps, which nobody reads, stop no vectoriser.
function(stint_device_layer name folder)
  stint_layer(${name} ${folder} ${ARGN})
  target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti -fno-threadsafe-statics
    -ffp-contract=off -fno-math-errno -fno-trapping-math
    -ffunction-sections -fdata-sections -fvisibility=hidden)
endfunction()

# What runs once, when a plan is loaded or bound: compiled for size.
function(stint_small_build target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Os>)
endfunction()

# Tools and tests wait for files and kernels, not for themselves: they are compiled for short builds.
# Sanitizers check after each optimisation what they added before it: they take longer than it saves.
function(stint_quick_build target)
  if(STINT_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  else()
    target_compile_options(${target} PRIVATE -O1)
  endif()
endfunction()
