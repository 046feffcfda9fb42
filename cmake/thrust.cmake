# SPDX-License-Identifier: MIT
# Defines fovea::thrust: fovea with the host dependencies of its Thrust backend. If one is missing, sets fovea_thrust_missing
# instead, as in xtensor.cmake. A program that uses the TBB system also links TBB::tbb. With a CUDA toolkit, defines
# fovea::thrust_cuda as well, with the device dependencies.

if(TARGET fovea::thrust)
  return()
endif()

# Thrust is headers only. They come from a CUDA toolkit (the host systems need neither its compiler nor its runtime), from
# Debian's libthrust-dev or from a CCCL package.
find_package(CUDAToolkit QUIET)
find_path(FOVEA_THRUST_INCLUDE thrust/for_each.h
          HINTS ${CUDAToolkit_INCLUDE_DIRS} ENV CUDA_PATH ENV CUDA_HOME
          PATH_SUFFIXES cccl include/cccl include)
mark_as_advanced(FOVEA_THRUST_INCLUDE)
set(thrust_libraries)
if(NOT FOVEA_THRUST_INCLUDE)
  find_package(CCCL CONFIG QUIET COMPONENTS Thrust CUB libcudacxx)
  if(TARGET CCCL::Thrust)
    set(thrust_libraries CCCL::Thrust)
  else()
    set(fovea_thrust_missing "fovea::thrust needs Thrust's headers: those of a CUDA toolkit, or apt-get install libthrust-dev")
    return()
  endif()
endif()
find_package(OpenMP QUIET COMPONENTS CXX)
if(TARGET OpenMP::OpenMP_CXX)
  list(APPEND thrust_libraries OpenMP::OpenMP_CXX)
elseif(NOT fovea_FIND_QUIETLY)
  message(STATUS "fovea: no OpenMP for this compiler, so Thrust's omp system does not compile; cpp does")
endif()
if(FOVEA_THRUST_INCLUDE AND NOT fovea_FIND_QUIETLY)
  message(STATUS "fovea: Thrust in ${FOVEA_THRUST_INCLUDE}")
endif()

# nvcc finds its own Thrust.
add_library(fovea::thrust INTERFACE IMPORTED ${fovea_scope})
if(FOVEA_THRUST_INCLUDE)
  target_include_directories(fovea::thrust SYSTEM INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${FOVEA_THRUST_INCLUDE}>)
endif()
target_link_libraries(fovea::thrust INTERFACE fovea::fovea ${thrust_libraries})
if(TARGET CUDA::cublas)
  add_library(fovea::thrust_cuda INTERFACE IMPORTED ${fovea_scope})
  target_link_libraries(fovea::thrust_cuda INTERFACE fovea::thrust CUDA::cublas)
  # CMake 3.25 does not know that nvcc supports C++20.
  target_compile_options(fovea::thrust_cuda INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>)
endif()
