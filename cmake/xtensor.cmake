# SPDX-License-Identifier: MIT
# fovea::xtensor: fovea with what its xtensor backend needs. Where something is missing there is no such target, and
# fovea_xtensor_missing says in a sentence what to install.

if(TARGET fovea::xtensor)
  return()
endif()

find_package(Threads QUIET)
foreach(package IN ITEMS xtensor xsimd)
  if(NOT TARGET ${package})  # a project may build them itself
    find_package(${package} CONFIG QUIET)
  endif()
endforeach()
# Headers only. Its own package file is passed by: it ends the configuration where there is no LAPACK, which we never call.
find_path(FOVEA_XTENSOR_BLAS_INCLUDE xtensor-blas/xblas.hpp)

include(${CMAKE_CURRENT_LIST_DIR}/blas.cmake)
mark_as_advanced(FOVEA_XTENSOR_BLAS_INCLUDE)

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
fovea_needs(FOVEA_XTENSOR_BLAS_INCLUDE xtensor-blas libxtensor-blas-dev)
fovea_needs("TARGET;xsimd" xsimd libxsimd-dev)
fovea_needs(cblas_libraries "a BLAS with cblas_sgemm" libopenblas-dev)

if(missing)
  list(JOIN missing ", " missing)
  list(JOIN packages " " packages)
  set(fovea_xtensor_missing "fovea::xtensor needs ${missing}: apt-get install ${packages}")
  return()
endif()
if(NOT fovea_FIND_QUIETLY)
  list(JOIN BLAS_LIBRARIES " " blas_text)
  message(STATUS "fovea: xtensor ${xtensor_VERSION}, xsimd ${xsimd_VERSION}, BLAS ${blas_text}")
endif()

# HAVE_CBLAS: xtensor-blas defines it too, but 0.21 only after it was asked for, and then runs a loop of its own.
add_library(fovea::xtensor INTERFACE IMPORTED ${fovea_scope})
target_compile_definitions(fovea::xtensor INTERFACE XTENSOR_USE_XSIMD HAVE_CBLAS=1)
target_include_directories(fovea::xtensor SYSTEM INTERFACE ${FOVEA_XTENSOR_BLAS_INCLUDE})
target_link_libraries(fovea::xtensor INTERFACE fovea::fovea xtensor xsimd ${cblas_libraries} Threads::Threads)
