// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/fusion.hpp>
#include <fovea/losses/loss_driver.hpp>

/// A loss as the prologue of a network's last layer: the one place of training that tells losses of elements from losses of
/// rows.
namespace fovea {

namespace formulas {

/// Writes the gradient of the loss with respect to the last activation's input. Returns the loss, to be summed over all
/// elements, and that gradient, to be summed by column for the bias.
template <class F, class Activation> struct loss_slope {
  F loss;
  Activation activation;
  template <class Z, class... X>
  FOVEA_HD constexpr terms<Z, 2> operator()(Z const& output, Z& gradient, X const&... x) const {
    auto const d = fovea::value_and_slope(loss, output, x...);
    gradient = d.slope * loss.share(x...) * activation.slope_from_output(output);
    return terms<Z, 2>{{d.value, gradient}};
  }
};

}  // namespace formulas

namespace detail {

/// The prologue of an elementwise loss: one pass over y, dy and the operands.
template <class F, class... O> struct elementwise_prologue {
  F formula;
  double* sum;
  std::size_t rows;
  std::tuple<O...> operands;

  template <class B, class Y, class DY, class Activation, class... R>
  void operator()(B const& b, Y const& y, DY const& dy, Activation const& f, R const&... results) const {
    using T = std::remove_reference_t<decltype(*dy.elements)>;
    auto const run = [&](auto const& places, auto const& activation, auto const&... folds) {
      using A = std::remove_cvref_t<decltype(activation)>;
      std::apply(
          [&](auto const&... o) {
            b.reduce(places, formulas::loss_slope<F, A>{formula, activation}, std::tuple{overall{sum}, folds...},
                     each{static_cast<T const*>(y.elements)}, out{dy.elements}, o...);
          },
          operands);
    };
    if constexpr (has_axis<axis::row, O...>) {
      if (dy.extents.extent(0) != rows) {  // a row of the loss is several rows of the last axis
        run(domain<>({rows, dy.extents.size() / rows}), identity_formula{});
        no_prologue{}(b, y, dy, f, results...);
        return;
      }
    }
    run(dy.extents, f, results...);
  }
};

/// The prologue of a loss of rows: one pass, and another one if the last layer needs a fold.
template <class F> struct rowwise_prologue {
  F formula;
  double* sum;

  template <class B, class Y, class DY, class Activation, class... R>
  void operator()(B const& b, Y const& y, DY const& dy, Activation const& f, R const&... results) const {
    using T = std::remove_reference_t<decltype(*dy.elements)>;
    std::apply([&](auto const&... o) { b.reduce_rows(dy.extents, formula, overall{sum}, o..., out{dy.elements}); },
               formula.operands(static_cast<T const*>(y.elements)));
    no_prologue{}(b, y, dy, f, results...);
  }
};

}  // namespace detail

template <class F, class... O>
inline constexpr bool any_matrix<detail::elementwise_prologue<F, O...>> = !has_axis<axis::column, O...>;

/// Returns the number of targets of a row, for a network of that many outputs.
template <class L, class Target, class T> constexpr std::size_t target_columns(std::size_t outputs) {
  return !elementwise_loss<L, T> && std::integral<Target> ? 1 : outputs;
}

/// Returns the loss as a prologue, for outputs (rows, columns) and the targets' elements; the options are those of `value`.
/// Stores the divisor of the mean in `total`, and counts it if it is unknown.
template <backend B, class L, class Y, loss_option... O>
auto prologue_of(B const& b, L const& loss, std::size_t rows, std::size_t columns, Y const* targets,
                 detail::batch_loss& total, O const&... options) {
  using T = typename B::value_type;
  if constexpr (elementwise_loss<L, T>) {
    auto const all = detail::completed<T>(b, loss, domain<>({rows, columns}), total, options...);
    return std::apply(
        [&](auto const&... o) {
          using F = std::remove_cvref_t<decltype(all.formula)>;
          return detail::elementwise_prologue<F, each<Y const>, std::remove_cvref_t<decltype(o)>...>{
              all.formula, total.sum, rows, {each{targets}, o...}};
        },
        all.operands);
  } else {
    auto const formula =
        detail::with_divisor<T>(b, detail::formula_of_row<T>(loss, targets, static_cast<T*>(nullptr), options...), rows,
                                columns, detail::reduction_of(options...), total);
    return detail::rowwise_prologue<std::remove_const_t<decltype(formula)>>{formula, total.sum};
  }
}

namespace detail {

/// True if a loss can be trained on targets of this element type.
template <class L, class Target, class T>
inline constexpr bool targets_fit =
    elementwise_loss<L, T> ? std::same_as<Target, T> || std::integral<Target>
                           : (std::integral<Target> && !std::same_as<Target, bool>) ||
                                 (std::same_as<Target, T> && loss_of_probabilities<L, T>);

}  // namespace detail

}  // namespace fovea
