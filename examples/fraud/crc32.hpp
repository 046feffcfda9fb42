// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace fraud {

inline constexpr auto crc32_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    table[byte] = byte;
    for (int bit = 0; bit < 8; ++bit) table[byte] = (table[byte] >> 1) ^ (table[byte] & 1 ? 0xedb88320u : 0);
  }
  return table;
}();

/// The CRC-32 of IEEE 802.3, as computed by zlib. `so_far` is the CRC of the preceding bytes.
constexpr std::uint32_t crc32(std::string_view bytes, std::uint32_t so_far = 0) {
  auto crc = ~so_far;
  for (auto c : bytes) crc = (crc >> 8) ^ crc32_table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

static_assert(crc32("123456789") == 0xcbf43926);

}  // namespace fraud
