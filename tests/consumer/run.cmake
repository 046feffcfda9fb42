# SPDX-License-Identifier: MIT
# cmake -D case=... -P run.cmake: installs fovea and builds a third-party program with it. All paths contain a space.
# tests.cmake sets source, work, generator, make, compiler, prefix_path and components.

set(work "${work}/in a folder")
set(prefix ${work}/moved)
list(PREPEND prefix_path ${prefix})
cmake_path(CONVERT "${prefix_path};$ENV{CMAKE_PREFIX_PATH}" TO_NATIVE_PATH_LIST prefixes)
set(ENV{CMAKE_PREFIX_PATH} "${prefixes}")
set(compile -G ${generator} -DCMAKE_MAKE_PROGRAM=${make} -DCMAKE_CXX_COMPILER=${compiler})
set(nothing_else -DCMAKE_DISABLE_FIND_PACKAGE_xtensor=ON -DCMAKE_DISABLE_FIND_PACKAGE_xsimd=ON
                 -DCMAKE_DISABLE_FIND_PACKAGE_BLAS=ON -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Copies the consumer's sources and links fovea's sources next to them, for the modes that need them.
function(prepare folder)
  file(REMOVE_RECURSE ${folder})
  file(GLOB sources ${CMAKE_CURRENT_LIST_DIR}/*.cpp ${CMAKE_CURRENT_LIST_DIR}/*.hpp)
  file(COPY ${sources} ${CMAKE_CURRENT_LIST_DIR}/CMakeLists.txt DESTINATION ${folder})
  file(CREATE_LINK ${source} ${folder}/fovea SYMBOLIC)
endfunction()

function(test_install)
  file(REMOVE_RECURSE ${work}/fovea ${work}/prefix ${prefix})
  run(${CMAKE_COMMAND} -S ${source} -B ${work}/fovea ${compile} ${nothing_else} -DFOVEA_TESTS=OFF -DFOVEA_EXAMPLES=OFF
      -DCMAKE_INSTALL_PREFIX=${work}/prefix)
  run(${CMAKE_COMMAND} --build ${work}/fovea --target install)
  file(RENAME ${work}/prefix ${prefix})

  file(GLOB_RECURSE wanted RELATIVE ${source}/include ${source}/include/*)
  file(GLOB_RECURSE headers RELATIVE ${prefix}/include ${prefix}/include/*)
  if(without)  # shows that the comparison can fail
    list(REMOVE_ITEM headers ${without})
  endif()
  set(lacking ${wanted})
  list(REMOVE_ITEM lacking ${headers})
  list(REMOVE_ITEM headers ${wanted} "")
  if(lacking OR headers)
    message(FATAL_ERROR "installed without ${lacking}; with ${headers}, which nobody wrote")
  endif()

  file(GLOB_RECURSE texts ${prefix}/share/*)
  foreach(text IN LISTS texts)
    file(STRINGS ${text} lines REGEX "(^|[^a-zA-Z0-9_}.])/[a-z]+/")
    if(lines)
      message(FATAL_ERROR "${text} names a place on this machine: ${lines}")
    endif()
  endforeach()
endfunction()

# MODE: package, subdirectory or fetch. Without components, all of their dependencies are disabled.
function(test_use mode)
  set(folder ${work}/${mode}_${components})  # components, as "xtensor,safetensors": a semicolon would end the argument
  prepare(${folder})
  set(absent)
  if(NOT components)
    set(absent ${nothing_else})
  endif()
  run(${CMAKE_COMMAND} -S ${folder} -B ${folder}/build ${compile} ${absent} -DMODE=${mode} -DCOMPONENTS=${components})
  run(${CMAKE_COMMAND} --build ${folder}/build)
  run(${folder}/build/consumer)
  file(STRINGS ${folder}/build/compile_commands.json flags REGEX " -(W|O|f[^o]|g)| -D(NDEBUG|FOVEA_[^C])")  # allows -fopenmp, FOVEA_CBLAS: Thrust's
  if(flags)
    message(FATAL_ERROR "flags that the consumer did not ask for: ${flags}")
  endif()
endfunction()

# The error names the missing dependency, whatever else is installed.
function(test_missing component disabled sentence)
  set(folder ${work}/missing_${component})
  prepare(${folder})
  execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${folder} -B ${folder}/build ${compile} ${disabled} -DMODE=package
            -DCOMPONENTS=${component}
    RESULT_VARIABLE status ERROR_VARIABLE said)
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  if(status EQUAL 0 OR NOT said MATCHES "${sentence}")
    message(FATAL_ERROR "should have failed with: ${sentence}; ${status}: ${said}")
  endif()
endfunction()

function(test_pkg_config name sources)
  set(ENV{PKG_CONFIG_PATH} "${prefix}/share/pkgconfig:$ENV{PKG_CONFIG_PATH}")
  execute_process(COMMAND pkg-config --cflags --libs ${name} OUTPUT_VARIABLE flags COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  run(${compiler} -std=c++20 ${sources} ${flags} -o ${work}/${name}.out)
  run(${work}/${name}.out)
endfunction()

if(case STREQUAL "install")
  test_install()
elseif(case STREQUAL "missing")
  test_missing(xtensor -DCMAKE_DISABLE_FIND_PACKAGE_xtensor=ON "fovea::xtensor needs xtensor: apt-get install libxtensor-dev")
  test_missing(xtensor "${nothing_else}" "needs xtensor, xsimd, a BLAS with cblas_sgemm: apt-get install ")
  test_missing(safetensors "${nothing_else}" "fovea::safetensors needs nlohmann_json: apt-get install ")
  test_missing(tensor "" "fovea has no component tensor; it has xtensor, safetensors and thrust")
elseif(case STREQUAL "pkg_config")
  cmake_path(GET CMAKE_CURRENT_LIST_FILE PARENT_PATH here)
  test_pkg_config(fovea ${here}/host.cpp)
  execute_process(COMMAND pkg-config --exists --print-errors xtl xtensor xsimd openblas RESULT_VARIABLE absent)
  if(NOT absent)
    test_pkg_config(fovea-xtensor "${here}/xtensor.cpp;${here}/xtensor_other.cpp")
  endif()
elseif(case STREQUAL "vcpkg")
  file(READ ${source}/cmake/packaging/vcpkg/vcpkg.json manifest)
  string(JSON stated GET "${manifest}" version-semver)
  if(NOT stated STREQUAL version)
    message(FATAL_ERROR "vcpkg.json says ${stated}, include/fovea/config.hpp ${version}")
  endif()
else()
  test_use(${case})
endif()
