# How tests reach a Vulkan device: STINT_VULKAN_ENVIRONMENT for their ENVIRONMENT, and the list of
# op cases that the device refuses.
#
# Normally that is whatever driver the machine has. Under AddressSanitizer it is SwiftShader: Mesa's
# llvmpipe loses some bytes for each device, SwiftShader nothing, so that leaks are really looked
# for. Where SwiftShader cannot be had, leaks are not looked for in these tests.
set(STINT_VULKAN_ENVIRONMENT "")
set(STINT_VULKAN_UNSUPPORTED ${CMAKE_CURRENT_SOURCE_DIR}/ops/unsupported_vulkan.txt)
if(STINT_SANITIZE MATCHES address)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/swiftshader
    OUTPUT_VARIABLE driver OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
  if(status EQUAL 0)
    set(STINT_VULKAN_ENVIRONMENT "VK_ICD_FILENAMES=${driver}")
    set(STINT_VULKAN_UNSUPPORTED ${CMAKE_CURRENT_SOURCE_DIR}/ops/unsupported_vulkan_weak.txt)
  else()
    message(WARNING "No SwiftShader: tests of the Vulkan backend do not look for leaks")
    set(STINT_VULKAN_ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
  endif()
endif()
