# SPDX-License-Identifier: MIT
# fovea::safetensors: fovea with what <fovea/io/safetensors.hpp> needs; or fovea_safetensors_missing, as in xtensor.cmake.

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
