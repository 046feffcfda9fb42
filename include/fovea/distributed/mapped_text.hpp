// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#if __has_include(<sys/mman.h>)
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <fovea/text/read_text.hpp>

namespace fovea::detail {

/// The bytes of a file, of which the system reads those that are looked at; where it cannot, all are read.
class mapped_text {
 public:
  /// Throws what `read_text` throws.
  explicit mapped_text(std::filesystem::path const& file) {
    if (!map(file)) text_ = read_text(file);
  }
  mapped_text(mapped_text const&) = delete;
  mapped_text& operator=(mapped_text const&) = delete;
  ~mapped_text() {
#if __has_include(<sys/mman.h>)
    if (mapped_) ::munmap(mapped_, size_);
#endif
  }
  operator std::string_view() const { return mapped_ ? std::string_view(static_cast<char*>(mapped_), size_) : text_; }

 private:
  bool map([[maybe_unused]] std::filesystem::path const& file) {
#if __has_include(<sys/mman.h>)
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) return false;
    auto const size = std::filesystem::file_size(file, error);
    if (error || size == 0) return false;
    int const opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened < 0) return false;
    void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, opened, 0);
    ::close(opened);
    if (at == MAP_FAILED) return false;
    mapped_ = at, size_ = size;
    return true;
#else
    return false;
#endif
  }

  void* mapped_ = nullptr;
  std::size_t size_ = 0;
  std::string text_;
};

}  // namespace fovea::detail
