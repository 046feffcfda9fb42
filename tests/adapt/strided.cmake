# SPDX-License-Identifier: MIT
# Strides that are known at compile time are rejected with a diagnostic. As in compile_fail/, each file is one misuse.

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(most 80)  # clang++ continues after a class whose assertion has failed
else()
  set(most 30)
endif()
function(test_strided name library include)
  if(library IN_LIST adapt_here)
    test_check(adapt_${name} ${PROJECT_SOURCE_DIR}/tests/adapt/${name}.cpp ${CMAKE_CXX_COMPILER}
               "-std=c++20;-idirafter;${include};-I${PROJECT_SOURCE_DIR}/include;-fsyntax-only;${ARGN}" ${most})
  endif()
endfunction()
test_strided(strided_eigen eigen "${EIGEN3_INCLUDE_DIRS}")
test_strided(strided_eigen_map eigen "${EIGEN3_INCLUDE_DIRS}")
test_strided(strided_armadillo armadillo "${FOVEA_ARMADILLO_INCLUDE}" -DARMA_DONT_USE_WRAPPER -DARMA_DONT_USE_HDF5
             -DARMA_DONT_USE_SUPERLU)
