// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/layer.hpp>
#include <fovea/tensor/first_outside.hpp>

/// What the layers of sequences share. A sample is (steps, features); beside it, a network may take the number of steps of each row
/// that count: its length.
namespace fovea {

namespace formulas {

/// Makes (rows, steps, width) elements (steps, rows, width) ones, or these the former. From a row's length on, writes zeros.
template <class T, class Length> struct swap_rows_and_steps {
  T const* source;
  T* destination;
  std::size_t rows, steps, width;
  bool steps_first;       // `source` is (steps, rows, width)
  Length const* lengths;  // of the rows; null: all steps count
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i / steps, step = i % steps;
    auto const swapped = step * rows + row;
    T const* const read = source + (steps_first ? swapped : i) * width;
    T* const written = destination + (steps_first ? i : swapped) * width;
    bool const counts = lengths == nullptr || step < static_cast<std::size_t>(lengths[row]);
    for (std::size_t k = 0; k != width; ++k) written[k] = counts ? read[k] : T(0);
  }
};

/// Writes 1 for each step (steps, rows) that counts, else 0.
template <class T, class Length> struct step_counts {
  T* destination;
  std::size_t rows;
  Length const* lengths;  // null: all steps count
  FOVEA_HD void operator()(std::size_t i) const {
    destination[i] = lengths == nullptr || i / rows < static_cast<std::size_t>(lengths[i % rows]) ? T(1) : T(0);
  }
};

}  // namespace formulas

namespace detail {

/// An input of sequences: a batch (rows, steps, features), or a tuple of it and, if given, a batch of integers (rows, 1), the
/// lengths, and batches (rows, hidden), the state before the first step.
template <class X> struct sequence_input {
  X const& x;
  using length = int;
  static constexpr bool has_lengths = false;
  static constexpr std::size_t states = 0;

  constexpr X const& batch() const { return x; }
  constexpr length const* lengths() const { return nullptr; }
};
template <class X, class First, class... More> struct sequence_input<std::tuple<X, First, More...>> {
  std::tuple<X, First, More...> const& x;
  static constexpr bool has_lengths = std::integral<element_of_batch<First>>;
  static constexpr std::size_t states = sizeof...(More) + (has_lengths ? 0 : 1);
  using length = std::conditional_t<has_lengths, element_of_batch<First>, int>;

  constexpr X const& batch() const { return std::get<0>(x); }
  constexpr length const* lengths() const {
    if constexpr (has_lengths) return fovea::read_only(std::get<1>(x)).elements;
    else return nullptr;
  }
  template <std::size_t K> constexpr auto const* state() const {
    return fovea::read_only(std::get<(has_lengths ? 2 : 1) + K>(x)).elements;
  }
  /// Returns the slopes of state K, or `nothing`.
  template <std::size_t K, class... D> static constexpr auto const& slopes_of_state(std::tuple<D...> const& dx) {
    return std::get<(has_lengths ? 2 : 1) + K>(dx);
  }
  template <std::size_t K> static constexpr nothing slopes_of_state(nothing) { return {}; }
};
template <class X> sequence_input(X const&) -> sequence_input<X>;

/// The sample of the sequence in a sample of one or several inputs.
template <std::size_t... E> constexpr extents<E...> const& sequence_of(extents<E...> const& sample) {
  static_assert(
      sizeof...(E) == 2,
      "fovea: a layer of sequences takes samples of (steps, features); before a linear layer that begins a network of "
      "sequences stands fovea::input<steps, features>{}");
  return sample;
}
template <class S, class... More> constexpr S const& sequence_of(std::tuple<S, More...> const& samples) {
  static_assert(S::rank == 2 && ((More::rank == 1) && ...),
                "fovea: a recurrent layer takes samples of (steps, features), and beside them one length or its state");
  return std::get<0>(samples);
}
template <class DX> constexpr DX const& sequence_slopes(DX const& dx) { return dx; }
template <class DX, class... More> constexpr DX const& sequence_slopes(std::tuple<DX, More...> const& dx) {
  return std::get<0>(dx);
}

/// Throws `argument_error`, which names the first row, for a length outside of [1, steps]. Waits for the backend.
template <class B, class L>
void check_lengths(B const& b, char const* who, char const* layer, L const& lengths, std::size_t max_length) {
  if constexpr (std::integral<element_of_batch<L>>) {
    if (auto const wrong = detail::first_outside(b, 1, static_cast<double>(max_length), lengths))
      throw argument_error(std::string(who) + ": row " + std::to_string(wrong->index) + " has the length " +
                           detail::to_shortest(wrong->value) + ", and " + layer + " takes lengths from 1 to " +
                           std::to_string(max_length));
  }
}

}  // namespace detail

}  // namespace fovea
