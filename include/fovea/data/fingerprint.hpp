// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <fovea/data/dataset.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/tensor/shape.hpp>

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

/// Returns a data set in words: its rows and a checksum of all its numbers.
template <class B, class X, class Y, class... D>
std::string fingerprint_of(B const& b, dataset<B, X, Y, D...> const& data) {
  checksum sum;
  auto const add = [&](auto const& x) {
    auto const s = fovea::shape_of(x);
    for (std::size_t i = 0; i != s.rank(); ++i) sum(std::to_string(s[i]));
    auto const values = detail::on_host(b, fovea::data(x), s.size());
    sum(values.data(), values.size() * sizeof values[0]);
  };
  if constexpr (tensor<std::remove_cvref_t<decltype(data.features)>>) add(data.features);
  else std::apply([&](auto const&... x) { (add(x), ...); }, data.features);
  add(data.targets);
  std::apply([&](D const&... o) { (add(o.numbers), ...); }, data.options);
  return std::to_string(data.rows()) + " rows with the checksum " + sum.words();
}

}  // namespace fovea::detail
