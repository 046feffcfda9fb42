# SPDX-License-Identifier: MIT
# Defines fovea::safetensors: fovea with the dependencies of <fovea/io/safetensors.hpp>. If one is missing, sets
# fovea_safetensors_missing instead, as in xtensor.cmake.

if(TARGET fovea::safetensors)
  return()
endif()
if(NOT TARGET nlohmann_json::nlohmann_json)
  find_package(nlohmann_json CONFIG QUIET)
endif()
if(NOT TARGET nlohmann_json::nlohmann_json)
  set(fovea_safetensors_missing "fovea::safetensors needs nlohmann_json: apt-get install nlohmann-json3-dev")
  return()
endif()

add_library(fovea::safetensors INTERFACE IMPORTED ${fovea_scope})
target_link_libraries(fovea::safetensors INTERFACE fovea::fovea nlohmann_json::nlohmann_json)
