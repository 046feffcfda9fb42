# SPDX-License-Identifier: MIT
# cmake -D source=FILE.cpp -D compiler=C++ -D flags=LIST -D most=LINES -P check.cmake: checks that FILE.cpp compiles, and
# that with -DMISUSE compilation fails, an error contains the sentence of the file's line "// expect: ...", and the
# diagnostics have at most LINES lines.

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

# The line with the sentence must be an error itself, not a source line that a note quotes. In a constant expression, where no text can
# be thrown, the sentence is the name of a function, which clang tells in a note.
string(FIND "${said}" "${expected}" at)
string(SUBSTRING "${said}" 0 ${at} before)
if(at EQUAL -1 OR NOT before MATCHES " (error:|note: non-constexpr function) [^\n]*$")
  stop("no error says \"${expected}\"")
endif()

string(REGEX REPLACE "[^\n]" "" lines "${said}")
string(LENGTH "${lines}" lines)
if(lines GREATER most)
  stop("${lines} lines of diagnostics, at most ${most}")
endif()
message(NOTICE "${said}\n${name}: ${lines} lines")
