# SPDX-License-Identifier: MIT
# Training on ranks: threads of one program, and programs under mpirun, with a watchdog: a hang is a failed test.

# One program of one unit: its files instantiate much in common, and run shortly.
set(ranks_sources)
foreach(name IN ITEMS communicator data_parallel sharded_data)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/distributed/${name}.cpp)
  tests_of(${source} distributed tests)
  if(tests)
    list(APPEND ranks_sources ${source})
  endif()
endforeach()
if(ranks_sources)
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/units/distributed.cpp)
  write_unit(${unit} ${ranks_sources})
  add_executable(test_distributed ${unit})
  set_target_properties(test_distributed PROPERTIES COMPILE_WARNING_AS_ERROR ON)
  target_link_libraries(test_distributed PRIVATE test_behavior)
  target_compile_options(test_distributed PRIVATE $<$<CONFIG:Release>:-O0>)
  foreach(source IN LISTS ranks_sources)
    tests_of(${source} distributed tests)
    add_tests(test_distributed ${source} ${tests})
  endforeach()
endif()

# test_ranks(NAME RANKS EXPECTED MPIRUN PROGRAM MODE): runs the program; the test passes if its output has the expected text.
function(test_ranks name ranks expected mpirun)
  add_test(NAME distributed/${name} COMMAND ${mpirun} -n ${ranks} ${ARGN})
  # The ranks of Open MPI stop waiting for processors where there are too few; root may run them, as in a container.
  set(environment OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
                  OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none)
  set_tests_properties(distributed/${name} PROPERTIES TIMEOUT 60 LABELS distributed ENVIRONMENT "${environment}"
                                                      PASS_REGULAR_EXPRESSION "${expected}" PROCESSORS ${ranks})
endfunction()

if(NOT "distributed/programs" MATCHES "${FOVEA_TEST_FILTER}")
  return()
endif()

# NCCL's calls, recorded: needs its header and CUDA's, and neither library nor device.
if(FOVEA_NCCL_INCLUDE AND TARGET CUDA::toolkit)
  add_executable(distributed_nccl_calls distributed/nccl_calls.cpp)
  set_target_properties(distributed_nccl_calls PROPERTIES COMPILE_WARNING_AS_ERROR ON)
  target_link_libraries(distributed_nccl_calls PRIVATE fovea_developer CUDA::toolkit)
  target_include_directories(distributed_nccl_calls SYSTEM PRIVATE ${FOVEA_NCCL_INCLUDE})
  target_compile_options(distributed_nccl_calls PRIVATE $<$<CONFIG:Release>:-O0>)
  add_test(NAME distributed/nccl_calls COMMAND distributed_nccl_calls)
  set_tests_properties(distributed/nccl_calls PROPERTIES TIMEOUT 60 LABELS distributed)
endif()

if(NOT TARGET fovea::mpi OR FOVEA_SANITIZE)  # an MPI is full of what sanitizers report
  message(STATUS "fovea: no MPI (libopenmpi-dev), or sanitizers, so distributed/mpi is not tested")
  return()
endif()

set(program distributed_mpi_program)
add_executable(${program} distributed/mpi_program.cpp)
set_target_properties(${program} PROPERTIES COMPILE_WARNING_AS_ERROR ON)
target_link_libraries(${program} PRIVATE fovea_developer fovea::mpi)
target_compile_options(${program} PRIVATE $<$<CONFIG:Release>:-O0>)
set(bits "the bits of one rank")
set(mpirun ${MPIEXEC_EXECUTABLE})
test_ranks(mpi_1 1 "${bits}" ${mpirun} $<TARGET_FILE:${program}> train)
test_ranks(mpi_2 2 "${bits}" ${mpirun} $<TARGET_FILE:${program}> train)
test_ranks(mpi_3 3 "all as alone" ${mpirun} $<TARGET_FILE:${program}> train)
test_ranks(mpi_4 4 "${bits}" ${mpirun} $<TARGET_FILE:${program}> train)
test_ranks(mpi_mismatch 3 "rank 0: trainer: rank 2 has another data set than rank 0" ${mpirun} $<TARGET_FILE:${program}> mismatch)
test_ranks(mpi_fail 3 "fovea: rank 1 failed: no paper" ${mpirun} $<TARGET_FILE:${program}> fail)
test_ranks(mpi_kill 3 "rank 1 .*exited on signal 9" ${mpirun} $<TARGET_FILE:${program}> kill)

# The same program by MPICH, where it is installed beside another MPI.
find_program(FOVEA_MPICXX_MPICH mpicxx.mpich)
find_program(FOVEA_MPIRUN_MPICH mpirun.mpich)
mark_as_advanced(FOVEA_MPICXX_MPICH FOVEA_MPIRUN_MPICH)
if(FOVEA_MPICXX_MPICH AND FOVEA_MPIRUN_MPICH)
  set(mpich ${CMAKE_CURRENT_BINARY_DIR}/distributed_mpich_program)
  add_custom_command(
    OUTPUT ${mpich} DEPFILE ${mpich}.d DEPENDS distributed/mpi_program.cpp VERBATIM
    COMMAND ${FOVEA_MPICXX_MPICH} -std=c++20 -O0 -DMPICH_SKIP_MPICXX -I${PROJECT_SOURCE_DIR}/include -MD -MF ${mpich}.d -MT ${mpich}
            ${CMAKE_CURRENT_SOURCE_DIR}/distributed/mpi_program.cpp -o ${mpich})
  add_custom_target(mpich_program ALL DEPENDS ${mpich})
  test_ranks(mpich_2 2 "${bits}" ${FOVEA_MPIRUN_MPICH} ${mpich} train)
endif()

if(TARGET fraud_mpi)
  add_test(NAME distributed/fraud_mpi
           COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/distributed/fraud_mpi.sh $<TARGET_FILE:fraud_xtensor> $<TARGET_FILE:fraud_mpi>
                   ${mpirun})
  set_tests_properties(distributed/fraud_mpi PROPERTIES TIMEOUT 300 LABELS distributed PROCESSORS 2)
endif()
