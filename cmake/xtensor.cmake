# SPDX-License-Identifier: MIT
# Defines fovea::xtensor: fovea with the dependencies of its xtensor backend. If one is missing, sets fovea_xtensor_missing
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
# Headers only. xtensor-blas's own package file is not used: it stops the configuration without LAPACK, which fovea never
# calls.
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

# Sets HAVE_CBLAS here because xtensor-blas 0.21 defines it only after testing it, and then falls back to a loop of its own.
add_library(fovea::xtensor INTERFACE IMPORTED ${fovea_scope})
target_compile_definitions(fovea::xtensor INTERFACE XTENSOR_USE_XSIMD HAVE_CBLAS=1)
target_include_directories(fovea::xtensor SYSTEM INTERFACE ${FOVEA_XTENSOR_BLAS_INCLUDE})
target_link_libraries(fovea::xtensor INTERFACE fovea::fovea xtensor xsimd ${cblas_libraries} Threads::Threads)
