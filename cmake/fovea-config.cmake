# SPDX-License-Identifier: MIT
# find_package(fovea) defines the target fovea::fovea, and fovea::NAME for each requested component. The dependencies of a
# component are searched for here, on the machine that compiles.
cmake_minimum_required(VERSION 3.25)

set(fovea_NOT_FOUND_MESSAGE)
foreach(component IN LISTS fovea_FIND_COMPONENTS)
  block(PROPAGATE fovea_${component}_missing)
    if(component MATCHES "^(xtensor|xtensor_blas|safetensors|thrust|thrust_blas|mpi|nccl)$")
      include(${CMAKE_CURRENT_LIST_DIR}/${component}.cmake)
    else()
      set(fovea_${component}_missing "fovea has no component ${component}; it has xtensor, xtensor_blas, safetensors, thrust, thrust_blas, mpi and nccl")
    endif()
  endblock()
  if(TARGET fovea::${component})
    set(fovea_${component}_FOUND TRUE)
  else()
    set(fovea_${component}_FOUND FALSE)
    if(fovea_FIND_REQUIRED_${component})
      set(fovea_FOUND FALSE)
      string(APPEND fovea_NOT_FOUND_MESSAGE "${fovea_${component}_missing}\n")
    endif()
  endif()
  unset(fovea_${component}_missing)
endforeach()

if(CMAKE_CXX_FLAGS MATCHES "-Ofast|-ffast-math")
  message(WARNING "fovea: CMAKE_CXX_FLAGS has ${CMAKE_MATCH_0}, which breaks what fovea promises about NaN and infinity")
endif()

# Defines the target last: a project that continues without the package may still add fovea's sources, which define it too.
if(NOT fovea_NOT_FOUND_MESSAGE)
  include(${CMAKE_CURRENT_LIST_DIR}/fovea-targets.cmake)
endif()
