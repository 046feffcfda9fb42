# SPDX-License-Identifier: MIT
# Checks what cmake/needed.py prints in a folder where nothing is built: the programs of the selected tests, and no others.
#
#   cmake -D python=PYTHON -D script=NEEDED_PY -D folder=FOLDER -P needed.cmake

file(REMOVE_RECURSE ${folder})
file(WRITE ${folder}/main.cpp "int main() {}\n")
file(WRITE ${folder}/CMakeLists.txt [[
cmake_minimum_required(VERSION 3.25)
project(needed CXX)
enable_testing()
foreach(name IN ITEMS one two three)
  add_executable(${name} main.cpp)
endforeach()
add_test(NAME first COMMAND one "[#file]~[.]")
add_test(NAME second COMMAND ${CMAKE_COMMAND} -D program=$<TARGET_FILE:two> -P script.cmake)
add_test(NAME third COMMAND three)
]])
execute_process(COMMAND ${CMAKE_COMMAND} -G Ninja -S ${folder} -B ${folder}/build OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${python} ${script} ${folder}/build -R "^(first|second)$" OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
if(NOT found STREQUAL "one\ntwo\n")
  message(FATAL_ERROR "needed.py printed \"${found}\", not one and two")
endif()
