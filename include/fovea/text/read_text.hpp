// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/text/on_threads.hpp>

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

/// The bytes of a file, read by several threads if the file's size is known, and otherwise by `read_text`.
class file_text {
 public:
  /// Throws what `read_text` throws.
  file_text(std::filesystem::path const& file, std::size_t threads) {
    if (threads < 2 || !read_parts(file, threads)) text_ = read_text(file);
  }
  operator std::string_view() const { return parts_ ? std::string_view(parts_.get(), size_) : text_; }

 private:
  bool read_parts(std::filesystem::path const& file, std::size_t threads) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) return false;
    size_ = static_cast<std::size_t>(std::filesystem::file_size(file, error));
    if (error || size_ < threads) return false;
    parts_.reset(new char[size_]);  // not filled: each thread is the first to touch its part
    std::vector<std::ifstream> files;
    for (std::size_t i = 0; i != threads; ++i) files.emplace_back(file, std::ios::binary);
    std::atomic<bool> complete = true;
    detail::on_threads(threads, [&](std::size_t i) {
      auto const begin = size_ * i / threads, end = size_ * (i + 1) / threads;
      auto& in = files[i];
      in.seekg(static_cast<std::streamoff>(begin))
          .read(parts_.get() + begin, static_cast<std::streamsize>(end - begin));
      if (!in || (i + 1 == threads && in.peek() != std::ifstream::traits_type::eof())) complete = false;
    });
    if (!complete) parts_.reset();  // the file has changed, or cannot be read: read_text says so
    return complete;
  }

  std::unique_ptr<char[]> parts_;
  std::size_t size_ = 0;
  std::string text_;
};

}  // namespace fovea
