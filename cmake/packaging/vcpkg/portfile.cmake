# SPDX-License-Identifier: MIT
# Overlay port for the checkout that contains this file:
#   vcpkg install fovea[xtensor] --overlay-ports=fovea/cmake/packaging/vcpkg
set(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../..")
cmake_path(NORMAL_PATH SOURCE_PATH)

file(STRINGS "${SOURCE_PATH}/include/fovea/config.hpp" version REGEX "#define FOVEA_VERSION_")
list(TRANSFORM version REPLACE "[^0-9]+" "")
list(JOIN version "." version)
if(NOT version STREQUAL VERSION)
  message(FATAL_ERROR "vcpkg.json says ${VERSION}, include/fovea/config.hpp ${version}")
endif()

set(VCPKG_BUILD_TYPE release)  # headers only: a debug tree would be a copy
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DFOVEA_TESTS=OFF -DFOVEA_EXAMPLES=OFF -DFOVEA_INSTALL=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/fovea)
vcpkg_fixup_pkgconfig()

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
