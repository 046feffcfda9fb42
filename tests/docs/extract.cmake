# SPDX-License-Identifier: MIT
# Makes a translation unit from a document's ```cpp blocks, to check that code copied from the document compiles:
#
#   cmake -D document=README.md -D unit=README.cpp -P extract.cmake
#
# Each block becomes the body of its own function; lines with #include go to the top of the unit. An HTML comment on the line
# before a block changes that:
#
#   <!-- cpp: declarations -->           the block goes to namespace scope, before all functions
#   <!-- cpp: global -->                 the same at global scope, to specialize a template of the library
#   <!-- cpp: continues -->              the block continues the function of the preceding block
#   <!-- cpp: not compiled: WHY -->      the block is left out
#   <!-- cpp: with                       the following lines precede the block in its scope; one of the above may follow
#   extern xt::xtensor<float, 2> logits;
#   -->
#
# Compiler diagnostics name the document and its line. Stops at an unknown comment or at a comment without a following block.

cmake_minimum_required(VERSION 3.25)

file(READ "${document}" rest)
set(number 0)
set(state text)
set(role function)
set(given "")
set(includes "")
set(declarations "")
set(functions "")

# The leading space keeps CMake from wrapping the line.
function(stop sentence)
  message(FATAL_ERROR " ${document}:${number}: ${sentence}")
endfunction()

while(NOT rest STREQUAL "")
  # Does not use CMake lists, because C++ is full of semicolons and brackets.
  string(FIND "${rest}" "\n" end)
  if(end EQUAL -1)
    set(line "${rest}")
    set(rest "")
  else()
    string(SUBSTRING "${rest}" 0 ${end} line)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" ${end} -1 rest)
  endif()
  math(EXPR number "${number} + 1")

  if(state STREQUAL "code")
    if(NOT line MATCHES "^ *```")
      if(line MATCHES "^ *#include")
        string(APPEND includes "${line}\n")
        set(line "")
      endif()
      string(APPEND code "${line}\n")
      continue()
    endif()
    set(state text)
    if(role STREQUAL "declarations")
      string(APPEND declarations "${code}\n")
    elseif(role STREQUAL "global")
      string(APPEND declarations "}\n${code}namespace {\n")
    elseif(role STREQUAL "continues")
      if(functions STREQUAL "")
        stop("no block to continue")
      endif()
      string(APPEND functions "${code}")
    elseif(role STREQUAL "function")
      if(NOT functions STREQUAL "")
        string(APPEND functions "}\n")
      endif()
      string(APPEND functions "\nvoid block_${first}() {\n${code}")
    endif()
    set(role function)
    set(given "")
  elseif(state STREQUAL "other")
    if(line MATCHES "^ *```")
      set(state text)
    endif()
  elseif(state STREQUAL "with")
    if(line STREQUAL "-->")
      set(state text)
    else()
      string(APPEND given "${line}\n")
    endif()
  elseif(line MATCHES "^ *```cpp *$")
    set(state code)
    set(first ${number})
    math(EXPR next "${number} + 1")
    set(code "${given}#line ${next} \"${document}\"\n")
  elseif(line MATCHES "^<!-- cpp: with$")
    set(state with)
    math(EXPR next "${number} + 1")
    set(given "#line ${next} \"${document}\"\n")
  elseif(line MATCHES "^<!-- cpp: (declarations|global|continues) -->$")
    set(role ${CMAKE_MATCH_1})
  elseif(line MATCHES "^<!-- cpp: not compiled: .+ -->$")
    set(role none)
  elseif(line MATCHES "cpp:")
    stop("unknown: ${line}")
  elseif(NOT role STREQUAL "function" OR NOT given STREQUAL "")
    stop("a comment for a block, but no block follows it")
  elseif(line MATCHES "^ *```")
    set(state other)
  endif()
endwhile()
if(NOT state STREQUAL "text")
  stop("the last block does not end")
endif()
if(NOT functions STREQUAL "")
  string(APPEND functions "}\n")
endif()

file(WRITE "${unit}" "${includes}\nnamespace {\n${declarations}${functions}\n}  // namespace\n")
