# SPDX-License-Identifier: MIT
# The target `docs` builds the reference in docs/reference/html of the build folder, and checks it.

find_program(FOVEA_DOXYGEN doxygen)
find_package(Python3 QUIET COMPONENTS Interpreter)
mark_as_advanced(FOVEA_DOXYGEN)
set(FOVEA_REFERENCE ${PROJECT_BINARY_DIR}/docs/reference)
if(FOVEA_DOXYGEN AND Python3_FOUND)
  add_custom_target(
    docs
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/docs/reference.py ${PROJECT_SOURCE_DIR} ${FOVEA_REFERENCE}
    COMMAND ${CMAKE_COMMAND} -E echo "file://${FOVEA_REFERENCE}/html/index.html"
    VERBATIM USES_TERMINAL)
else()
  add_custom_target(docs COMMAND ${CMAKE_COMMAND} -E echo "fovea: the reference needs python3 and doxygen: apt-get install doxygen doxygen-awesome-css"
                         COMMAND ${CMAKE_COMMAND} -E false VERBATIM)
endif()
