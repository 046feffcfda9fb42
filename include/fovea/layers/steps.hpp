// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>

#include <fovea/layers/layer.hpp>
#include <fovea/tensor/first_outside.hpp>

/// What the layers of sequences share. A sample is (steps, features); beside it, a network may take the number of steps of each row
/// that count: its length.
namespace fovea {

namespace formulas {

/// Makes (rows, steps, width) elements (steps, rows, width) ones, or these the former. From a row's length on, writes zeros.
template <class T, class Length> struct swap_rows_and_steps {
  T const* from;
  T* to;
  std::size_t rows, steps, width;
  bool steps_first;       // `from` is (steps, rows, width)
  Length const* lengths;  // of the rows; null: all steps count
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i / steps, step = i % steps;
    auto const swapped = step * rows + row;
    T const* const source = from + (steps_first ? swapped : i) * width;
    T* const target = to + (steps_first ? i : swapped) * width;
    bool const counts = lengths == nullptr || step < static_cast<std::size_t>(lengths[row]);
    for (std::size_t k = 0; k != width; ++k) target[k] = counts ? source[k] : T(0);
  }
};

/// Writes 1 for each step (steps, rows) that counts, else 0.
template <class T, class Length> struct step_counts {
  T* to;
  std::size_t rows;
  Length const* lengths;  // null: all steps count
  FOVEA_HD void operator()(std::size_t i) const {
    to[i] = lengths == nullptr || i / rows < static_cast<std::size_t>(lengths[i % rows]) ? T(1) : T(0);
  }
};

}  // namespace formulas

namespace detail {

/// An input of sequences: a batch (rows, steps, features), or a tuple of it and a batch of integers (rows, 1), the lengths.
template <class X> struct sequence_input {
  X const& x;
  using length = int;
  static constexpr bool has_lengths = false;

  constexpr X const& batch() const { return x; }
  constexpr length const* lengths() const { return nullptr; }
};
template <class X, class L> struct sequence_input<std::tuple<X, L>> {
  std::tuple<X, L> const& x;
  using length = std::remove_cvref_t<decltype(*std::declval<L const&>().elements)>;
  static constexpr bool has_lengths = true;
  static_assert(std::integral<length>,
                "fovea: the second input of a layer of sequences is the rows' lengths, integers");

  constexpr X const& batch() const { return std::get<0>(x); }
  constexpr length const* lengths() const { return fovea::read_only(std::get<1>(x)).elements; }
};
template <class X> sequence_input(X const&) -> sequence_input<X>;

/// The sample of the sequence in a sample of one or two inputs.
template <std::size_t... E> constexpr extents<E...> const& sequence_of(extents<E...> const& sample) {
  static_assert(sizeof...(E) == 2, "fovea: a layer of sequences takes samples of (steps, features)");
  return sample;
}
template <class S, class L> constexpr S const& sequence_of(std::tuple<S, L> const& samples) {
  static_assert(S::rank == 2 && L::rank == 1,
                "fovea: a layer of sequences takes samples of (steps, features), and beside them one length");
  return std::get<0>(samples);
}
template <class DX> constexpr DX const& sequence_slopes(DX const& dx) { return dx; }
template <class DX, class L> constexpr DX const& sequence_slopes(std::tuple<DX, L> const& dx) {
  return std::get<0>(dx);
}

/// Throws `argument_error`, which names the first row, for a length outside of [1, steps]. Waits for the backend.
template <class B, class X> void check_lengths(B const& b, char const* who, char const* layer, X const& x) {
  if constexpr (sequence_input<X>::has_lengths) {
    auto const most = fovea::sample_of(std::get<0>(x)).extent(0);
    if (auto const wrong = detail::first_outside(b, 1, static_cast<double>(most), std::get<1>(x)))
      throw argument_error(std::string(who) + ": row " + std::to_string(wrong->index) + " has the length " +
                           detail::to_shortest(wrong->value) + ", and " + layer + " takes lengths from 1 to " +
                           std::to_string(most));
  }
}

}  // namespace detail

}  // namespace fovea
