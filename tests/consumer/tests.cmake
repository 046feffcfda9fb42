# SPDX-License-Identifier: MIT
# Tests fovea as a package: installed, as a subdirectory, fetched and by pkg-config, with and without the dependencies of its
# components.

function(test_consumer name case)
  add_test(
    NAME consumer/${name}
    COMMAND ${CMAKE_COMMAND} -D case=${case} -D source=${PROJECT_SOURCE_DIR} -D work=${CMAKE_CURRENT_BINARY_DIR}/consumer
            -D generator=${CMAKE_GENERATOR} -D make=${CMAKE_MAKE_PROGRAM} -D compiler=${CMAKE_CXX_COMPILER}
            -D "prefix_path=${CMAKE_PREFIX_PATH}" -D version=${PROJECT_VERSION} ${ARGN} -P ${CMAKE_CURRENT_SOURCE_DIR}/consumer/run.cmake)
  set_tests_properties(consumer/${name} PROPERTIES LABELS consumer TIMEOUT 600)
endfunction()

test_consumer(install install)
set_tests_properties(consumer/install PROPERTIES FIXTURES_SETUP consumer_prefix)
test_consumer(install_can_fail install -D work=${CMAKE_CURRENT_BINARY_DIR}/consumer_fail -D without=fovea/config.hpp)
set_tests_properties(consumer/install_can_fail PROPERTIES PASS_REGULAR_EXPRESSION "installed without fovea/config.hpp")
if(TARGET fovea::thrust)
  test_consumer(package_thrust package -D components=thrust)
  test_consumer(package_thrust_without_openmp package -D components=thrust -D without=OpenMP)
endif()
foreach(mode IN ITEMS package subdirectory fetch)
  test_consumer(${mode}_host ${mode})
  test_consumer(${mode} ${mode} -D components=xtensor,safetensors)
endforeach()
test_consumer(missing missing)
test_consumer(exported exported)
test_consumer(vcpkg vcpkg)
set(need_prefix consumer/package_host consumer/package consumer/missing)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  test_consumer(strict strict)
  list(APPEND need_prefix consumer/strict)
endif()
if(TARGET fovea::thrust)
  list(APPEND need_prefix consumer/package_thrust consumer/package_thrust_without_openmp)
endif()
find_program(FOVEA_PKG_CONFIG pkg-config)
mark_as_advanced(FOVEA_PKG_CONFIG)
if(FOVEA_PKG_CONFIG)
  test_consumer(pkg_config pkg_config -D thrust_include=${FOVEA_THRUST_INCLUDE})
  list(APPEND need_prefix consumer/pkg_config)
endif()
set_tests_properties(${need_prefix} PROPERTIES FIXTURES_REQUIRED consumer_prefix)
