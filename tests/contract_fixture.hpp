// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fovea/io/safetensors_file.hpp>

#include "catch.hpp"

/// Returns a tensor of fixtures/torch/FOLDER/FILE.safetensors, integers as doubles.
inline std::vector<double> contract_fixture(std::string const& file, std::string const& name,
                                            std::string const& folder = "contract") {
  static std::map<std::string, fovea::safetensors_file> opened;
  auto const path = std::string(FOVEA_FIXTURES_DIR "/torch/") + folder + "/" + file + ".safetensors";
  auto& from = opened.try_emplace(path, path).first->second;
  auto const* entry = from.header().find(name);
  if (!entry) FAIL("the fixture has no " << name);
  if (entry->dtype != "I64") return from.values<double>(*entry);
  auto const all = from.values<std::int64_t>(*entry);
  return {all.begin(), all.end()};
}
