// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/places.hpp>
#include <fovea/layers/steps.hpp>

namespace fovea {

namespace formulas {

/// Copies or adds vectors of (rows, steps, width), perhaps in the reverse order of the steps that count; the others stay in place.
template <class T, class Length> struct copy_steps {
  T const* from;
  T* to;
  std::size_t steps, width, from_stride, to_stride;
  Length const* lengths;  // of the rows; null: all steps count
  bool reverses, adds;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i / steps, step = i % steps;
    auto const count = lengths == nullptr ? steps : static_cast<std::size_t>(lengths[row]);
    auto const source = reverses && step < count ? row * steps + count - 1 - step : i;
    for (std::size_t k = 0; k != width; ++k) {
      T const x = from[source * from_stride + k];
      to[i * to_stride + k] = adds ? to[i * to_stride + k] + x : x;
    }
  }
};

}  // namespace formulas

namespace detail {

template <class S> inline constexpr bool has_several = false;
template <class... S> inline constexpr bool has_several<std::tuple<S...>> = true;

}  // namespace detail

/// A layer of sequences twice, with parameters of its own each time: on the steps as they are and, with names that end in "_reverse",
/// in reverse order. Returns both results beside each other, as PyTorch's LSTM, GRU and RNN with `bidirectional` do: for samples (steps,
/// features) of a layer that returns all states (steps, 2 Hidden), and (2 Hidden) of one that returns the last one, which for the
/// reverse is that after the first step. A second input of integers is the lengths of the rows. Layers after one another are
/// PyTorch's `num_layers`. Schuster and Paliwal, "Bidirectional recurrent neural networks" (1997).
///
///     constexpr fovea::sequential net{fovea::input<32, 3>{}, fovea::bidirectional{fovea::lstm<3, 16>{}},
///                                     fovea::bidirectional{fovea::gru<32, 8, fovea::hidden_states::last>{}}, fovea::linear<16, 2>{}};
template <class L> struct bidirectional {
  L layer;

  template <class S> constexpr auto output(S const& sample) const {
    using made = output_of<L, S>;
    static_assert(
        !detail::has_several<made>,
        "bidirectional: takes a layer that returns all states or the last one, without a state to go on from");
    auto const one = layer.output(sample);
    constexpr std::size_t last = detail::sample_traits<made>::last;
    return detail::with_last<(last == dynamic ? dynamic : 2 * last)>(one, 2 * one.extent(made::rank - 1));
  }
  template <class S, class F> constexpr void for_each_child(S const& sample, F const& f) const {
    f(child_name{0}, layer, sample);
    f(child_name{1}, layer, sample);
  }
  std::string renamed_parameter(std::string const& name) const {
    return name.substr(2) + (name.starts_with("1.") ? "_reverse" : "");
  }
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    detail::check_input(layer, b, who, x);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const of_layer = fovea::needs_of<P>(layer, sample, rows);
    auto const own = own_bytes<P>(sample, rows), given = fovea::batch_bytes<P>(detail::sequence_of(sample), rows);
    if constexpr (P::differentiates)
      return {own + 2 * of_layer.kept,
              of_layer.scratch + given + 2 * fovea::batch_bytes<P>(layer.output(sample), rows)};
    else return {0, own + of_layer.scratch};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    auto const m = memory_of<P>(P::differentiates ? p.kept : p.scratch, x);
    auto const kept = fovea::needs_of<P>(layer, fovea::sample_of(x), fovea::rows_of(x)).kept;
    auto* const scratch = P::differentiates ? p.scratch : m.end;
    copy_sequence(p, x, detail::first_of(x), m.reversed, false);
    layer.forward(p.child(0, P::differentiates ? m.end : p.kept, scratch), x, m.made[0]);
    layer.forward(p.child(1, P::differentiates ? m.end + kept : p.kept, scratch), with_sequence(x, m.reversed),
                  m.made[1]);
    for (std::size_t k = 0; k != 2; ++k)
      copy_half(p, x, fovea::read_only(m.made[k]).elements, y.elements + k * width(m.made[k]), m.made[k], k, true);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    auto const m = memory_of<P>(p.kept, x);
    auto const sample = fovea::sample_of(x);
    auto const rows = fovea::rows_of(x);
    auto const kept = fovea::needs_of<P>(layer, sample, rows).kept,
               of_slopes = fovea::batch_bytes<P>(layer.output(sample), rows);
    auto const slopes = [&](std::size_t k) {
      auto const own = fovea::batch_at<P>(p.scratch + k * of_slopes, layer.output(sample), rows);
      copy_half(p, x, fovea::read_only(dy).elements + k * width(own), own.elements, own, k, false);
      return own;
    };
    auto const first = slopes(0), second = slopes(1);  // before the layer may overwrite dy
    auto* const scratch = p.scratch + 2 * of_slopes;
    auto const reversed_input = with_sequence(x, fovea::read_only(m.reversed));
    layer.backward(p.child(0, m.end, scratch), x, fovea::read_only(m.made[0]), first, dx);
    auto const second_child = [&](std::byte* own) { return p.child(1, m.end + kept, own); };
    if constexpr (!std::same_as<std::remove_cvref_t<decltype(detail::sequence_slopes(dx))>, nothing>) {
      auto const of_input = fovea::batch_at<P>(scratch, detail::sequence_of(sample), rows);
      layer.backward(second_child(scratch + fovea::batch_bytes<P>(detail::sequence_of(sample), rows)), reversed_input,
                     fovea::read_only(m.made[1]), second, slopes_with(dx, of_input));
      copy_sequence(p, x, of_input, detail::sequence_slopes(dx), true);
    } else {
      layer.backward(second_child(scratch), reversed_input, fovea::read_only(m.made[1]), second, dx);
    }
  }

 private:
  template <class P, class S> constexpr std::size_t own_bytes(S const& sample, std::size_t rows) const {
    return fovea::batch_bytes<P>(detail::sequence_of(sample), rows) +
           2 * fovea::batch_bytes<P>(layer.output(sample), rows);
  }
  template <class R, class M> struct arrays {
    R reversed;
    std::array<M, 2> made;
    std::byte* end;
  };
  template <class P, class X> auto memory_of(std::byte* at, X const& x) const {
    auto const sample = fovea::sample_of(x);
    auto const rows = fovea::rows_of(x);
    auto const sequence = detail::sequence_of(sample);
    auto const given = fovea::batch_bytes<P>(sequence, rows), one = fovea::batch_bytes<P>(layer.output(sample), rows);
    auto const batch = [&](std::size_t k) {
      return fovea::batch_at<P>(at + given + k * one, layer.output(sample), rows);
    };
    auto const reversed = fovea::batch_at<P>(at, sequence, rows);
    return arrays<std::remove_const_t<decltype(reversed)>, decltype(batch(0))>{
        reversed, {batch(0), batch(1)}, at + given + 2 * one};
  }
  template <class M> static std::size_t width(M const& made) {
    auto const sample = fovea::sample_of(made);
    return sample.extent(decltype(sample)::rank - 1);
  }
  /// Reverses the steps of a batch (rows, steps, features).
  template <class P, class X, class From, class To>
  static void copy_sequence(P const& p, X const& x, From const& from, To const& to, bool adds) {
    detail::sequence_input const given{x};
    using T = typename P::value_type;
    auto const steps = fovea::sample_of(from).extent(0), features = fovea::sample_of(from).extent(1);
    p.backend.for_each_index(fovea::rows_of(from) * steps,
                             formulas::copy_steps<T, typename decltype(given)::length>{
                                 fovea::read_only(from).elements, to.elements, steps, features, features, features,
                                 given.lengths(), true, adds});
  }
  /// Copies one direction's half of the result, to or from its own batch; the second one in reverse.
  template <class P, class X, class T, class M>
  static void copy_half(P const& p, X const& x, T const* from, T* to, M const& made, std::size_t k, bool joins) {
    detail::sequence_input const given{x};
    constexpr bool has_steps = decltype(fovea::sample_of(made))::rank == 2;
    auto const n = width(made), steps = has_steps ? fovea::sample_of(made).extent(0) : 1;
    p.backend.for_each_index(fovea::rows_of(made) * steps,
                             formulas::copy_steps<T, typename decltype(given)::length>{
                                 from, to, steps, n, joins ? n : 2 * n, joins ? 2 * n : n,
                                 has_steps ? given.lengths() : nullptr, has_steps && k == 1, false});
  }
  template <class X, class R> static auto with_sequence(X const&, R const& reversed) {
    return fovea::read_only(reversed);
  }
  template <class X, class Lengths, class R>
  static auto with_sequence(std::tuple<X, Lengths> const& x, R const& reversed) {
    static_assert(std::integral<detail::element_of_batch<Lengths>>,
                  "bidirectional: the second input is the rows' lengths, integers");
    return std::tuple{fovea::read_only(reversed), std::get<1>(x)};
  }
  template <class DX, class D> static auto slopes_with(DX const&, D const& own) { return own; }
  template <class DX, class D> static auto slopes_with(std::tuple<DX, nothing> const&, D const& own) {
    return std::tuple{own, nothing{}};
  }
};
template <class L> bidirectional(L) -> bidirectional<L>;
template <class L> bidirectional(bidirectional<L>) -> bidirectional<bidirectional<L>>;

}  // namespace fovea
