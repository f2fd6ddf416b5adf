# `cmake --install`: libraries, public headers, the CMake package.
# The program installs itself (apps/basewise).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(basewise_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/basewise")
get_property(basewise_modules GLOBAL PROPERTY BASEWISE_MODULES)
foreach(module ${basewise_modules})
  set_target_properties(basewise_${module} PROPERTIES EXPORT_NAME ${module})
  install(TARGETS basewise_${module} EXPORT basewiseTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/basewise/${module}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/basewise"
          FILES_MATCHING PATTERN "*.h" PATTERN "detail" EXCLUDE)
endforeach()
install(EXPORT basewiseTargets NAMESPACE basewise:: DESTINATION "${basewise_package_dir}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/basewiseConfig.cmake.in" "${PROJECT_BINARY_DIR}/basewiseConfig.cmake"
                              INSTALL_DESTINATION "${basewise_package_dir}")
# Before 1.0 a minor version may break what was.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/basewiseConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/basewiseConfig.cmake" "${PROJECT_BINARY_DIR}/basewiseConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/BasewiseDependencies.cmake" "${PROJECT_SOURCE_DIR}/cmake/FindBasewiseTorch.cmake"
        DESTINATION "${basewise_package_dir}")
