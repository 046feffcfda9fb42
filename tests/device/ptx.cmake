# SPDX-License-Identifier: MIT
# cmake -D nvcc= -D include= -D source= -D arch= -D work= -D kernel=REGEX -D needs=LIST -P ptx.cmake: compiles a source to PTX
# and finds each of these instructions in the kernel of that name. Nothing is run.

set(ptx ${work}/${kernel}_${arch}.ptx)
file(MAKE_DIRECTORY ${work})
execute_process(
  COMMAND ${nvcc} -std=c++20 -arch=${arch} -Werror all-warnings -I${include} -ptx ${source} -o ${ptx}
  OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${source} does not compile:\n${text}")
endif()

file(READ ${ptx} text)
string(REGEX REPLACE "[][;]" "," text "${text}")  # what a list would be cut by
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
