# SPDX-License-Identifier: MIT
# Defines fovea::mpi: fovea with the dependencies of <fovea/distributed/mpi.hpp>. If one is missing, sets fovea_mpi_missing instead,
# as in xtensor.cmake. MPI_HOME, or MPI_CXX_COMPILER, chooses among several MPIs.

if(TARGET fovea::mpi)
  return()
endif()
set(MPI_CXX_SKIP_MPICXX ON)  # the C++ bindings that MPI has removed
find_package(MPI QUIET COMPONENTS CXX)
if(NOT TARGET MPI::MPI_CXX)
  set(fovea_mpi_missing "fovea::mpi needs an MPI: apt-get install libopenmpi-dev, or libmpich-dev")
  return()
endif()

add_library(fovea::mpi INTERFACE IMPORTED ${fovea_scope})
target_link_libraries(fovea::mpi INTERFACE fovea::fovea MPI::MPI_CXX)
