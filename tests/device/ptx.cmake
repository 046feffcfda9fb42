# SPDX-License-Identifier: MIT
# cmake -D ptx=FILE -D kernel=REGEX -D needs=LIST -P ptx.cmake: checks that the kernel contains each of these
# instructions. Runs nothing on a device.

file(READ ${ptx} text)
string(REGEX REPLACE "[][;]" "," text "${text}")  # characters that split or join list items
string(REPLACE ".entry" ";" kernels "${text}")
list(POP_FRONT kernels)
set(found FALSE)
foreach(body IN LISTS kernels)
  string(REGEX MATCH "^[^(]*" name "${body}")
  if(NOT name MATCHES "${kernel}")
    continue()
  endif()
  set(found TRUE)
  foreach(instruction IN LISTS needs)
    string(FIND "${body}" "${instruction}" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "the kernel of ${kernel} has no ${instruction}")
    endif()
  endforeach()
endforeach()
if(NOT found)
  message(FATAL_ERROR "there is no kernel of ${kernel}")
endif()
message(NOTICE "the kernel of ${kernel} has ${needs}")
