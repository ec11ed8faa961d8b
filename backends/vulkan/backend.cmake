# Headers only: libvulkan is opened at run time.
find_package(VulkanHeaders CONFIG REQUIRED)
target_link_libraries(stint_backend_vulkan PUBLIC stint_backend_gpu Vulkan::Headers
  PRIVATE ${CMAKE_DL_LIBS})
target_compile_definitions(stint_backend_vulkan PUBLIC VK_NO_PROTOTYPES)
