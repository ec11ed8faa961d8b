# Installing: libraries, headers, command line, a CMake package with components, and stint.pc.
include(CMakePackageConfigHelpers)
add_custom_target(installed COMMENT "All that cmake --install takes")
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/stint)

# stint_install(component target): with a file of imported targets for the component.
function(stint_install component target)
  add_dependencies(installed ${target})
  install(TARGETS ${target} EXPORT stint-${component} COMPONENT ${component}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(EXPORT stint-${component} NAMESPACE stint:: DESTINATION ${package_folder}
    FILE stint-${component}.cmake COMPONENT ${component})
endfunction()

install(DIRECTORY runtime/include/stint DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT headers)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT headers)
stint_install(static stint_static)
if(TARGET stint_shared)
  stint_install(shared stint_shared)
endif()
if(TARGET stint_compiler_library)
  stint_install(compiler stint_compiler_library)
  install(DIRECTORY tools/compiler/include/stint DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT compiler)
endif()
if(TARGET stint)
  stint_install(tools stint)
  if(TARGET stint-bench)
    add_dependencies(installed stint-bench)
    install(TARGETS stint-bench RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
  endif()
  if(TARGET stint_manual)
    add_dependencies(installed stint_manual)
    set(manual ${CMAKE_BINARY_DIR}/manual)
    install(FILES ${manual}/man RENAME stint.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
      COMPONENT tools)
    install(FILES ${manual}/bash RENAME stint COMPONENT tools
      DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
    install(FILES ${manual}/zsh RENAME _stint COMPONENT tools
      DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
    install(FILES ${manual}/fish RENAME stint.fish COMPONENT tools
      DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  endif()
endif()

configure_package_config_file(cmake/stintConfig.cmake.in ${CMAKE_BINARY_DIR}/stintConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/stintConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/stintConfig.cmake ${CMAKE_BINARY_DIR}/stintConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT headers)

# The prefix as seen from the file, so that the tree can be moved.
file(RELATIVE_PATH prefix_from_pc /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/stint.pc.in ${CMAKE_BINARY_DIR}/stint.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/stint.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT headers)
