# SPDX-License-Identifier: MIT
# Installs headers and text only. The result is identical on every machine and can be moved to any folder.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(DIRECTORY include/fovea DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package ${CMAKE_INSTALL_DATADIR}/cmake/fovea)
write_basic_package_version_file(fovea-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(TARGETS fovea EXPORT fovea-targets INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT fovea-targets NAMESPACE fovea:: DESTINATION ${package})
install(FILES cmake/fovea-config.cmake cmake/blas.cmake cmake/xtensor.cmake cmake/xtensor_blas.cmake cmake/safetensors.cmake cmake/thrust.cmake
              cmake/thrust_blas.cmake cmake/mpi.cmake cmake/nccl.cmake
              ${PROJECT_BINARY_DIR}/fovea-config-version.cmake DESTINATION ${package})

set(pkgconfig ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${pkgconfig} OUTPUT_VARIABLE prefix)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE include)
foreach(name IN ITEMS fovea fovea-xtensor fovea-xtensor-blas fovea-safetensors fovea-thrust)
  configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
endforeach()
