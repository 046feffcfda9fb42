// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <string_view>
#include <system_error>

#include <fovea/error.hpp>
#include <fovea/io/npy_header.hpp>

namespace fovea {

/// The bytes of an NPY file, front to back. Asks for no more than the file has, so what a header claims allocates
/// nothing.
class npy_file {
 public:
  /// Throws `io_error`, which names the file, when it cannot be opened.
  explicit npy_file(std::filesystem::path const& path) : name_(path.string()) {
    std::error_code failed;
    left_ = std::filesystem::file_size(path, failed);
    if (failed) throw io_error(name_ + ": cannot read: " + failed.message());
    in_.open(path, std::ios::binary);
    if (!in_) throw io_error(name_ + ": cannot open");
  }

  std::string const& name() const { return name_; }
  std::uintmax_t left() const { return left_; }

  /// Throws `io_error` when fewer bytes are left.
  void read(void* to, std::uintmax_t bytes, char const* what) {
    require(bytes, what);
    in_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (!in_) throw io_error(name_ + ": reading failed");
    left_ -= bytes;
  }

  /// Reads the magic number, the version and the header of versions 1.0, 2.0 and 3.0. Throws `io_error` for any other
  /// file.
  npy_header header() {
    char magic[8] = {};
    read(magic, sizeof magic, "magic number and version");
    if (std::string_view(magic, 6) != "\x93NUMPY")
      throw io_error(name_ + ": expected \\x93NUMPY at the beginning, found " + quoted({magic, 6}));
    auto const major = static_cast<unsigned char>(magic[6]), minor = static_cast<unsigned char>(magic[7]);
    if (major < 1 || major > 3 || minor != 0)
      throw io_error(name_ + ": expected NPY version 1.0, 2.0 or 3.0, found " + std::to_string(major) + "." +
                     std::to_string(minor));
    std::uint32_t length = 0;
    read(&length, major == 1 ? 2 : 4, "header length");
    require(length, "header");
    std::string text(length, '\0');
    read(text.data(), length, "header");
    return npy_header_reader(text, name_).read();
  }

 private:
  void require(std::uintmax_t bytes, char const* what) const {
    if (bytes > left_)
      throw io_error(name_ + ": expected " + std::to_string(bytes) + " bytes of " + what + ", found " +
                     std::to_string(left_));
  }

  std::string name_;
  std::ifstream in_;
  std::uintmax_t left_ = 0;
};

}  // namespace fovea
