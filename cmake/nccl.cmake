# SPDX-License-Identifier: MIT
# Defines fovea::nccl: fovea::thrust_cuda with the dependencies of <fovea/distributed/nccl.hpp>. If one is missing, sets
# fovea_nccl_missing instead, as in xtensor.cmake.

if(TARGET fovea::nccl)
  return()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/thrust.cmake)
if(NOT TARGET fovea::thrust_cuda)
  set(fovea_nccl_missing "fovea::nccl needs a CUDA toolkit")
  return()
endif()
find_path(FOVEA_NCCL_INCLUDE nccl.h HINTS ${CUDAToolkit_INCLUDE_DIRS} ENV NCCL_HOME PATH_SUFFIXES include)
find_library(FOVEA_NCCL_LIBRARY nccl HINTS ${CUDAToolkit_LIBRARY_DIR} ENV NCCL_HOME PATH_SUFFIXES lib lib64)
mark_as_advanced(FOVEA_NCCL_INCLUDE FOVEA_NCCL_LIBRARY)
if(NOT FOVEA_NCCL_INCLUDE OR NOT FOVEA_NCCL_LIBRARY)
  set(fovea_nccl_missing "fovea::nccl needs NCCL: nccl.h and libnccl, e.g. in NCCL_HOME")
  return()
endif()

add_library(fovea::nccl INTERFACE IMPORTED ${fovea_scope})
target_link_libraries(fovea::nccl INTERFACE fovea::thrust_cuda ${FOVEA_NCCL_LIBRARY})
target_include_directories(fovea::nccl SYSTEM INTERFACE ${FOVEA_NCCL_INCLUDE})
