// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace fovea::detail {

/// A hash of bytes, for finding damage and other data, not attacks: a change of one word always changes it.
class checksum {
 public:
  void operator()(void const* bytes, std::size_t n) {
    auto const* at = static_cast<unsigned char const*>(bytes);
    add(n);
    for (; n >= 8; n -= 8, at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, 8);
      add(word);
    }
    std::uint64_t rest = 0;
    if (n != 0) std::memcpy(&rest, at, n);
    add(rest);
  }
  void operator()(std::string_view text) { (*this)(text.data(), text.size()); }
  std::uint64_t number() const { return hash_; }
  std::string words() const { return std::to_string(hash_); }

 private:
  void add(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15u;
    hash_ ^= hash_ >> 32;
  }
  std::uint64_t hash_ = 0x2545F4914F6CDD1Du;
};

inline std::uint64_t hash_of(std::string_view text) {
  checksum sum;
  sum(text);
  return sum.number();
}

}  // namespace fovea::detail
