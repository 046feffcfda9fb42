// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <system_error>

#include <fovea/error.hpp>

namespace fovea::detail {

/// A binary file that is read from front to back. Never reads more than the file has, so that a false size in a header cannot
/// cause a large allocation.
class input_file {
 public:
  /// Throws `io_error`, which names the file, if the file cannot be opened.
  explicit input_file(std::filesystem::path const& path) : name_(path.string()) {
    std::error_code failed;
    left_ = std::filesystem::file_size(path, failed);
    if (failed) throw io_error(name_ + ": cannot read: " + failed.message());
    in_.open(path, std::ios::binary);
    if (!in_) throw io_error(name_ + ": cannot open");
  }

  std::string const& name() const { return name_; }
  /// Returns the number of bytes that have not been read yet.
  std::uintmax_t left() const { return left_; }

  /// Throws `io_error`, which says `what` was expected, if fewer bytes are left.
  void require(std::uintmax_t bytes, char const* what) const {
    if (bytes > left_)
      throw io_error(name_ + ": expected " + std::to_string(bytes) + " bytes of " + what + ", found " +
                     std::to_string(left_));
  }
  /// Reads the next bytes. Throws what `require` throws, and `io_error` if reading fails.
  void read(void* to, std::uintmax_t bytes, char const* what) {
    require(bytes, what);
    in_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (!in_) throw io_error(name_ + ": reading failed");
    left_ -= bytes;
  }
  /// Reads bytes from this position on. Throws `io_error` if reading fails.
  void read_at(std::uint64_t position, void* to, std::uintmax_t bytes) {
    in_.seekg(static_cast<std::streamoff>(position));
    in_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (!in_) throw io_error(name_ + ": reading failed");
  }

 private:
  std::string name_;
  std::ifstream in_;
  std::uintmax_t left_ = 0;
};

}  // namespace fovea::detail
