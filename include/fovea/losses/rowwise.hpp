// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/losses/loss_formulas.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/tensor/first_outside.hpp>

/// Losses of a whole row of predictions and its class, and the formula of a row.
namespace fovea {

namespace formulas {

/// Returns z in the target's column, else 0; `pick_second` takes the column first. A row's sum of them is the target's number.
template <class C> struct pick {
  C target;
  FOVEA_HD constexpr auto operator()(auto const& z, auto const& column) const {
    return math::select(column == target, z, decltype(z - z)(0));
  }
};
template <class C> struct pick_second {
  C target;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& column, Z const& weight) const {
    return math::select(column == Z(target), weight, Z(0));
  }
};

}  // namespace formulas

/// A loss of a row of predictions and its class, written in the row's verbs (`for_each`, `sum`, `maximum`).
///
///   value(row, each, target)                              the row's loss
///   value_and_gradient(row, each, target, out, factor)    the row's loss; writes factor times its gradient
///
/// `target` is the class index, from 0, as a number of the predictions' type, or a batch of these if a backend evaluates
/// several rows at once. Optional members:
///
///   the same two with an `each` for target                  to take the probability of each class
///   value_gradient_and_hessian(row, each, target, out, out, factor)     also writes the diagonal of the Hessian
///   part(row, target), bool counts() const                 the row's part of the divisor of a mean, where that is not 1
///   optional_number ignore_index                           a class whose rows have no loss
///   void check_outputs(classes) const                      throws `shape_error` if it does not fit so many classes
///   bool reads_within(void const* first, void const* last) const   whether numbers of its own lie there: no result may overwrite them
///
/// Laws: all members return the same loss, without the factor. The gradient may lie in the predictions' memory: read them before
/// it is written.
/// Counter-example: a formula that indexes the row at `target`; a batch of rows has no single target.
template <class L, class T = float>
concept rowwise_loss =
    copyable_value<L> && requires(L const loss, host_algorithms::row row, each<T const> z, T x, out<T> gradient) {
      { loss.value(row, z, x) } -> std::convertible_to<T>;
      { loss.value_and_gradient(row, z, x, gradient, x) } -> std::convertible_to<T>;
    };

/// A loss of rows that also takes the probability of each class.
template <class L, class T = float>
concept loss_of_probabilities =
    rowwise_loss<L, T> && requires(L const loss, host_algorithms::row row, each<T const> z) {
      { loss.value(row, z, z) } -> std::convertible_to<T>;
    };

/// A tensor of class indices: of integers, but not of bools.
template <class Y>
concept class_tensor = tensor<Y> && std::integral<value_of<Y>> && !std::same_as<value_of<Y>, bool>;

namespace detail {

template <class L>
concept has_part = requires(L const loss, host_algorithms::row row) { loss.part(row, 0.f); };
template <class L>
concept has_ignored = requires(L const loss) { loss.ignore_index; };

template <class C> struct keep_unmasked {
  C mask;
  template <class Z> FOVEA_HD constexpr void operator()(Z& slope) const {
    slope = math::select(Z(mask) == Z(0), Z(0), slope);
  }
};
/// Makes the derivatives 0 in the rows where `kept` is 0, and returns the loss there as 0: infinite or NaN, it does not count.
template <class T, class Row, class C, class... G>
FOVEA_HD C keep_rows(Row const& row, C const& kept, C const& loss, G const&... derivatives) {
  C const zero(scalar_of<C>(0));
  if (!math::any(kept == zero)) return loss;
  (row.for_each(keep_unmasked<C>{kept}, each<T>{derivatives.elements}), ...);
  return math::select(kept == zero, zero, loss);
}

/// Returns one row's loss, weighted and masked. Also stores the derivatives that are asked for, times `scale` and divided by the
/// divisor in memory if there is one; and the loss if `values` is not null.
template <class T, class L, class Y, class W, class M> struct of_row {
  L loss;
  double scale;
  double const* divisor;
  Y const* targets;
  W const* weights;
  M const* mask;
  T* values;

  template <class Row, class... G>
    requires(!real<Y>)
  FOVEA_HD auto operator()(Row const& row, each<T const> z, G const&... derivatives) const {
    return run(row, z, row.template load<T>(targets), derivatives...);
  }
  /// Probabilities are an operand.
  template <class Row, class... G>
    requires real<Y>
  FOVEA_HD auto operator()(Row const& row, each<T const> z, each<T const> target, G const&... derivatives) const {
    return run(row, z, target, derivatives...);
  }
  /// Returns the operands before the derivatives.
  auto operands(T const* z) const {
    if constexpr (real<Y>) return std::tuple{each{z}, each{targets}};
    else return std::tuple{each{z}};
  }
  /// Returns the row's part of the divisor of a mean: that of the loss, or 1; times its weight, if these count; nothing, if it is
  /// masked.
  template <class Row> FOVEA_HD auto part(Row const& row, bool weighted) const {
    using C = std::remove_cvref_t<decltype(row.template load<T>(targets))>;
    C result(T(1));
    if constexpr (has_part<L> && !real<Y>) result = loss.part(row, row.template load<T>(targets));
    if constexpr (!std::same_as<W, absent>)
      if (weighted) result = result * row.template load<T>(weights);
    if constexpr (!std::same_as<M, absent>)
      result = math::select(row.template load<T>(mask) == C(T(0)), C(T(0)), result);
    return result;
  }
  /// Returns true if the divisor of a mean is not the number of rows.
  bool counts() const {
    if constexpr (has_part<L> && !real<Y>) return !std::same_as<M, absent> || loss.counts();
    else return !std::same_as<M, absent>;
  }

 private:
  template <class Row, class Target, class... G>
  FOVEA_HD auto run(Row const& row, each<T const> z, Target const& target, G const&... derivatives) const {
    using C = decltype(loss.value(row, z, target));
    C weight(T(1));
    if constexpr (!std::same_as<W, absent>) weight = row.template load<T>(weights);
    double const share = divisor == nullptr ? scale : *divisor == 0 ? 0 : scale / *divisor;
    C result = evaluate(row, z, target, C(weight * math::constant<C>(share)), derivatives...) * weight;
    if constexpr (!std::same_as<W, absent>) result = detail::keep_rows<T>(row, weight, result, derivatives...);
    if constexpr (has_ignored<L> && !real<Y>)
      if (loss.ignore_index) {
        C const kept = math::select(target == math::constant<C>(*loss.ignore_index), C(T(0)), C(T(1)));
        result = detail::keep_rows<T>(row, kept, result, derivatives...);
      }
    if constexpr (!std::same_as<M, absent>)
      result = detail::keep_rows<T>(row, C(row.template load<T>(mask)), result, derivatives...);
    if (values != nullptr) row.store(values, result);
    return result;
  }
  template <class Row, class Target, class C>
  FOVEA_HD C evaluate(Row const& row, each<T const> z, Target const& target, C const&) const {
    return loss.value(row, z, target);
  }
  template <class Row, class Target, class C>
  FOVEA_HD C evaluate(Row const& row, each<T const> z, Target const& target, C const& factor, out<T> gradient) const {
    return loss.value_and_gradient(row, z, target, gradient, factor);
  }
  template <class Row, class Target, class C>
  FOVEA_HD C evaluate(Row const& row, each<T const> z, Target const& target, C const& factor, out<T> gradient,
                      out<T> hessian) const {
    return loss.value_gradient_and_hessian(row, z, target, gradient, hessian, factor);
  }
};

/// Returns the formula of a row of a loss with its options.
template <class T, class L, class Y, class... O>
auto formula_of_row(L const& loss, Y const* targets, T* values, O const&... options) {
  auto const* const weights = detail::given(detail::row_weights_of(options)...);
  auto const* const kept = detail::given(detail::mask_of<T>(options)...);
  return of_row<T, L, Y, std::remove_cvref_t<decltype(*weights)>, std::remove_cvref_t<decltype(*kept)>>{
      loss, 1, nullptr, targets, weights, kept, values};
}

/// Returns the row's part of the mean's divisor.
template <class T, class Formula> struct part_of_row {
  Formula formula;
  bool weighted;
  template <class Row> FOVEA_HD auto operator()(Row const& row, column_index<T>) const {
    return formula.part(row, weighted);
  }
};

/// Returns the formula with the divisor of its derivatives; counts that first, if it is not known.
template <class T, class B, class L, class Y, class W, class M>
auto with_divisor(B const& b, of_row<T, L, Y, W, M> formula, std::size_t rows, std::size_t columns, reduction chosen,
                  batch_loss& total) {
  bool const weighted = !std::same_as<W, absent> && chosen == reduction::weighted_mean;
  if (chosen != reduction::sum && (weighted || formula.counts())) {
    total.divisor = 0;
    b.reduce_rows(domain<>({rows, columns}), part_of_row<T, of_row<T, L, Y, W, M>>{formula, weighted},
                  overall{total.counted}, column_index<T>{});
    formula.divisor = total.counted;
  } else {
    total.divisor = chosen == reduction::sum || rows == 0 ? 1 : static_cast<double>(rows);
    formula.scale = (chosen == reduction::sum ? 1 : total.fraction) / total.divisor;
  }
  return formula;
}

/// Returns 1 for a target outside the classes, unless it is ignored, else 0. The first argument only sets the type to compute in.
struct is_no_class {
  formulas::outside classes;
  double ignored;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const&, Z const& target) const {
    return math::select(target == math::constant<Z>(ignored), Z(0), classes(target));
  }
};

/// Throws `argument_error`, which names the first row, if the target of an unmasked row is no class index, unless the loss ignores
/// it. Waits for the backend.
template <class T, class B, class L, class Y, class... O>
void check_classes(char const* who, B const& b, L const& loss, Y const* targets, std::size_t rows, std::size_t classes,
                   O const&... options) {
  double ignored = 0.5;  // no class
  if constexpr (has_ignored<L>) ignored = loss.ignore_index.value_or(ignored);
  auto const masked = std::tuple_cat(detail::mask_operands<T>(options)...);
  auto const formula =
      detail::scaled(is_no_class{{0, static_cast<double>(classes) - 1}, ignored}, 1, std::tuple{}, masked);
  auto wrong = fovea::make_scalar<double>(b);
  std::apply(
      [&](auto const&... o) {
        b.reduce(domain<dynamic, 1>({rows, 1}), formula, std::tuple{overall{wrong.data()}}, column_index<T>{},
                 each{targets}, o...);
      },
      masked);
  if (b.read(wrong) == 0) return;
  auto const all = detail::on_host(b, targets, rows);
  auto const* const mask = detail::given(mask_of<T>(options)...);
  auto const kept = [&] {
    if constexpr (std::same_as<decltype(mask), absent const* const>) return std::vector<absent>(rows);
    else return detail::on_host(b, mask, rows);
  }();
  for (std::size_t i = 0; i != rows; ++i) {
    if constexpr (!std::same_as<decltype(mask), absent const* const>)
      if (static_cast<double>(kept[i]) == 0) continue;
    if ((std::cmp_less(all[i], 0) || std::cmp_greater_equal(all[i], classes)) && static_cast<double>(all[i]) != ignored)
      throw argument_error(std::string(who) + ": the class of row " + std::to_string(i) + " is " +
                           std::to_string(all[i]) + ", and there are " + std::to_string(classes));
  }
}

}  // namespace detail

}  // namespace fovea
