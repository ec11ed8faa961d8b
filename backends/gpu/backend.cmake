# Kernel sources become SPIR-V that is embedded, and OpenCL C text for checks and devices that take
# it. The list is kernel_sources.inc; all that is made lies in gpu_kernels in the build folder:
# NAME.comp and NAME.spv.inc (words as text), NAME.cl.
find_program(STINT_GLSLANG glslangValidator)
if(NOT STINT_GLSLANG)
  message(FATAL_ERROR
    "GPU backends need glslangValidator to compile their kernels: install glslang-tools")
endif()

# stint_gpu_source(name file element): the rules of one entry; appends what they make to
# gpu_spirv_words and gpu_opencl_texts.
function(stint_gpu_source name file element)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/gpu)
  set(out ${gpu_kernel_folder}/${name})
  file(CONFIGURE OUTPUT ${out}.comp CONTENT
"#version 450
#extension GL_GOOGLE_include_directive : require
#define ELEMENT_${element}
#include \"prelude/glsl.glsl\"
#include \"kernels/${file}.glsl\"
")
  # Linked programs call functions of the Map kernel's, whatever kernel they are linked into.
  set(uncalled)
  if(name STREQUAL map)
    set(uncalled --keep-uncalled)
  endif()
  add_custom_command(
    OUTPUT ${out}.spv.inc
    COMMAND ${STINT_GLSLANG} -V --target-env vulkan1.1 ${uncalled} --quiet -x -I${source}
      --depfile ${out}.d -o ${out}.spv.inc ${out}.comp
    DEPENDS ${out}.comp
    DEPFILE ${out}.d
    COMMENT "Compiling GPU kernel ${name}"
    VERBATIM)
  file(CONFIGURE OUTPUT ${out}.cl.in CONTENT
"#define ELEMENT_${element}
#include \"prelude/opencl.cl\"
#include \"kernels/${file}.glsl\"
")
  add_custom_command(
    OUTPUT ${out}.cl
    COMMAND ${CMAKE_CXX_COMPILER} -E -P -undef -nostdinc -x c -I${source} -MD -MF ${out}.cl.d
      -MT ${out}.cl -o ${out}.cl ${out}.cl.in
    DEPENDS ${out}.cl.in
    DEPFILE ${out}.cl.d
    COMMENT "Writing OpenCL kernel ${name}"
    VERBATIM)
  set(gpu_spirv_words ${gpu_spirv_words} ${out}.spv.inc PARENT_SCOPE)
  set(gpu_opencl_texts ${gpu_opencl_texts} ${out}.cl PARENT_SCOPE)
endfunction()

set(gpu_kernel_folder ${CMAKE_BINARY_DIR}/gpu_kernels)
set(gpu_spirv_words)
set(gpu_opencl_texts)
set(gpu_kernel_words)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_SOURCE_DIR}/gpu/kernel_sources.inc)
file(STRINGS gpu/kernel_sources.inc gpu_source_lines REGEX "^STINT_GPU_SOURCE")
foreach(line IN LISTS gpu_source_lines)
  string(REGEX MATCH "\\(([a-z0-9_]+), ([a-z0-9_]+), ([a-z0-9]+), [0-9]+\\)" entry "${line}")
  set(name ${CMAKE_MATCH_1})
  stint_gpu_source(${name} ${CMAKE_MATCH_2} ${CMAKE_MATCH_3})
  string(APPEND gpu_kernel_words
    "constexpr uint32_t words_${name}[] = {\n#include \"${name}.spv.inc\"\n};\n")
endforeach()
file(CONFIGURE OUTPUT ${gpu_kernel_folder}/kernel_words.inc CONTENT "${gpu_kernel_words}")

target_sources(stint_backend_gpu PRIVATE ${gpu_spirv_words})
target_include_directories(stint_backend_gpu PRIVATE ${gpu_kernel_folder})
target_compile_options(stint_backend_gpu PRIVATE -O2)
add_custom_target(stint_gpu_opencl_texts DEPENDS ${gpu_opencl_texts})
