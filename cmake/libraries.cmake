# What people link: the device layers and the built backends as one static and one shared library, and
# the compiler as a static one. Each layer's objects are compiled once, for all of them.
function(stint_library name type)
  list(TRANSFORM ARGN REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  add_library(${name} ${type} ${objects})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX
    ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
  target_include_directories(${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/runtime/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endfunction()

include(GNUInstallDirs)
find_package(Threads REQUIRED)
set(device_layers stint_base stint_ops stint_cost stint_memory stint_plan stint_session stint_abi stint_api)
foreach(backend IN LISTS STINT_BACKENDS)
  list(APPEND device_layers stint_backend_${backend})
endforeach()
if(TARGET stint_backend_gpu)
  list(APPEND device_layers stint_backend_gpu)
endif()

stint_library(stint_static STATIC ${device_layers})
set_target_properties(stint_static PROPERTIES OUTPUT_NAME stint EXPORT_NAME static)
target_link_libraries(stint_static INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)

# Sanitizers leave symbols to the program.
if(NOT STINT_SANITIZE)
  stint_library(stint_shared SHARED ${device_layers})
  set(version_script ${PROJECT_SOURCE_DIR}/cmake/libstint.map)
  set_target_properties(stint_shared PROPERTIES OUTPUT_NAME stint EXPORT_NAME shared
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS ${version_script})
  # The C++ library is named by the compiler and needed by nobody.
  target_link_options(stint_shared PRIVATE -Wl,--version-script=${version_script} -Wl,--as-needed
    -Wl,--no-undefined -Wl,--gc-sections -Wl,-z,max-page-size=16384)
  target_link_libraries(stint_shared PRIVATE Threads::Threads ${CMAKE_DL_LIBS} m)
endif()
