# SPDX-License-Identifier: MIT
# Checks the additions that docs/extending.md shows: each of its ```diff blocks applies unchanged to a copy of fovea, the
# headers still include only lower levels, and the added or changed tests build and pass.
#
#   cmake -D document=docs/extending.md -D source=. -D work=FOLDER -D patch=patch -D generator=Ninja -D make=ninja
#         -D compiler=c++ -D prefix_path= -P extending.cmake

cmake_minimum_required(VERSION 3.25)

set(copy ${work}/fovea)
file(REMOVE_RECURSE ${copy})
file(COPY ${source}/CMakeLists.txt ${source}/cmake ${source}/include ${source}/tests DESTINATION ${copy})

file(READ ${document} rest)
set(number 0)
set(tests)
while(TRUE)
  string(FIND "${rest}" "\n```diff\n" begin)
  if(begin EQUAL -1)
    break()
  endif()
  math(EXPR begin "${begin} + 9")
  string(SUBSTRING "${rest}" ${begin} -1 rest)
  string(FIND "${rest}" "\n```\n" end)
  if(end EQUAL -1)
    message(FATAL_ERROR " ${document}: the last diff does not end")
  endif()
  string(SUBSTRING "${rest}" 0 ${end} diff)
  string(SUBSTRING "${rest}" ${end} -1 rest)

  math(EXPR number "${number} + 1")
  file(WRITE ${work}/${number}.diff "${diff}\n")
  execute_process(COMMAND ${patch} --strip=1 --fuzz=0 --batch --directory=${copy} --input=${work}/${number}.diff
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "\\+\\+\\+ b/tests/[a-z_/]+\\.cpp" files "${diff}")
  if(NOT files)
    message(FATAL_ERROR " ${document}: diff ${number} has no test")
  endif()
  list(APPEND tests ${files})
endwhile()
if(number EQUAL 0)
  message(FATAL_ERROR " ${document} shows no diff")
endif()
list(TRANSFORM tests REPLACE ".* b/tests/(.*)\\.cpp" "\\1")
list(JOIN tests "|" filter)

execute_process(COMMAND ${CMAKE_COMMAND} -P ${source}/tests/includes.cmake ${copy}/include COMMAND_ERROR_IS_FATAL ANY)
# Compiles without optimization and without -march=native, which would take five times as long.
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${copy} -B ${work}/build -G ${generator} -DCMAKE_MAKE_PROGRAM=${make}
          -DCMAKE_CXX_COMPILER=${compiler} "-DCMAKE_PREFIX_PATH=${prefix_path}" -DCMAKE_BUILD_TYPE=Debug
          -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DFOVEA_EXAMPLES=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON "-DFOVEA_TEST_FILTER=^(${filter})$"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${work}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${work}/build --output-on-failure --no-tests=error
                COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "${number} diffs apply; their tests pass")
