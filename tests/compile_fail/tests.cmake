# SPDX-License-Identifier: MIT
# Each file in this folder contains a misuse, compiled with -DMISUSE, and its twin, which compiles. An error must contain
# the file's expected sentence, and all diagnostics together have at most 30 lines from g++ and 40 from clang++; those of networks
# and their inputs, and of tensors where others are due, at most 15 from g++. No flag shortens the diagnostics, and the files need only the host backend.

set(folder ${CMAKE_CURRENT_LIST_DIR})
set(made ${CMAKE_CURRENT_BINARY_DIR}/compile_fail)

string(JOIN "|" networks "^(accuracy_of_tensors" float_classes integers_into_linear kernel_too_large network_without_sample residual_shape
       sequential_widths sigmoid_then_dropout sigmoid_under_logits sigmoid_under_softmax training_on_float_classes value_of_a_data_set
       "two_inputs)$")

function(test_check name source compiler flags most)
  add_test(NAME compile_fail/${name} COMMAND ${CMAKE_COMMAND} -D source=${source} -D compiler=${compiler}
                                             -D "flags=${flags}" -D most=${most} -P ${folder}/check.cmake)
  set_tests_properties(compile_fail/${name} PROPERTIES LABELS compile_fail TIMEOUT 600)
endfunction()

# Adds the test compile_fail/MISUSE/NAME for each file, where NAME is the compiler's. A first test precompiles the standard
# headers, which are half of the compile time. (The test `headers` shows that fovea includes every header that it needs.)
function(test_misuses name compiler most)
  string(JOIN "\n" flags ${ARGN} -std=c++20 -Wall -Wextra -Wconversion -Wshadow "\"-I${PROJECT_SOURCE_DIR}/include\"")
  file(WRITE ${made}/${name}.header.flags "${flags}\n")
  set(header ${made}/${name}/standard.hpp)
  file(COPY ${PROJECT_SOURCE_DIR}/tests/standard.hpp DESTINATION ${made}/${name})
  if(name MATCHES "clang")
    set(precompiled ${header}.pch)
    string(APPEND flags "\n-include-pch\n\"${precompiled}\"")
  else()
    set(precompiled ${header}.gch)
    string(APPEND flags "\n-include\n\"${header}\"")
  endif()
  file(WRITE ${made}/${name}.flags "${flags}\n")
  add_test(NAME compile_fail/precompiled/${name} COMMAND ${compiler} @${made}/${name}.header.flags -x c++-header ${header} -o
                                                         ${precompiled})
  set_tests_properties(compile_fail/precompiled/${name} PROPERTIES LABELS compile_fail FIXTURES_SETUP standard_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM misuse)
    set(lines ${most})
    if(name STREQUAL "g++" AND misuse MATCHES "${networks}")
      set(lines 15)
    endif()
    test_check(${misuse}/${name} ${source} ${compiler} "@${made}/${name}.flags;-fsyntax-only" ${lines})
    set_tests_properties(compile_fail/${misuse}/${name} PROPERTIES FIXTURES_REQUIRED standard_${name})
  endforeach()
endfunction()

# A skipped compiler is a separate test, so that the skip hides no other test.
function(skip_misuses name reason)
  add_test(NAME compile_fail/${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${reason}")
  set_tests_properties(compile_fail/${name} PROPERTIES LABELS compile_fail SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()

separate_arguments(own_flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  test_misuses(clang++ ${CMAKE_CXX_COMPILER} 40 ${own_flags})
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  test_misuses(g++ ${CMAKE_CXX_COMPILER} 30 ${own_flags})
  find_program(FOVEA_CLANGXX clang++ DOC "A second compiler for the tests of diagnostics")
  mark_as_advanced(FOVEA_CLANGXX)
  if(FOVEA_CLANGXX)
    test_misuses(clang++ ${FOVEA_CLANGXX} 40)
  else()
    skip_misuses(clang++ "there is no clang++")
  endif()
else()
  skip_misuses(${CMAKE_CXX_COMPILER_ID} "nobody has counted this compiler's lines")
endif()

# Shows that the check can fail and can pass.
function(test_verdict name text sentence)
  file(WRITE ${made}/verdict/${name}.cpp "${text}")
  test_check(verdict/${name} ${made}/verdict/${name}.cpp ${CMAKE_CXX_COMPILER}
             "@${made}/verdict/flags;-fsyntax-only" 12)
  set_tests_properties(compile_fail/verdict/${name} PROPERTIES PASS_REGULAR_EXPRESSION "${name}: ${sentence}")
endfunction()
file(WRITE ${made}/verdict/flags "-std=c++20\n")
set(misuse "\n#ifdef MISUSE\nstatic_assert(sizeof(int) == 0, \"one; two\");\n#endif\n")
test_verdict(good "// expect: one; two${misuse}" "[1-9] lines")
test_verdict(expects_nothing "${misuse}" "there is no line")
test_verdict(twin_fails "// expect: one; two\nint i = j;\n" "the twin without the misuse does not compile")
test_verdict(misuse_compiles "// expect: one; two\n" "the misuse compiles")
test_verdict(says_other "// expect: one; three${misuse}" "no error says .one. three")
test_verdict(says_no_error "// expect: two;\n#ifdef MISUSE\n#warning one; two;\n#error\n#endif\n" "no error says .two.")
test_verdict(too_long "// expect: one; two${misuse}${misuse}${misuse}${misuse}${misuse}" "[0-9]+ lines of diagnostics, at most 12")
