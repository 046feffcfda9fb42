# SPDX-License-Identifier: MIT
# Defines fovea::xtensor: fovea with the dependencies of its xtensor backend, all of them headers. If one is missing, sets fovea_xtensor_missing
# instead, a sentence that names the packages to install.

if(TARGET fovea::xtensor)
  return()
endif()

find_package(Threads QUIET)
foreach(package IN ITEMS xtensor xsimd)
  if(NOT TARGET ${package})  # the including project may build the package itself
    find_package(${package} CONFIG QUIET)
  endif()
endforeach()
set(missing)
set(packages)
macro(fovea_needs found name package)
  if(NOT ${found})
    list(APPEND missing "${name}")
    list(APPEND packages ${package})
  endif()
endmacro()
fovea_needs(Threads_FOUND "a threads library" libc6-dev)
fovea_needs("TARGET;xtensor" xtensor libxtensor-dev)
fovea_needs("TARGET;xsimd" xsimd libxsimd-dev)

# Clang 19 and later follow a rule for template template arguments that xtensor before 0.26 breaks.
if(NOT missing AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19)
  include(CheckCXXSourceCompiles)
  include(CMakePushCheckState)
  cmake_push_check_state()
  set(CMAKE_REQUIRED_LIBRARIES xtensor)
  set(CMAKE_REQUIRED_QUIET ${fovea_FIND_QUIETLY})
  set(CMAKE_REQUIRED_FLAGS ${CMAKE_CXX20_STANDARD_COMPILE_OPTION})
  check_cxx_source_compiles("#if __has_include(<xtensor/containers/xarray.hpp>)
    #include <xtensor/containers/xarray.hpp>
    #else
    #include <xtensor/xarray.hpp>
    #endif
    int main() { xt::xarray<double> const x = {1.0, 2.0}; return x(0) > x(1); }" FOVEA_XTENSOR_COMPILES)
  cmake_pop_check_state()
  if(NOT FOVEA_XTENSOR_COMPILES)
    set(fovea_xtensor_missing
        "fovea::xtensor needs an xtensor that clang ${CMAKE_CXX_COMPILER_VERSION} compiles: not ${xtensor_VERSION}, but 0.26 or later; or add -fno-relaxed-template-template-args to CMAKE_CXX_FLAGS")
    unset(FOVEA_XTENSOR_COMPILES CACHE)  # the next configuration tries again
    return()
  endif()
endif()

if(missing)
  list(JOIN missing ", " missing)
  list(JOIN packages " " packages)
  set(fovea_xtensor_missing "fovea::xtensor needs ${missing}: apt-get install ${packages}")
  return()
endif()
if(NOT fovea_FIND_QUIETLY)
  message(STATUS "fovea: xtensor ${xtensor_VERSION}, xsimd ${xsimd_VERSION}")
endif()

add_library(fovea::xtensor INTERFACE IMPORTED ${fovea_scope})
target_compile_definitions(fovea::xtensor INTERFACE XTENSOR_USE_XSIMD)
target_link_libraries(fovea::xtensor INTERFACE fovea::fovea xtensor xsimd Threads::Threads)
