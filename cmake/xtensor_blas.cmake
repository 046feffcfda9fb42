# SPDX-License-Identifier: MIT
# Defines fovea::xtensor_blas: fovea::xtensor, whose large matrix products a BLAS may compute (xtensor_options::blas). If a
# dependency is missing, sets fovea_xtensor_blas_missing instead, as in xtensor.cmake.

if(TARGET fovea::xtensor_blas)
  return()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/xtensor.cmake)
if(NOT TARGET fovea::xtensor)
  string(REPLACE "fovea::xtensor needs" "fovea::xtensor_blas needs" fovea_xtensor_blas_missing "${fovea_xtensor_missing}")
  return()
endif()
# Headers only. xtensor-blas's own package file is not used: it stops the configuration without LAPACK, which fovea never
# calls.
find_path(FOVEA_XTENSOR_BLAS_INCLUDE xtensor-blas/xblas.hpp)
mark_as_advanced(FOVEA_XTENSOR_BLAS_INCLUDE)
include(${CMAKE_CURRENT_LIST_DIR}/blas.cmake)
set(missing)
set(packages)
if(NOT FOVEA_XTENSOR_BLAS_INCLUDE)
  list(APPEND missing xtensor-blas)
  list(APPEND packages libxtensor-blas-dev)
endif()
if(NOT cblas_libraries)
  list(APPEND missing "a BLAS with cblas_sgemm")
  list(APPEND packages libopenblas-dev)
endif()
if(missing)
  list(JOIN missing ", " missing)
  list(JOIN packages " " packages)
  set(fovea_xtensor_blas_missing "fovea::xtensor_blas needs ${missing}: apt-get install ${packages}")
  return()
endif()
if(NOT fovea_FIND_QUIETLY)
  list(JOIN BLAS_LIBRARIES " " blas_text)
  message(STATUS "fovea: BLAS ${blas_text}")
endif()

# Sets HAVE_CBLAS here because xtensor-blas 0.21 defines it only after testing it, and then falls back to a loop of its own.
add_library(fovea::xtensor_blas INTERFACE IMPORTED ${fovea_scope})
target_compile_definitions(fovea::xtensor_blas INTERFACE FOVEA_XTENSOR_BLAS HAVE_CBLAS=1)
target_include_directories(fovea::xtensor_blas SYSTEM INTERFACE ${FOVEA_XTENSOR_BLAS_INCLUDE})
target_link_libraries(fovea::xtensor_blas INTERFACE fovea::xtensor ${cblas_libraries})
