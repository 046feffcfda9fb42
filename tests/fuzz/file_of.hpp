// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

/// A file in memory with these bytes.
class file_of {
 public:
  file_of(std::uint8_t const* bytes, std::size_t size) : descriptor_(memfd_create("fuzz", 0)) {
    for (std::size_t written = 0; written != size;) {
      auto const n = write(descriptor_, bytes + written, size - written);
      if (n <= 0) std::abort();
      written += static_cast<std::size_t>(n);
    }
  }
  file_of(file_of const&) = delete;
  file_of& operator=(file_of const&) = delete;
  ~file_of() { close(descriptor_); }

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

/// Ends the run, which reports the input, unless the law holds.
inline void hold(bool law) {
  if (!law) std::abort();
}
