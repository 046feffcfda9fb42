// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/error.hpp>
#include <fovea/io/file_extents.hpp>

namespace fovea {

/// The `__metadata__` of a safetensors file.
using safetensors_metadata = std::map<std::string, std::string>;

/// A tensor's entry in the header of a safetensors file.
struct safetensors_entry {
  std::string name;
  std::string dtype;  // such as "F32"
  std::vector<std::size_t> shape;
  std::uint64_t begin = 0, end = 0;  // the range of the tensor's bytes, counted from the end of the header

  /// Returns the number of values, or nullopt if it overflows size_t.
  std::optional<std::size_t> size() const { return detail::value_count(shape); }
};

/// The header of a safetensors file.
struct safetensors_header {
  static constexpr std::uint64_t max_bytes = 100'000'000;  // the reference implementation's limit

  std::vector<safetensors_entry> tensors;  // in the order of their bytes
  safetensors_metadata metadata;

  /// Returns the entry of this name, or null if it does not exist.
  safetensors_entry const* find(std::string_view name) const {
    auto const found = std::ranges::find(tensors, name, &safetensors_entry::name);
    return found == tensors.end() ? nullptr : &*found;
  }
};

namespace detail {

/// Returns a shape as Python writes it, for messages; for more than 8 extents, only their number.
inline std::string safetensors_shape(std::vector<std::size_t> const& shape) {
  if (shape.size() > 8) return "of " + std::to_string(shape.size()) + " extents";
  return detail::to_tuple(shape);
}

/// Returns the number of bytes of a value of this dtype, or 0 if values of this dtype are not read here.
inline std::size_t safetensors_value_bytes(std::string_view dtype) {
  return dtype == "F64" || dtype == "I64" ? 8 : dtype == "F32" ? 4 : dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

}  // namespace detail

/// Returns all that precedes the data: the header's length in eight bytes, little-endian, and the header, padded with
/// spaces to a multiple of eight bytes. Throws `argument_error` if a name or the metadata is not UTF-8, or if the header
/// has more than `max_bytes` bytes.
inline std::string safetensors_preamble(safetensors_header const& header) {
  std::string text = "{";
  try {
    auto const member = [&](nlohmann::ordered_json const& name, nlohmann::ordered_json const& of) {
      text += (text.size() == 1 ? "" : ",") + name.dump() + ":" + of.dump();
    };
    if (!header.metadata.empty()) member("__metadata__", header.metadata);
    for (auto const& t : header.tensors)
      member(t.name, {{"dtype", t.dtype}, {"shape", t.shape}, {"data_offsets", {t.begin, t.end}}});
  } catch (nlohmann::json::type_error const&) {
    throw argument_error("safetensors: a tensor's name, or the metadata, is not UTF-8");
  }
  text += '}';
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > safetensors_header::max_bytes)
    throw argument_error("safetensors: the header would have " + std::to_string(text.size()) +
                         " bytes, must have at most " + std::to_string(safetensors_header::max_bytes));
  std::string length;
  for (int byte = 0; byte != 8; ++byte) length += static_cast<char>((text.size() >> (8 * byte)) & 0xFF);
  return length + text;
}

}  // namespace fovea
