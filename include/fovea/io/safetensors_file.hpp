// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/io/input_file.hpp>
#include <fovea/io/safetensors_header.hpp>
#include <fovea/io/safetensors_header_reader.hpp>
#include <fovea/text/parse_errors.hpp>

namespace fovea {

static_assert(std::endian::native == std::endian::little,
              "safetensors: values are read and written as they are in memory");

/// The types of values that safetensors files are read into and written from: float, double and std::int64_t. Counter-example:
/// half types; F16 and BF16 values are widened when read, and not written.
template <class T>
concept safetensors_value = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int64_t>;

/// The dtype as a safetensors header spells it: "F32", "F64" or "I64".
template <safetensors_value T>
constexpr char const* safetensors_dtype = std::integral<T>         ? "I64"
                                          : std::same_as<T, float> ? "F32"
                                                                   : "F64";

namespace detail {

/// Returns the exact value of an IEEE half.
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

/// An open safetensors file. The constructor reads and checks the header; `values` reads a tensor. Never reads more than
/// the file has, so that a false size in a header cannot cause a large allocation.
///
///     safetensors_file file("model.safetensors");
///     for (auto const& entry : file.header().tensors) {
///       std::vector<float> const values = file.values<float>(entry);
///     }
class safetensors_file {
 public:
  /// Throws `io_error`, with the file's name and what was expected and found, if the file cannot be read or its header is
  /// malformed.
  explicit safetensors_file(std::filesystem::path const& path) : file_(path) {
    std::uint64_t length = 0;
    file_.read(&length, sizeof length, "header length");
    if (length > file_.left() || length > safetensors_header::max_bytes)
      throw io_error(name() + ": expected a header of at most " +
                     std::to_string(std::min<std::uint64_t>(file_.left(), safetensors_header::max_bytes)) +
                     " bytes, found a header length of " + std::to_string(length));
    std::string text(static_cast<std::size_t>(length), '\0');
    file_.read(text.data(), length, "header");
    header_ = read_safetensors_header(text, file_.left(), name());
    data_ = sizeof length + length;
  }

  std::string const& name() const { return file_.name(); }
  safetensors_header const& header() const { return header_; }

  /// Throws `io_error` unless the tensor, one of this file's header, is of `T` or of a dtype that widens to `T` exactly.
  template <safetensors_value T> void require_widens(safetensors_entry const& tensor) const {
    auto const bytes = detail::safetensors_value_bytes(tensor.dtype);
    bool const widens = std::floating_point<T> && tensor.dtype != "I64" && bytes != 0 && bytes <= sizeof(T);
    if (tensor.dtype != safetensors_dtype<T> && !widens)
      throw io_error(name() + ": tensor " + quoted(tensor.name) + ": expected dtype \"" + safetensors_dtype<T> +
                     "\" or one that widens to it, found " + quoted(tensor.dtype));
  }

  /// Reads the values, in row-major order, of a tensor of this file's header. Throws what `require_widens` throws, and
  /// `io_error` if reading fails.
  template <safetensors_value T> std::vector<T> values(safetensors_entry const& tensor) {
    require_widens<T>(tensor);
    if constexpr (std::floating_point<T>) {
      if (tensor.dtype == "F16") return widened<T, std::uint16_t>(tensor, detail::from_f16);
      if (tensor.dtype == "BF16") return widened<T, std::uint16_t>(tensor, detail::from_bf16);
      if (tensor.dtype != safetensors_dtype<T>) return widened<T, float>(tensor, [](float x) { return x; });
    }
    return stored<T>(tensor);
  }

 private:
  template <class Stored> std::vector<Stored> stored(safetensors_entry const& tensor) {
    auto const bytes = tensor.end - tensor.begin;
    std::vector<Stored> result(static_cast<std::size_t>(bytes / sizeof(Stored)));
    file_.read_at(data_ + tensor.begin, result.data(), bytes);
    return result;
  }
  template <class T, class Stored, class F> std::vector<T> widened(safetensors_entry const& tensor, F const& widen) {
    auto const from = stored<Stored>(tensor);
    std::vector<T> result(from.size());
    std::ranges::transform(from, result.begin(), widen);
    return result;
  }

  detail::input_file file_;
  safetensors_header header_;
  std::uint64_t data_ = 0;
};

}  // namespace fovea
