// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <istream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include <fovea/error.hpp>

namespace fovea::detail {

/// A binary file that is read from front to back. Never reads more than the file has, so that a false size in a header cannot
/// cause a large allocation. What is not a regular file, such as a pipe, is read into memory first.
class input_file {
 public:
  /// Throws `io_error`, which names the file, if the file cannot be opened.
  explicit input_file(std::filesystem::path const& path) : name_(path.string()) {
    std::error_code failed;
    auto const status = std::filesystem::status(path, failed);
    if (std::filesystem::is_directory(status)) failed = std::make_error_code(std::errc::is_a_directory);
    if (failed) throw io_error(name_ + ": cannot read: " + failed.message());
    file_.open(path, std::ios::binary);
    if (!file_) throw io_error(name_ + ": cannot open");
    if (std::filesystem::is_regular_file(status)) {
      left_ = std::filesystem::file_size(path, failed);
      if (failed) throw io_error(name_ + ": cannot read: " + failed.message());
    } else {
      std::string content(std::istreambuf_iterator<char>(file_), {});
      left_ = content.size(), piped_ = true;
      memory_.str(std::move(content));
    }
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
    read(to, bytes);
    left_ -= bytes;
  }
  /// Reads bytes from this position on. Throws `io_error` if reading fails.
  void read_at(std::uint64_t position, void* to, std::uintmax_t bytes) {
    in().seekg(static_cast<std::streamoff>(position));
    read(to, bytes);
  }

 private:
  std::istream& in() { return piped_ ? static_cast<std::istream&>(memory_) : file_; }
  void read(void* to, std::uintmax_t bytes) {
    in().read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (!in()) throw io_error(name_ + ": reading failed");
  }

  std::string name_;
  std::ifstream file_;
  std::istringstream memory_;  // the content, if piped_
  bool piped_ = false;         // what is read is not a regular file
  std::uintmax_t left_ = 0;
};

}  // namespace fovea::detail
