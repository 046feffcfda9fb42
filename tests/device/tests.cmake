# SPDX-License-Identifier: MIT
# What can be shown of device code without a device: the arithmetic is in the kernels, and all compiles and links for both
# architectures. conformance/thrust_cuda_* are programs for a machine that has one; elsewhere they say that they are skipped.

if(NOT CMAKE_CUDA_COMPILER OR NOT TARGET fovea::thrust_cuda OR FOVEA_SANITIZE)
  message(STATUS "fovea: no CUDA compiler and toolkit, or sanitizers, so device code is not tested")
  return()
endif()

function(test_ptx name kernel)
  foreach(arch IN ITEMS sm_75 sm_90)
    add_test(
      NAME device/${name}_${arch}
      COMMAND ${CMAKE_COMMAND} -D nvcc=${CMAKE_CUDA_COMPILER} -D include=${PROJECT_SOURCE_DIR}/include -D arch=${arch} -D
              source=${CMAKE_CURRENT_SOURCE_DIR}/device/kernels.cu -D work=${CMAKE_CURRENT_BINARY_DIR}/device -D
              kernel=${kernel} -D "needs=${ARGN}" -P ${CMAKE_CURRENT_SOURCE_DIR}/device/ptx.cmake)
    set_tests_properties(device/${name}_${arch} PROPERTIES LABELS device TIMEOUT 600)
  endforeach()
endfunction()
test_ptx(loss sigmoid_focal_loss ex2.approx fma.rn.f32 div.rn.f32 add.f64 st.global.f32 st.global.f64)
test_ptx(adam optimizer_step fma.rn.f32 sqrt.rn.f32 div.rn.f32 st.global.f32)
test_ptx(can_fail nothing fma.rn.f32)
set_tests_properties(device/can_fail_sm_75 device/can_fail_sm_90 PROPERTIES PASS_REGULAR_EXPRESSION
                                                                             "kernel of nothing has no fma.rn.f32")

test_check(lambda_on_device/nvcc ${CMAKE_CURRENT_LIST_DIR}/lambda.cu ${CMAKE_CUDA_COMPILER}
           "-std=c++20;-I${PROJECT_SOURCE_DIR}/include;-ptx;-o;/dev/null" 40)

if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75 90)
endif()
enable_language(CUDA)
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

# Tests that run on every backend, made by nvcc into tests of a device.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/suite.txt suite)
set(sources)
foreach(name IN LISTS suite)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/device_suite/${name}.cu)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp\"\n")
  list(APPEND sources ${source})
endforeach()
cuda_program(test_device_suite "${sources}" fovea_test)
add_test(NAME device/suite COMMAND test_device_suite)
set_tests_properties(device/suite PROPERTIES LABELS device TIMEOUT 600 SKIP_REGULAR_EXPRESSION "skipped: ")
cuda_program(gpu_benchmarks gpu/benchmarks.cu)
