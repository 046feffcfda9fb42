// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include <fovea/error.hpp>

#include "../catch.hpp"

namespace safetensors_test {

inline std::filesystem::path const fixtures = std::filesystem::path(FOVEA_FIXTURES_DIR) / "safetensors";

inline std::string bytes_of(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A separate folder for each test case, removed at its end.
struct folder {
  std::filesystem::path const path =
      std::filesystem::temp_directory_path() / ("fovea_test_safetensors_" + std::to_string(std::random_device{}()));
  std::filesystem::path const file = path / "a.safetensors";

  folder() { std::filesystem::create_directories(path); }
  ~folder() { std::filesystem::remove_all(path); }

  std::filesystem::path const& holding(std::string_view bytes) const {
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }

  /// Returns the message of the error that f(file) throws, without the file's name.
  template <class Error = fovea::io_error, class F> std::string refusal(std::string_view content, F const& f) const {
    try {
      f(holding(content));
    } catch (Error const& thrown) {
      std::string const what = thrown.what();
      CHECK(what.starts_with(file.string() + ": "));
      return what.substr(std::min(what.size(), file.string().size() + 2));
    }
    return "nothing thrown";
  }
};

/// Returns a file with this unpadded header and this data.
inline std::string made(std::string const& header, std::string const& data = "") {
  std::string length;
  for (int byte = 0; byte != 8; ++byte) length += static_cast<char>((header.size() >> (8 * byte)) & 0xFF);
  return length + header + data;
}

/// Returns a tensor's header entry: entry("a", "F32", "[1]", "[0,4]").
inline std::string entry(std::string const& name, std::string const& dtype, std::string const& shape,
                         std::string const& offsets) {
  return '"' + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + '}';
}

}  // namespace safetensors_test
