// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <system_error>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/io/safetensors_header.hpp>
#include <fovea/io/safetensors_header_reader.hpp>
#include <fovea/text/parse_errors.hpp>

namespace fovea {

static_assert(std::endian::native == std::endian::little,
              "safetensors: values are read and written as they are in memory");

/// What safetensors files are read into and written from.
template <class T>
concept safetensors_value = std::same_as<T, float> || std::same_as<T, double>;

/// "F32" or "F64", as a header spells it.
template <safetensors_value T> constexpr char const* safetensors_dtype = std::same_as<T, float> ? "F32" : "F64";

namespace detail {

/// The value of an IEEE half, exactly.
constexpr float from_f16(std::uint16_t bits) {
  std::uint32_t const sign = (bits & 0x8000u) << 16, exponent = (bits >> 10) & 31u, fraction = bits & 1023u;
  if (exponent == 0) {
    auto const magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent == 31 ? 0x7F800000u : (exponent + 112) << 23) | fraction << 13);
}
constexpr float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

}  // namespace detail

/// An open safetensors file: its header is read and checked, its tensors are read when they are asked for. Asks for no
/// more than the file has, so what a header claims allocates nothing.
class safetensors_file {
 public:
  /// Throws `io_error`, which names the file, what was expected and what was found.
  explicit safetensors_file(std::filesystem::path const& path) : name_(path.string()) {
    std::error_code failed;
    auto left = std::filesystem::file_size(path, failed);
    if (failed) throw io_error(name_ + ": cannot read: " + failed.message());
    in_.open(path, std::ios::binary);
    if (!in_) throw io_error(name_ + ": cannot open");

    std::uint64_t length = 0;
    if (left < sizeof length)
      throw io_error(name_ + ": expected 8 bytes of header length, found " + std::to_string(left));
    read(&length, sizeof length);
    left -= sizeof length;
    if (length > left || length > safetensors_header::most_bytes)
      throw io_error(name_ + ": expected a header of at most " +
                     std::to_string(std::min<std::uint64_t>(left, safetensors_header::most_bytes)) +
                     " bytes, found a header length of " + std::to_string(length));
    std::string text(static_cast<std::size_t>(length), '\0');
    read(text.data(), length);
    header_ = read_safetensors_header(text, left - length, name_);
    data_ = sizeof length + length;
  }

  std::string const& name() const { return name_; }
  safetensors_header const& header() const { return header_; }

  /// Throws `io_error` unless this tensor, one of the header's, is of `T`, or of a dtype all of whose values are a `T`.
  template <safetensors_value T> void require_widens(safetensors_entry const& tensor) const {
    auto const bytes = detail::safetensors_value_bytes(tensor.dtype);
    if (bytes == 0 || bytes > sizeof(T))
      throw io_error(name_ + ": tensor " + quoted(tensor.name) + ": expected dtype \"" + safetensors_dtype<T> +
                     "\" or one that widens to it, found " + quoted(tensor.dtype));
  }

  /// The values of one of the header's tensors, row-major. Throws as `require_widens` does, and when reading fails.
  template <safetensors_value T> std::vector<T> values(safetensors_entry const& tensor) {
    require_widens<T>(tensor);
    if (tensor.dtype == safetensors_dtype<T>) return stored<T>(tensor);
    if (tensor.dtype == "F16") return widened<T, std::uint16_t>(tensor, detail::from_f16);
    if (tensor.dtype == "BF16") return widened<T, std::uint16_t>(tensor, detail::from_bf16);
    return widened<T, float>(tensor, [](float x) { return x; });
  }

 private:
  template <class Stored> std::vector<Stored> stored(safetensors_entry const& tensor) {
    auto const bytes = tensor.end - tensor.begin;
    std::vector<Stored> result(static_cast<std::size_t>(bytes / sizeof(Stored)));
    in_.seekg(static_cast<std::streamoff>(data_ + tensor.begin));
    read(result.data(), bytes);
    return result;
  }
  template <class T, class Stored, class F> std::vector<T> widened(safetensors_entry const& tensor, F const& widen) {
    auto const from = stored<Stored>(tensor);
    std::vector<T> result(from.size());
    std::ranges::transform(from, result.begin(), widen);
    return result;
  }
  void read(void* to, std::uint64_t bytes) {
    in_.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
    if (!in_) throw io_error(name_ + ": reading failed");
  }

  std::string name_;
  std::ifstream in_;
  safetensors_header header_;
  std::uint64_t data_ = 0;
};

}  // namespace fovea
