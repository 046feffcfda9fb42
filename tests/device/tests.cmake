# SPDX-License-Identifier: MIT
# Tests of device code that need no device: the kernels contain the arithmetic, and everything compiles and links for both
# architectures. The programs conformance/thrust_cuda_* need a device; without one they report that they are skipped.

if(NOT CMAKE_CUDA_COMPILER OR NOT TARGET fovea::thrust_cuda OR FOVEA_SANITIZE)
  message(STATUS "fovea: no CUDA compiler and toolkit, or sanitizers, so device code is not tested")
  return()
endif()

set(ptx ${CMAKE_CURRENT_BINARY_DIR}/device)
file(MAKE_DIRECTORY ${ptx})
add_test(NAME device/ptx COMMAND ${CMAKE_CUDA_COMPILER} -std=c++20 -Werror all-warnings -I${PROJECT_SOURCE_DIR}/include -fatbin
                                 -gencode arch=compute_75,code=compute_75 -gencode arch=compute_90,code=compute_90 --keep
                                 --keep-dir ${ptx} ${CMAKE_CURRENT_SOURCE_DIR}/device/kernels.cu -o ${ptx}/kernels.fatbin)
set_tests_properties(device/ptx PROPERTIES FIXTURES_SETUP ptx LABELS device TIMEOUT 600)
function(test_ptx name kernel)
  foreach(arch IN ITEMS 75 90)
    add_test(NAME device/${name}_sm_${arch} COMMAND ${CMAKE_COMMAND} -D ptx=${ptx}/kernels.compute_${arch}.ptx -D kernel=${kernel}
                                                    -D "needs=${ARGN}" -P ${CMAKE_CURRENT_SOURCE_DIR}/device/ptx.cmake)
    set_tests_properties(device/${name}_sm_${arch} PROPERTIES LABELS device FIXTURES_REQUIRED ptx)
  endforeach()
endfunction()
test_ptx(loss sigmoid_focal_loss ex2.approx fma.rn.f32 div.rn.f32 add.f64 st.global.f32 st.global.f64)
test_ptx(adam optimizer_step fma.rn.f32 sqrt.rn.f32 div.rn.f32 st.global.f32)
test_ptx(can_fail nothing fma.rn.f32)
set_tests_properties(device/can_fail_sm_75 device/can_fail_sm_90 PROPERTIES PASS_REGULAR_EXPRESSION
                                                                             "kernel of nothing has no fma.rn.f32")

test_check(lambda_on_device/nvcc ${CMAKE_CURRENT_LIST_DIR}/lambda.cu ${CMAKE_CUDA_COMPILER}
           "-std=c++20;-I${PROJECT_SOURCE_DIR}/include;-ptx;-o;/dev/null" 40)

enable_language(CUDA)
# These flags do not affect the optimization of device code, and g++ also tests the host code that serves as the reference.
set(CMAKE_CUDA_FLAGS_RELEASE "-O1 -DNDEBUG")
function(cuda_program target source)
  add_executable(${target} ${source})
  target_link_libraries(${target} PRIVATE ${ARGN} fovea::thrust_cuda)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Werror\ all-warnings>)
endfunction()
foreach(name IN ITEMS conformance/thrust_cuda_float device/agree reference/trajectories_cuda)
  string(REPLACE "/" "_" target test_${name})
  cmake_path(GET name PARENT_PATH folder)
  cuda_program(${target} ${name}.cu fovea_test)
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES LABELS ${folder} TIMEOUT 600 SKIP_REGULAR_EXPRESSION "skipped: ")
endforeach()

target_link_libraries(test_conformance_thrust_cuda_float PRIVATE reference_laws)

# Compiles the tests that run on every backend with nvcc, to run them on a device: three translation units hold them all.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/suite.txt suite)
set(unit 0)
foreach(name IN LISTS suite)
  list(APPEND tests_${unit} ${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp)
  math(EXPR unit "(${unit} + 1) % 3")
endforeach()
set(sources)
foreach(unit IN ITEMS 0 1 2)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/device_suite/${unit}.cu)
  write_unit(${source} ${tests_${unit}})
  list(APPEND sources ${source})
endforeach()
cuda_program(test_device_suite "${sources}" fovea_test)
add_test(NAME device/suite COMMAND test_device_suite)
set_tests_properties(device/suite PROPERTIES LABELS device TIMEOUT 600 SKIP_REGULAR_EXPRESSION "skipped: ")
add_subdirectory(gpu)
