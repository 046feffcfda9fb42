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

namespace fovea {

using safetensors_metadata = std::map<std::string, std::string>;

/// One tensor, as the header of a safetensors file describes it.
struct safetensors_entry {
  std::string name;
  std::string dtype;  // "F32" and the like
  std::vector<std::size_t> shape;
  std::uint64_t begin = 0, end = 0;  // its bytes, counted from the end of the header

  /// The number of values, if it fits in size_t.
  std::optional<std::size_t> size() const {
    std::size_t product = 1;
    for (auto extent : shape) {
      if (extent != 0 && product > std::numeric_limits<std::size_t>::max() / extent) return std::nullopt;
      product *= extent;
    }
    return product;
  }
};

struct safetensors_header {
  static constexpr std::uint64_t most_bytes = 100'000'000;  // as the reference implementation has it

  std::vector<safetensors_entry> tensors;  // in the order in which their bytes lie
  safetensors_metadata metadata;

  /// Null when there is none of this name.
  safetensors_entry const* find(std::string_view name) const {
    auto const found = std::ranges::find(tensors, name, &safetensors_entry::name);
    return found == tensors.end() ? nullptr : &*found;
  }
};

namespace detail {

/// As Python writes it; a longer one than any model has is only counted.
inline std::string safetensors_shape(std::vector<std::size_t> const& shape) {
  if (shape.size() > 8) return "of " + std::to_string(shape.size()) + " extents";
  std::string extents;
  for (auto extent : shape) extents += (extents.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + extents + (shape.size() == 1 ? ",)" : ")");
}

/// Bytes of a value of the dtypes that are read here, 0 for others.
inline std::size_t safetensors_value_bytes(std::string_view dtype) {
  return dtype == "F64" ? 8 : dtype == "F32" ? 4 : dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

}  // namespace detail

/// All that stands before the data: the header's length, eight bytes little-endian, and the header, filled with spaces
/// to a multiple of eight bytes. Throws `argument_error` for a name or metadata that is not UTF-8.
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
  if (text.size() > safetensors_header::most_bytes)
    throw argument_error("safetensors: the header would have " + std::to_string(text.size()) +
                         " bytes, must have at most " + std::to_string(safetensors_header::most_bytes));
  std::string length;
  for (int byte = 0; byte != 8; ++byte) length += static_cast<char>((text.size() >> (8 * byte)) & 0xFF);
  return length + text;
}

}  // namespace fovea
