# SPDX-License-Identifier: MIT
# cmake -D source=FILE.cpp -D compiler=C++ -D flags=LIST -D most=LINES -P check.cmake: FILE.cpp compiles; with -DMISUSE it does
# not, an error says what the file's line "// expect: ..." says, and the diagnostics are at most so many lines.

cmake_path(GET source STEM name)
file(READ ${source} text)
set(said "")

function(stop sentence)
  message(NOTICE "${said}\n${name}: ${sentence}")
  message(FATAL_ERROR "${source}")
endfunction()

if(NOT "\n${text}" MATCHES "\n// expect: ([^\n]+)\n")
  stop("there is no line \"// expect: ...\"")
endif()
set(expected "${CMAKE_MATCH_1}")

execute_process(COMMAND ${compiler} ${flags} ${source} RESULT_VARIABLE failed ERROR_VARIABLE said)
if(failed)
  stop("the twin without the misuse does not compile")
endif()

execute_process(COMMAND ${compiler} ${flags} -DMISUSE ${source} RESULT_VARIABLE failed ERROR_VARIABLE said)
if(NOT failed)
  stop("the misuse compiles")
endif()

# The line that holds the sentence is an error's own, not a line of the source that a note happens to show.
string(FIND "${said}" "${expected}" at)
string(SUBSTRING "${said}" 0 ${at} before)
if(at EQUAL -1 OR NOT before MATCHES " error: [^\n]*$")
  stop("no error says \"${expected}\"")
endif()

string(REGEX REPLACE "[^\n]" "" lines "${said}")
string(LENGTH "${lines}" lines)
if(lines GREATER most)
  stop("${lines} lines of diagnostics, at most ${most}")
endif()
message(NOTICE "${said}\n${name}: ${lines} lines")
