# SPDX-License-Identifier: MIT
# Defines fovea::thrust_blas: fovea::thrust, on whose host systems a BLAS may compute large matrix products
# (thrust_host_options::blas). If a dependency is missing, sets fovea_thrust_blas_missing instead, as in xtensor.cmake.

if(TARGET fovea::thrust_blas)
  return()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/thrust.cmake)
if(NOT TARGET fovea::thrust)
  string(REPLACE "fovea::thrust needs" "fovea::thrust_blas needs" fovea_thrust_blas_missing "${fovea_thrust_missing}")
  return()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/blas.cmake)
if(NOT cblas_libraries)
  set(fovea_thrust_blas_missing "fovea::thrust_blas needs a BLAS with cblas_sgemm: apt-get install libopenblas-dev")
  return()
endif()

add_library(fovea::thrust_blas INTERFACE IMPORTED ${fovea_scope})
target_compile_definitions(fovea::thrust_blas INTERFACE FOVEA_CBLAS)
target_link_libraries(fovea::thrust_blas INTERFACE fovea::thrust ${cblas_libraries})
