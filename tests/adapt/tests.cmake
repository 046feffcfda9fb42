# SPDX-License-Identifier: MIT
# The test adapt/NAME covers the adaptor include/fovea/adapt/NAME.hpp if the adapted library is found; one message lists the
# missing ones. The target adapt_NAME holds the dependencies besides fovea; adapt_here and adapt_missing list the names.

set(adapt_here std_vector)
set(adapt_missing)
foreach(name IN ITEMS std_vector eigen armadillo mdspan dlpack)
  add_library(adapt_${name} INTERFACE)
endforeach()

macro(adapt_with name found what)
  if(${found})
    list(APPEND adapt_here ${name})
  else()
    list(APPEND adapt_missing ${name})
    message(STATUS "fovea: no ${what}, so adapt/${name}.hpp is not tested")
  endif()
endmacro()

find_package(Eigen3 CONFIG QUIET)
adapt_with(eigen Eigen3_FOUND "Eigen (libeigen3-dev)")
if(Eigen3_FOUND)
  target_link_libraries(adapt_eigen INTERFACE Eigen3::Eigen)
endif()

# Uses only Armadillo's headers: the tests call nothing that needs LAPACK or other libraries.
find_path(FOVEA_ARMADILLO_INCLUDE armadillo)
adapt_with(armadillo FOVEA_ARMADILLO_INCLUDE "Armadillo (libarmadillo-dev)")
if(FOVEA_ARMADILLO_INCLUDE)
  target_include_directories(adapt_armadillo SYSTEM INTERFACE ${FOVEA_ARMADILLO_INCLUDE})
  target_compile_definitions(adapt_armadillo INTERFACE ARMA_DONT_USE_WRAPPER ARMA_DONT_USE_HDF5 ARMA_DONT_USE_SUPERLU)
endif()

find_path(FOVEA_DLPACK_INCLUDE dlpack/dlpack.h)
adapt_with(dlpack FOVEA_DLPACK_INCLUDE "DLPack (libdlpack-dev)")
if(FOVEA_DLPACK_INCLUDE)
  target_include_directories(adapt_dlpack SYSTEM INTERFACE ${FOVEA_DLPACK_INCLUDE})
endif()

# Tries the implementations in the header's own order: C++23, the reference implementation, the one shipped with Thrust.
include(CheckCXXSourceCompiles)
if("cxx_std_23" IN_LIST CMAKE_CXX_COMPILE_FEATURES)
  set(CMAKE_REQUIRED_FLAGS ${CMAKE_CXX23_STANDARD_COMPILE_OPTION})
  check_cxx_source_compiles("#include <version>\nstatic_assert(__cpp_lib_mdspan > 0);\nint main() {}" FOVEA_HAS_STD_MDSPAN)
  unset(CMAKE_REQUIRED_FLAGS)
endif()
find_path(FOVEA_MDSPAN_INCLUDE NAMES mdspan/mdspan.hpp experimental/mdspan cuda/std/mdspan HINTS ${FOVEA_THRUST_INCLUDE})
mark_as_advanced(FOVEA_ARMADILLO_INCLUDE FOVEA_DLPACK_INCLUDE FOVEA_MDSPAN_INCLUDE)
set(adapt_mdspan_found OFF)
if(FOVEA_HAS_STD_MDSPAN)
  set(adapt_mdspan_found ON)
  target_compile_features(adapt_mdspan INTERFACE cxx_std_23)
elseif(FOVEA_MDSPAN_INCLUDE)
  set(adapt_mdspan_found ON)
  target_include_directories(adapt_mdspan SYSTEM INTERFACE ${FOVEA_MDSPAN_INCLUDE})
endif()
adapt_with(mdspan adapt_mdspan_found "mdspan (C++23, its reference implementation, or CCCL)")

foreach(name IN LISTS adapt_here)
  add_program(adapt/${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.cpp adapt_${name})
endforeach()

# Tests on PyTorch's own memory if a python3 with torch is found; Debian's python3-torch belongs to /usr/bin/python3. A Python
# without a sanitizer cannot load a library that was built with one.
find_program(FOVEA_TORCH_PYTHON python3 HINTS /usr/bin DOC "A python3, with torch if there is one")
mark_as_advanced(FOVEA_TORCH_PYTHON)
if(dlpack IN_LIST adapt_here AND FOVEA_TORCH_PYTHON AND NOT FOVEA_SANITIZE AND "adapt/dlpack_torch" MATCHES
                                                                               "${FOVEA_TEST_FILTER}")
  add_library(adapt_dlpack_torch MODULE ${CMAKE_CURRENT_LIST_DIR}/dlpack_torch.cpp)
  set_target_properties(adapt_dlpack_torch PROPERTIES COMPILE_WARNING_AS_ERROR ON)
  target_link_libraries(adapt_dlpack_torch PRIVATE fovea_developer adapt_dlpack)
  add_test(NAME adapt/dlpack_torch COMMAND ${FOVEA_TORCH_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/dlpack_torch.py
                                           $<TARGET_FILE:adapt_dlpack_torch>)
  set_tests_properties(adapt/dlpack_torch PROPERTIES TIMEOUT 600 LABELS adapt SKIP_REGULAR_EXPRESSION "skipped: ")
endif()
