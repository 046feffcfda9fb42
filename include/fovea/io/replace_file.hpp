// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <ostream>
#include <random>
#include <string>
#include <system_error>

#include <fovea/error.hpp>

namespace fovea {

/// Creates or replaces a file as a whole: `write(stream)` fills a temporary file in the same folder, which is then
/// renamed to `file`. On failure, an existing file stays as it is and the temporary file is removed.
/// Throws `io_error`, with the file's name, if the file cannot be written or replaced, and what `write` throws.
template <std::invocable<std::ostream&> Write> void replace_file(std::filesystem::path const& file, Write write) {
  struct temporary {
    std::filesystem::path path;
    ~temporary() {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  };
  std::random_device random;
  temporary beside{file};
  beside.path += std::to_string(random()).insert(0, 1, '.').append(".tmp");

  errno = 0;
  std::ofstream out(beside.path, std::ios::binary);
  if (!out) throw io_error(file.string() + ": cannot write: " + std::generic_category().message(errno));
  write(static_cast<std::ostream&>(out));
  out.close();
  if (!out) throw io_error(file.string() + ": writing failed: " + std::generic_category().message(errno));

  std::error_code failed;
  std::filesystem::rename(beside.path, file, failed);
  if (failed) throw io_error(file.string() + ": cannot replace: " + failed.message());
}

}  // namespace fovea
