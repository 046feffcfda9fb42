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
# One program for a device: in the first unit what needs one, in the second the tests of suite.txt, which run on every backend.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/suite.txt suite)
list(TRANSFORM suite PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
list(TRANSFORM suite APPEND .cpp)
set(alone conformance/thrust_cuda_float device/agree reference/trajectories_cuda)
list(TRANSFORM alone REPLACE "(.+)" "${CMAKE_CURRENT_SOURCE_DIR}/\\1.cu" OUTPUT_VARIABLE alone_sources)
write_unit(${ptx}/alone.cu ${alone_sources})
write_unit(${ptx}/suite.cu ${suite})
cuda_program(test_device "${ptx}/alone.cu;${ptx}/suite.cu" fovea_test reference_laws)
function(add_device_test name)
  add_test(NAME ${name} COMMAND test_device --filenames-as-tags ${none_is_an_error} ${ARGN})
  cmake_path(GET name PARENT_PATH folder)
  set_tests_properties(${name} PROPERTIES LABELS ${folder} TIMEOUT 600 SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()
set(others)
foreach(name IN LISTS alone)
  cmake_path(GET name FILENAME file)
  add_device_test(${name} "[#${file}]")
  string(APPEND others "~[#${file}]")
endforeach()
add_device_test(device/suite "${others}")
# Without a device the suite is only compiled, and floats alone take half of the time.
execute_process(COMMAND nvidia-smi -L RESULT_VARIABLE no_device OUTPUT_QUIET ERROR_QUIET)
if(no_device STREQUAL "0")
  target_compile_definitions(test_device PRIVATE FOVEA_DEVICE_HERE)
endif()
add_subdirectory(gpu)
