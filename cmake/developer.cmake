# SPDX-License-Identifier: MIT
# Build settings of fovea's own tests and examples. A project that uses fovea never includes this file.

include(CheckCXXCompilerFlag)

option(FOVEA_NATIVE "Optimise for the machine that builds (-march=native)" OFF)
set(FOVEA_SANITIZE "" CACHE STRING "Sanitizers for tests and examples, such as address;undefined")
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Programs that a sanitizer would disturb link fovea_optimized only; all others link fovea_developer.
add_library(fovea_optimized INTERFACE)
target_link_libraries(fovea_optimized INTERFACE fovea::xtensor)
target_compile_options(fovea_optimized INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns about an uninitialized operand inside its own AVX-512 intrinsics (GCC bug 105593). fovea's headers silence it
  # for their own code, as consumer/strict tests; tests and examples also compile xtensor's expressions.
  target_compile_options(fovea_optimized INTERFACE -Wno-uninitialized -Wno-maybe-uninitialized)
endif()
if(FOVEA_NATIVE)
  check_cxx_compiler_flag(-march=native FOVEA_HAS_MARCH_NATIVE)
  target_compile_options(fovea_optimized INTERFACE $<$<BOOL:${FOVEA_HAS_MARCH_NATIVE}>:-march=native>)
endif()

add_library(fovea_developer INTERFACE)
target_link_libraries(fovea_developer INTERFACE fovea_optimized)
if(FOVEA_SANITIZE)
  list(JOIN FOVEA_SANITIZE "," sanitizers)
  set(sanitize -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(fovea_developer INTERFACE ${sanitize})
  target_link_options(fovea_developer INTERFACE ${sanitize})
endif()

# The default is the oldest architecture that CUDA 13 supports; newer devices JIT-compile its PTX. For speed, set your
# device's architecture.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75)
endif()

# A heavy translation unit takes up to 1.5 GB, so the memory limits the number of parallel compilers. With memory to spare,
# GCC collects garbage less often, which saves a tenth of its time and does not change its output.
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
cmake_host_system_information(RESULT megabytes QUERY AVAILABLE_PHYSICAL_MEMORY)
math(EXPR jobs "${megabytes} / 1500")
math(EXPR roomy_jobs "${megabytes} / 2500")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND roomy_jobs GREATER_EQUAL cores)
  target_compile_options(fovea_optimized INTERFACE $<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=1000000>)
endif()
if(jobs GREATER cores)
  set(jobs ${cores})
elseif(jobs LESS 1)
  set(jobs 1)
endif()
set_property(GLOBAL PROPERTY JOB_POOLS heavy=${jobs})
set(CMAKE_JOB_POOL_COMPILE heavy)
set(CMAKE_JOB_POOL_LINK heavy)
set(CMAKE_JOB_POOL_PRECOMPILE_HEADER heavy)

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache may skip its check of a precompiled header's macros and dates: the header belongs to this build folder.
  set(environment CCACHE_SLOPPINESS=pch_defines,time_macros)
  if(FOVEA_HAS_MARCH_NATIVE)
    # ccache hashes -march=native as plain text, so the instruction set behind it on this machine must be part of the key.
    set(machine ${PROJECT_BINARY_DIR}/machine.txt)
    file(WRITE ${PROJECT_BINARY_DIR}/empty.cpp "")
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -march=native -dM -E ${PROJECT_BINARY_DIR}/empty.cpp OUTPUT_FILE ${machine})
    list(APPEND environment CCACHE_EXTRAFILES=${machine})
  endif()
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env ${environment} ${CCACHE})
endif()

# Records the compile time of each translation unit of the suite, for the test `weight`.
if(FOVEA_TESTS)
  set(FOVEA_WEIGHTS ${PROJECT_BINARY_DIR}/weights.txt)
  foreach(language IN ITEMS CXX CUDA)
    list(PREPEND CMAKE_${language}_COMPILER_LAUNCHER sh ${PROJECT_SOURCE_DIR}/tests/price/weigh.sh ${FOVEA_WEIGHTS})
  endforeach()
endif()
