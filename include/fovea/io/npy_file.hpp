// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <fovea/error.hpp>
#include <fovea/io/input_file.hpp>
#include <fovea/io/npy_header.hpp>

namespace fovea {

/// Reads the bytes of an NPY file, from front to back. Never reads more than the file has, so that a false size in a
/// header cannot cause a large allocation.
class npy_file : public detail::input_file {
 public:
  using input_file::input_file;

  /// Reads the magic number, the version and the header. Throws `io_error` unless the file begins with these, in NPY
  /// version 1.0, 2.0 or 3.0.
  npy_header header() {
    char magic[8] = {};
    read(magic, sizeof magic, "magic number and version");
    if (std::string_view(magic, 6) != "\x93NUMPY")
      throw io_error(name() + ": expected \\x93NUMPY at the beginning, found " + quoted({magic, 6}));
    auto const major = static_cast<unsigned char>(magic[6]), minor = static_cast<unsigned char>(magic[7]);
    if (major < 1 || major > 3 || minor != 0)
      throw io_error(name() + ": expected NPY version 1.0, 2.0 or 3.0, found " + std::to_string(major) + "." +
                     std::to_string(minor));
    std::uint32_t length = 0;
    read(&length, major == 1 ? 2 : 4, "header length");
    require(length, "header");
    std::string text(length, '\0');
    read(text.data(), length, "header");
    return npy_header_reader(text, name()).read();
  }
};

}  // namespace fovea
