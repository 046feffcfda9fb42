# SPDX-License-Identifier: MIT
# What fovea's own tests and examples are built with; nothing here reaches a project that uses fovea.

include(CheckCXXCompilerFlag)

option(FOVEA_NATIVE "Optimise for the machine that builds (-march=native)" OFF)
set(FOVEA_SANITIZE "" CACHE STRING "Sanitizers for tests and examples, such as address;undefined")
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

# fovea_optimized alone is for programs that a sanitizer would disturb; everything else links fovea_developer.
add_library(fovea_optimized INTERFACE)
target_link_libraries(fovea_optimized INTERFACE fovea::xtensor)
target_compile_options(fovea_optimized INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 takes the undefined operand inside its own AVX-512 intrinsics for a fault of the caller (GCC bug 105593).
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

# The oldest architecture that CUDA 13 knows, which newer devices translate for themselves; for speed, name your device's.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75)
endif()

# A heavy translation unit takes up to 1.5 GB: no more compilers at once than the memory carries. Where it carries more, GCC
# collects its garbage later, which takes a tenth of its time and changes nothing in what it makes.
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
  # ccache takes a precompiled header's macros and dates on trust: they are this build folder's own.
  set(environment CCACHE_SLOPPINESS=pch_defines,time_macros)
  if(FOVEA_HAS_MARCH_NATIVE)
    # It takes -march=native for the same on every machine; what it means here must be part of the key.
    set(machine ${PROJECT_BINARY_DIR}/machine.txt)
    file(WRITE ${PROJECT_BINARY_DIR}/empty.cpp "")
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -march=native -dM -E ${PROJECT_BINARY_DIR}/empty.cpp OUTPUT_FILE ${machine})
    list(APPEND environment CCACHE_EXTRAFILES=${machine})
  endif()
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env ${environment} ${CCACHE})
endif()

# What the suite's translation units cost, for the test `weight`.
if(FOVEA_TESTS)
  set(FOVEA_WEIGHTS ${PROJECT_BINARY_DIR}/weights.txt)
  foreach(language IN ITEMS CXX CUDA)
    list(PREPEND CMAKE_${language}_COMPILER_LAUNCHER sh ${PROJECT_SOURCE_DIR}/tests/price/weigh.sh ${FOVEA_WEIGHTS})
  endforeach()
endif()
