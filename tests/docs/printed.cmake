# SPDX-License-Identifier: MIT
# Runs a program and stops unless the document contains each printed table verbatim.
#
#   cmake -D document=losses.md -D program=docs_losses -P printed.cmake

cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${program}" OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
file(READ "${document}" text)
set(tables 0)
while(NOT printed STREQUAL "")
  string(FIND "${printed}" "\n\n" end)  # an empty line follows each table
  if(end EQUAL -1)
    message(FATAL_ERROR "${program}: an empty line must follow each table")
  endif()
  string(SUBSTRING "${printed}" 0 ${end} table)
  math(EXPR end "${end} + 2")
  string(SUBSTRING "${printed}" ${end} -1 printed)
  string(FIND "${text}" "${table}\n" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${document} does not hold this table, which ${program} prints:\n${table}")
  endif()
  math(EXPR tables "${tables} + 1")
endwhile()
if(tables EQUAL 0)
  message(FATAL_ERROR "${program} printed nothing")
endif()
message(STATUS "${document} holds all ${tables} tables")
