// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include <fovea/error.hpp>

namespace fovea {

/// Returns all bytes of a file. Throws `io_error`, with the file's name, if the file cannot be read.
inline std::string read_text(std::filesystem::path const& file) {
  std::error_code none;
  if (std::filesystem::is_directory(file, none)) throw io_error(file.string() + ": cannot read, it is a directory");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) throw io_error(file.string() + ": cannot open: " + std::generic_category().message(errno));

  auto const size = std::filesystem::file_size(file, none);
  std::string text(none ? 0 : static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.append(std::istreambuf_iterator<char>(in), {});  // the rest: the size of a pipe is not known beforehand
  if (in.bad()) throw io_error(file.string() + ": reading failed after " + std::to_string(text.size()) + " bytes");
  return text;
}

}  // namespace fovea
