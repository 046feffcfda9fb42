// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include <fovea/layers/steps.hpp>
#include <fovea/scalar/random_draw.hpp>

/// What attention is made of besides products: its inputs, its mask and its dropout.
namespace fovea {

namespace formulas {

/// Makes the scores -infinity that one place must not attend to: those of later steps, or after a row's last key.
template <class T, class Length> struct mask_scores {
  T* scores;  // (heads, rows, steps, keys)
  std::size_t rows, steps, keys;
  bool causal;
  Length const* lengths;  // of the keys; null: all count
  FOVEA_HD void operator()(std::size_t i) const {
    auto first = causal && i % steps + 1 < keys ? i % steps + 1 : keys;
    if (lengths != nullptr) {
      auto const length = static_cast<std::size_t>(lengths[i / steps % rows]);
      first = length < first ? length : first;
    }
    for (auto k = first; k < keys; ++k) scores[i * keys + k] = negative_infinity<T>;
  }
};
/// Drops or scales the numbers of the scores' row i. What is drawn depends on the row's number in the whole step.
template <class T> struct drop_scores {
  T const* source;
  T* destination;  // (heads, rows, steps, keys)
  std::size_t heads, rows, steps, keys;
  random_draw draw;
  std::uint64_t dropped;  // p 2^32; a word below this drops its number
  T scale;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = draw.first_row + i / steps % rows, head = i / steps / rows;
    auto const first = ((row * heads + head) * steps + i % steps) * ((keys + 3) / 4);
    for (std::size_t k = 0; k < keys; k += 4) {
      auto const w = draw(random_stream::dropout, first + k / 4);
      for (unsigned j = 0; j != 4 && k + j != keys; ++j)
        destination[i * keys + k + j] = w[j] < dropped ? T(0) : source[i * keys + k + j] * scale;
    }
  }
};

}  // namespace formulas

namespace detail {

/// The inputs of attention: queries, which are also keys and values; or queries and keys, which are also values; or all three. A
/// last batch of integers (rows, 1) is the number of keys that count in each row.
template <class... X> struct attention_inputs {
  static constexpr bool has_lengths =
      sizeof...(X) > 1 && std::integral<element_of_batch<std::tuple_element_t<sizeof...(X) - 1, std::tuple<X...>>>>;
  static constexpr std::size_t sequences = sizeof...(X) - (has_lengths ? 1 : 0);
  std::tuple<X...> const& all;

  /// The number of the input that queries, keys or values are made of.
  static constexpr std::size_t source(std::size_t k) { return k < sequences ? k : sequences - 1; }
  template <std::size_t K> constexpr auto const& get() const { return std::get<source(K)>(all); }
  constexpr auto const* lengths() const {
    if constexpr (has_lengths) return fovea::read_only(std::get<sequences>(all)).elements;
    else return static_cast<int const*>(nullptr);
  }
};
template <class... X> attention_inputs<X...> inputs_of_attention(std::tuple<X...> const& all) { return {all}; }

/// Returns one input as a tuple, and a tuple itself.
template <class X> constexpr auto as_tuple(X const& x) { return std::tuple{x}; }
template <class... X> constexpr std::tuple<X...> const& as_tuple(std::tuple<X...> const& all) { return all; }

/// Returns part K of the slopes of the inputs, or `nothing`.
template <std::size_t K> constexpr nothing slopes_of(nothing) { return {}; }
template <std::size_t K, class DX> constexpr DX const& slopes_of(DX const& dx) { return dx; }
template <std::size_t K, class... D> constexpr auto const& slopes_of(std::tuple<D...> const& dx) {
  return std::get<K>(dx);
}

}  // namespace detail

}  // namespace fovea
