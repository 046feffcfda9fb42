// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include <fovea/losses/evaluate.hpp>

/// `value`, `values`, `gradient` and `value_and_gradient` for losses of a whole row of predictions and one class index.
namespace fovea {

/// A loss of a row of predictions and its class, written in the row's verbs (`for_each`, `sum`, `maximum`).
///
///   value(row, each, target)                              the row's loss
///   value_and_gradient(row, each, target, out, factor)    the row's loss; writes factor times its gradient
///
/// `target` is the class index, from 0, as a number of the predictions' type, or a batch of these if a backend evaluates
/// several rows at once.
///
/// Laws: both members return the same loss, without the factor.
/// Counter-example: a formula that indexes the row at `target`; a batch of rows has no single target.
template <class L, class T = float>
concept rowwise_loss =
    std::semiregular<L> && requires(L const loss, host_algorithms::row row, each<T const> z, T x, out<T> gradient) {
      { loss.value(row, z, x) } -> std::convertible_to<T>;
      { loss.value_and_gradient(row, z, x, gradient, x) } -> std::convertible_to<T>;
    };

template <class L, class T>
  requires rowwise_loss<L, T>
inline constexpr bool detail::is_rowwise<L, T> = true;

/// A loss of rows that can be evaluated on predictions of type Z.
template <class L, class Z>
concept rowwise_loss_of = rowwise_loss<L, value_of<Z>>;

/// A tensor of class indices: of integers, but not of bools.
template <class Y>
concept class_tensor = tensor<Y> && std::integral<value_of<Y>> && !std::same_as<value_of<Y>, bool>;

namespace detail {

struct absent {};

template <class O> absent const* row_weights_of(O const&) { return nullptr; }
template <class W> auto row_weights_of(sample_weights<W> const& w) { return fovea::data(w.tensor); }
template <class T, class O> absent const* mask_of(O const&) { return nullptr; }
template <class T, class M> auto mask_of(mask<M> const& m) { return detail::mask_elements<T>(m); }

inline absent const* given() { return nullptr; }
template <class First, class... Rest> auto given(First first, Rest... rest) {
  if constexpr (std::same_as<First, absent const*>) return detail::given(rest...);
  else return first;
}

template <class C> struct keep_unmasked {
  C mask;
  template <class Z> FOVEA_HD constexpr void operator()(Z& slope) const {
    slope = math::select(Z(mask) == Z(0), Z(0), slope);
  }
};

/// Returns one row's loss, scaled, weighted and masked. Also stores the gradient if one is passed, and the loss if `values`
/// is not null.
template <class T, class L, class Y, class W, class M> struct of_row {
  L loss;
  double scale;
  Y const* targets;
  W const* weights;
  M const* mask;
  T* values;

  template <class Row, class... G>
  FOVEA_HD auto operator()(Row const& row, each<T const> z, G const&... gradient) const {
    auto const target = row.template load<T>(targets);
    using C = std::remove_const_t<decltype(target)>;
    C weight(T(1));
    if constexpr (!std::same_as<W, absent>) weight = row.template load<T>(weights);
    C result = run(row, z, target, weight * math::constant<C>(scale), gradient...) * weight;
    if constexpr (!std::same_as<M, absent>) {
      auto const kept = row.template load<T>(mask);
      result = math::select(kept == C(T(0)), C(T(0)), result);
      (row.for_each(keep_unmasked<C>{kept}, each<T>{gradient.elements}), ...);
    }
    if (values != nullptr) row.store(values, result);
    return result;
  }

 private:
  template <class Row, class C> FOVEA_HD C run(Row const& row, each<T const> z, C const& target, C const&) const {
    return loss.value(row, z, target);
  }
  template <class Row, class C>
  FOVEA_HD C run(Row const& row, each<T const> z, C const& target, C const& factor, out<T> gradient) const {
    return loss.value_and_gradient(row, z, target, gradient, factor);
  }
};

/// Returns 1 if the target is not a class index, else 0. The first argument only sets the type to compute in.
struct is_no_class {
  double classes;
  template <class Z> FOVEA_HD constexpr Z operator()(Z const&, Z const& target) const {
    return math::select(target < Z(0), Z(1), math::select(target < math::constant<Z>(classes), Z(0), Z(1)));
  }
};

template <class Z, class Y> void check_rows(Z const& z, char const* what, Y const& y) {
  static_assert(same_memory_as<Y, Z>, "a loss's tensors lie in different memory; fovea::copy crosses");
  auto const rows = fovea::shape_of(z)[0];
  if (fovea::size(y) != rows || fovea::shape_of(y)[0] != rows)
    throw shape_error("loss: predictions have shape " + to_string(fovea::shape_of(z)) + ", " + what + " " +
                      to_string(fovea::shape_of(y)) + "; one number for each row is needed");
}
template <class Z, class W> void check_row_option(Z const& z, sample_weights<W> const& w) {
  detail::check_rows(z, "sample weights", w.tensor);
}
template <class Z, class M> void check_row_option(Z const& z, mask<M> const& m) {
  detail::check_rows(z, "mask", m.tensor);
}
template <class Z, class W> void check_row_option(Z const&, weights<W> const&) {
  static_assert(sizeof(W) == 0, "a loss of rows has a weight for each row: sample_weights(w)");
}
template <class Z> void check_row_option(Z const&, reduction) {}

/// Returns the sum of f over the rows, with one number of each operand per row.
template <class B, class Z, class F, class... O>
double count_rows(B const& b, Z const& z, F const& f, std::tuple<O...> const& operands) {
  auto sum = make_scalar<double>(b);
  std::apply(
      [&](O const&... o) {
        b.reduce(domain<dynamic, 1>({fovea::shape_of(z)[0], 1}), f, std::tuple{overall{sum.data()}},
                 column_index<value_of<Z>>{}, o...);
      },
      operands);
  return b.read(sum);
}

/// Not a vector: one of bools has no elements to copy to.
template <class B, class T> std::unique_ptr<T[]> on_host(B const& b, T const* from, std::size_t n) {
  auto all = std::make_unique<T[]>(n);
  b.copy(from, all.get(), n);
  b.synchronize();
  return all;
}
/// Throws `argument_error`, which names the first unmasked row whose target is not a class index.
template <class B, class Y, class M>
void throw_class_error(B const& b, Y const* targets, M const* mask, std::size_t rows, std::size_t classes) {
  auto const all = detail::on_host(b, targets, rows);
  std::unique_ptr<M[]> kept;
  if constexpr (!std::same_as<M, absent>) kept = detail::on_host(b, mask, rows);
  for (std::size_t i = 0; i != rows; ++i) {
    if constexpr (!std::same_as<M, absent>)
      if (static_cast<double>(kept[i]) == 0) continue;
    if (std::cmp_less(all[i], 0) || std::cmp_greater_equal(all[i], classes))
      throw argument_error("loss: the class of row " + std::to_string(i) + " is " + std::to_string(all[i]) +
                           ", and there are " + std::to_string(classes));
  }
}

/// Validates the arguments, reduces the loss over the rows and returns the value.
template <class B, class L, class Z, class Y, class... G, class... O>
value_of<Z> evaluate_rows(B const& b, L const& loss, Z const& z, Y const& y, value_of<Z>* values,
                          std::tuple<G...> const& gradient, O const&... options) {
  using T = value_of<Z>;
  static_assert(traits_of<Z>::rank == 2 || traits_of<Z>::rank == dynamic_rank,
                "a loss of rows takes predictions of rank 2: (rows, classes)");
  fovea::validate(loss);
  auto const from = fovea::as_matrix("loss", "predictions have", z);
  auto const rows = from.extents.extent(0), classes = from.extents.extent(1);
  detail::check_rows(z, "targets", y);
  (detail::check_row_option(z, options), ...);
  if (classes == 0 || classes >= (std::size_t{1} << std::numeric_limits<T>::digits))
    throw shape_error("loss: predictions have shape " + to_string(fovea::shape_of(z)) +
                      "; there must be classes, and each number of one exact");
  fovea::require_reachable(b, "loss", "predictions", z), fovea::require_reachable(b, "loss", "targets", y);
  (detail::check_reach(b, options), ...);
  auto chosen = reduction::mean;
  (detail::choose(chosen, options), ...);
  auto const* const weights = detail::given(row_weights_of(options)...);
  auto const* const kept = detail::given(mask_of<T>(options)...);
  using W = std::remove_cvref_t<decltype(*weights)>;
  using M = std::remove_cvref_t<decltype(*kept)>;

  auto const weight = std::tuple_cat(detail::weight_operands(options)...);
  auto const masked = std::tuple_cat(detail::mask_operands<T>(options)...);
  auto const* const targets = fovea::data(y);
  auto const no_class = scaled(is_no_class{static_cast<double>(classes)}, 1, std::tuple{}, masked);
  if (detail::count_rows(b, z, no_class, std::tuple_cat(std::tuple{detail::read_each(y)}, masked)) != 0)
    detail::throw_class_error(b, targets, kept, rows, classes);
  double divisor = static_cast<double>(rows);
  if (chosen == reduction::weighted_mean)
    divisor = detail::count_rows(b, z, count(weight, masked), std::tuple_cat(weight, masked));
  else if (std::tuple_size_v<decltype(masked)> != 0)
    divisor = detail::count_rows(b, z, count(std::tuple{}, masked), masked);
  if (chosen == reduction::sum) divisor = 1;
  auto sum = make_scalar<double>(b);
  of_row<T, L, value_of<Y>, W, M> const formula{loss, divisor == 0 ? 0 : 1 / divisor, targets, weights, kept, values};
  std::apply(
      [&](auto const&... g) {
        b.reduce_rows(from.extents, formula, overall{sum.data()}, each<T const>{from.elements}, g...);
      },
      gradient);
  return static_cast<T>(detail::quotient(b.read(sum), divisor));
}

}  // namespace detail

/// Returns the mean loss of the rows, unless an option chooses another `reduction`; `sample_weights` and a `mask` of rows
/// are the other options.
///
/// Predictions have shape (rows, classes); targets are class indices, integers in [0, classes), of shape (rows) or
/// (rows, 1). Throws `shape_error` for other shapes, and `argument_error` if the target of an unmasked row is not a class
/// index.
///
///     float const mean = fovea::value(fovea::softmax_cross_entropy{}, logits, classes);
template <backend B, real_tensor Z, class_tensor Y, rowwise_loss_of<Z> L, loss_option... O>
  requires same_memory_as<Y, Z>
value_of<Z> value(B const& b, L const& loss, Z const& predictions, Y const& targets, O const&... options) {
  return detail::evaluate_rows(b, loss, predictions, targets, nullptr, std::tuple{}, options...);
}

/// Returns the loss of each row, weighted and masked but not reduced, as a tensor of shape (rows).
template <backend B, real_tensor Z, class_tensor Y, rowwise_loss_of<Z> L, loss_option... O>
  requires same_memory_as<Y, Z>
auto values(B const& b, L const& loss, Z const& predictions, Y const& targets, O const&... options) {
  auto result = b.template empty<value_of<Z>>(std::array{fovea::shape_of(predictions)[0]});
  detail::evaluate_rows(b, loss, predictions, targets, fovea::data(result), std::tuple{}, options..., reduction::sum);
  return result;
}

/// Returns the value and writes its gradient with respect to the predictions into `gradient`, a tensor of their shape.
/// Allocates nothing.
template <backend B, real_tensor Z, class_tensor Y, rowwise_loss_of<Z> L, same_memory_as<Z> G, loss_option... O>
  requires writable_tensor<G> && same_memory_as<Y, Z>
value_of<Z> value_and_gradient(B const& b, L const& loss, Z const& predictions, Y const& targets, G&& gradient,
                               O const&... options) {
  detail::check_result(b, loss, predictions, targets, gradient, "gradient");
  return detail::evaluate_rows(b, loss, predictions, targets, nullptr, std::tuple{out{fovea::data(gradient)}},
                               options...);
}

/// Returns the value and its gradient with respect to the predictions.
template <backend B, real_tensor Z, class_tensor Y, rowwise_loss_of<Z> L, loss_option... O>
  requires same_memory_as<Y, Z>
auto value_and_gradient(B const& b, L const& loss, Z const& predictions, Y const& targets, O const&... options) {
  auto gradient = fovea::empty_like(b, predictions);
  auto const value = fovea::value_and_gradient(b, loss, predictions, targets, gradient, options...);
  return value_and_gradient_result<value_of<Z>, decltype(gradient)>{value, std::move(gradient)};
}

/// Returns the gradient with respect to the predictions.
template <backend B, real_tensor Z, class_tensor Y, rowwise_loss_of<Z> L, loss_option... O>
  requires same_memory_as<Y, Z>
auto gradient(B const& b, L const& loss, Z const& predictions, Y const& targets, O const&... options) {
  return fovea::value_and_gradient(b, loss, predictions, targets, options...).gradient;
}

// Overloads without a backend compute on a default-constructed `backend_of<Z>`.

template <class L, real_tensor Z, class_tensor Y, class... Rest>
  requires rowwise_loss_of<L, Z>
auto value(L const& loss, Z const& predictions, Y const& targets, Rest&&... rest) {
  return fovea::value(backend_of<Z>{}, loss, predictions, targets, std::forward<Rest>(rest)...);
}
template <class L, real_tensor Z, class_tensor Y, class... Rest>
  requires rowwise_loss_of<L, Z>
auto values(L const& loss, Z const& predictions, Y const& targets, Rest&&... rest) {
  return fovea::values(backend_of<Z>{}, loss, predictions, targets, std::forward<Rest>(rest)...);
}
template <class L, real_tensor Z, class_tensor Y, class... Rest>
  requires rowwise_loss_of<L, Z>
auto gradient(L const& loss, Z const& predictions, Y const& targets, Rest&&... rest) {
  return fovea::gradient(backend_of<Z>{}, loss, predictions, targets, std::forward<Rest>(rest)...);
}
template <class L, real_tensor Z, class_tensor Y, class... Rest>
  requires rowwise_loss_of<L, Z>
auto value_and_gradient(L const& loss, Z const& predictions, Y const& targets, Rest&&... rest) {
  return fovea::value_and_gradient(backend_of<Z>{}, loss, predictions, targets, std::forward<Rest>(rest)...);
}

}  // namespace fovea
