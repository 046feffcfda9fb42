// SPDX-License-Identifier: MIT
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <random>
#include <stdexcept>
#include <string>

#include <fovea/io/replace_file.hpp>

#include "../catch.hpp"

namespace {

std::string content(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("replace_file replaces a file completely or not at all") {
  auto const folder =
      std::filesystem::temp_directory_path() / ("fovea_test_replace_file_" + std::to_string(std::random_device{}()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto const file = folder / "a";
  auto const files = [&] { return std::distance(std::filesystem::directory_iterator(folder), {}); };

  fovea::replace_file(file, [](std::ostream& out) { out << "first, and longer"; });
  CHECK(content(file) == "first, and longer");
  fovea::replace_file(file, [](std::ostream& out) { out << "second"; });
  CHECK(content(file) == "second");

  CHECK_THROWS_AS(fovea::replace_file(file,
                                      [](std::ostream& out) {
                                        out << "third";
                                        throw std::out_of_range("midway");
                                      }),
                  std::out_of_range);
  CHECK_THROWS_AS(fovea::replace_file(file, [](std::ostream& out) { out.setstate(std::ios::badbit); }),
                  fovea::io_error);
  CHECK(content(file) == "second");
  CHECK(files() == 1);
  std::filesystem::remove_all(folder);
}
