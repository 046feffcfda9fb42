// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <ostream>
#include <string>
#include <system_error>

#include <fovea/error.hpp>
#include <fovea/io/replace_file.hpp>

#include "../program.hpp"

namespace fraud::plots {

/// A string in gnuplot's syntax: between single quotes, where only the quote itself is special.
inline std::string quoted(std::string const& text) {
  std::string result = "'";
  for (auto c : text) result.append(c == '\'' ? 2 : 1, c);
  return result + "'";
}

/// True if a gnuplot that can write PNG files is installed.
inline bool has_gnuplot() {
  try {
    run_program({"gnuplot", "--default-settings", "-e", "set terminal pngcairo"}, {.silent = true});
    return true;
  } catch (fovea::io_error const&) {
    return false;
  }
}

/// Creates or replaces a PNG file from gnuplot's commands. On failure an existing file stays unchanged. Throws
/// `fovea::io_error`.
inline void draw(std::filesystem::path const& png, std::string const& commands) {
  struct scratch {
    std::filesystem::path path;
    ~scratch() {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  };
  scratch script{png}, picture{png};
  script.path += ".gnuplot", picture.path += ".part";
  fovea::replace_file(script.path, [&](std::ostream& to) {
    to << "set output " << quoted(picture.path.string()) << '\n' << commands << "set output\n";
  });
  run_program({"gnuplot", "--default-settings", script.path.string()});
  // gnuplot does not report a full disk; the PNG then lacks its end marker
  std::ifstream in(picture.path, std::ios::binary);
  std::string const bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() < 12 || bytes.compare(bytes.size() - 8, 4, "IEND") != 0)
    throw fovea::io_error(png.string() + ": gnuplot wrote no complete picture");
  std::error_code failed;
  std::filesystem::rename(picture.path, png, failed);
  if (failed) throw fovea::io_error(png.string() + ": cannot replace: " + failed.message());
}

}  // namespace fraud::plots
