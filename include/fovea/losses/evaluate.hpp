// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

#include <fovea/losses/loss_formulas.hpp>

/// `value`, `values`, `gradient`, `value_and_gradient` and `value_gradient_and_hessian` evaluate a loss over tensors. Each
/// is one fused pass, or two if a mask or `reduction::weighted_mean` makes the divisor a sum. The backend is an optional
/// first argument, like an execution policy.
///
/// All throw `argument_error` for a hyper-parameter outside its domain, `shape_error` for shapes that do not match, and on
/// CUDA `device_error` for a tensor that is not in the backend's memory.
namespace fovea {

namespace detail {

/// The tensor as an operand that is only read: a view of elements that could be written must not be written back over a
/// result in the same memory.
template <class X> auto read_each(X const& x) { return each<value_of<X> const>{fovea::data(x)}; }

template <class W> auto weight_operands(weights<W> const& w) { return std::tuple{detail::read_each(w.tensor)}; }
template <class W> auto weight_operands(sample_weights<W> const& w) {
  return std::tuple{per_row{fovea::data(w.tensor)}};
}
template <class O> auto weight_operands(O const&) { return std::tuple<>{}; }
template <class T, class M> auto mask_operands(mask<M> const& m) { return std::tuple{each{mask_elements<T>(m)}}; }
template <class T, class O> auto mask_operands(O const&) { return std::tuple<>{}; }

template <class Z, class W> void check(Z const& z, weights<W> const& w) {
  static_assert(same_memory_as<W, Z>, "weights lie in another backend's memory than the predictions");
  detail::require_same_order<Z, W>();
  fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), "weights", fovea::shape_of(w.tensor));
}
template <class Z, class M> void check(Z const& z, mask<M> const& m) {
  static_assert(same_memory_as<M, Z>, "a mask lies in another backend's memory than the predictions");
  detail::require_same_order<Z, M>();
  fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), "mask", fovea::shape_of(m.tensor));
}
template <class Z, class W> void check(Z const& z, sample_weights<W> const& w) {
  static_assert(same_memory_as<W, Z>, "sample weights lie in another backend's memory than the predictions");
  detail::require_rows<Z>();
  auto const rows = fovea::row_domain(z).extent(0), given = fovea::size(w.tensor);
  if (rows != given || fovea::shape_of(w.tensor)[0] != rows)
    throw shape_error("loss: predictions have shape " + to_string(fovea::shape_of(z)) + ", sample weights " +
                      to_string(fovea::shape_of(w.tensor)) + "; one weight for each row is needed");
}
template <class Z> void check(Z const&, reduction) {}

template <class B> void check_reach(B const&, reduction) {}
template <class B, class W> void check_reach(B const& b, weights<W> const& w) {
  fovea::require_reachable(b, "loss", "weights", w.tensor);
}
template <class B, class W> void check_reach(B const& b, sample_weights<W> const& w) {
  fovea::require_reachable(b, "loss", "sample weights", w.tensor);
}
template <class B, class M> void check_reach(B const& b, mask<M> const& m) {
  fovea::require_reachable(b, "loss", "mask", m.tensor);
}

inline void choose(reduction& chosen, reduction option) { chosen = option; }
template <class O> void choose(reduction&, O const&) {}

template <class L, class Z, class Y, class... O>
void check_all(L const& loss, Z const& z, Y const& y, O const&... options) {
  static_assert(
      same_rank_as<Z, Y>,
      "a loss takes predictions and targets of one shape: (N) and (N, 1) differ, and nothing broadcasts in silence");
  static_assert(std::same_as<value_of<Z>, value_of<Y>> || !std::floating_point<value_of<Y>>,
                "a loss takes predictions and targets of one real type, or targets that are integers or bools");
  detail::require_same_order<Z, Y>();
  fovea::validate(loss);
  fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), "targets", fovea::shape_of(y));
  (check(z, options), ...);
}

// Not an alias template: nvcc loses the pack if the alias drops its second parameter.
template <class Role, class> struct each_is {
  using type = Role;
};

/// Return the complete formula: `scaled` if the divisor is known, `divided` if it is counted; `count` returns the formula
/// of one element's contribution to the counted divisor.
template <class L, class... W, class... M>
auto scaled(L const& loss, double scale, std::tuple<W...> const&, std::tuple<M...> const&) {
  using namespace formulas;
  return scaled_loss<L, typename each_is<times_weight, W>::type..., typename each_is<where_unmasked, M>::type...>{
      loss, scale};
}
template <class L, class... W, class... M>
auto divided(L const& loss, std::tuple<W...> const&, std::tuple<M...> const&) {
  using namespace formulas;
  return scaled_loss<L, typename each_is<times_weight, W>::type..., over_count,
                     typename each_is<where_unmasked, M>::type...>{loss, 1};
}
template <class... W, class... M> auto count(std::tuple<W...> const&, std::tuple<M...> const&) {
  using namespace formulas;
  return counted<typename each_is<times_weight, W>::type..., typename each_is<where_unmasked, M>::type...>{};
}

/// Divides a sum; nothing left of a loss is 0.
inline double quotient(double sum, double divisor) { return sum == 0 && divisor == 0 ? 0 : sum / divisor; }

/// Validates the arguments, reduces `Store` of the complete formula over the tensors, and returns the value.
template <template <class> class Store, class B, class L, class Z, class Y, class... Out, class... O>
value_of<Z> evaluate(B const& b, L const& loss, Z const& z, Y const& y, std::tuple<Out...> const& outputs,
                     O const&... options) {
  check_all(loss, z, y, options...);
  fovea::require_reachable(b, "loss", "predictions", z), fovea::require_reachable(b, "loss", "targets", y);
  (check_reach(b, options), ...);
  auto chosen = reduction::mean;
  (choose(chosen, options), ...);
  auto const weight = std::tuple_cat(weight_operands(options)...);
  auto const masked = std::tuple_cat(mask_operands<value_of<Z>>(options)...);
  auto const n = static_cast<double>(fovea::size(z));
  auto const reduce = [&](auto const& formula, double* to, auto const&... operands) {
    auto const all = std::tuple_cat(std::tuple{detail::read_each(z)}, operands...);
    std::apply([&](auto const&... o) { b.reduce(fovea::row_domain(z), formula, std::tuple{overall{to}}, o...); }, all);
  };
  auto const targets = std::tuple{detail::read_each(y)};
  auto sum = make_scalar<double>(b);
  constexpr bool any_weight = std::tuple_size_v<decltype(weight)> != 0,
                 any_mask = std::tuple_size_v<decltype(masked)> != 0;
  if constexpr (any_weight || any_mask) {
    if (chosen == reduction::weighted_mean || (chosen == reduction::mean && any_mask)) {
      auto divisor = make_scalar<double>(b);
      if (chosen == reduction::weighted_mean) reduce(count(weight, masked), divisor.data(), weight, masked);
      else reduce(count(std::tuple{}, masked), divisor.data(), masked);
      reduce(Store<decltype(divided(loss, weight, masked))>{divided(loss, weight, masked)}, sum.data(), outputs,
             targets, weight, std::tuple{broadcast{std::as_const(divisor).data()}}, masked);
      return static_cast<value_of<Z>>(detail::quotient(b.read(sum), b.read(divisor)));
    }
  }
  auto const divisor = chosen == reduction::sum || n == 0 ? 1 : n;
  auto const formula = scaled(loss, 1 / divisor, weight, masked);
  reduce(Store<decltype(formula)>{formula}, sum.data(), outputs, targets, weight, masked);
  return static_cast<value_of<Z>>(b.read(sum) / divisor);
}

template <class F> struct only_total {
  F f;
  template <class... X> FOVEA_HD constexpr auto operator()(X const&... x) const { return f(x...); }
};

/// Throws `argument_error` if two tensors share a part of their memory, but not all of it: a result may overwrite an operand
/// element by element, but not elements that are still to be read.
template <class X, class G> void check_overlap(char const* what, X const& x, char const* name, G const& into) {
  auto const begin = [](auto const& t) { return reinterpret_cast<std::uintptr_t>(fovea::data(t)); };
  auto const end = [&](auto const& t) { return begin(t) + fovea::size(t) * sizeof(*fovea::data(t)); };
  bool const same = begin(x) == begin(into) && sizeof(value_of<X>) == sizeof(value_of<G>);
  if (!same && begin(x) < end(into) && begin(into) < end(x))
    throw argument_error(std::string("loss: ") + name + " overlaps a part of " + what +
                         "; it may be the same memory, or other memory");
}

template <class B, class L, class Z, class Y, class G>
void check_result(B const& b, L const&, Z const& z, Y const& y, G const& into, char const* name) {
  static_assert(same_rank_as<Z, G>, "the tensor that takes a result has the rank of the predictions");
  detail::require_same_order<Z, G>();
  fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), name, fovea::shape_of(into));
  fovea::require_reachable(b, "loss", name, into);
  detail::check_overlap("predictions", z, name, into), detail::check_overlap("targets", y, name, into);
}

}  // namespace detail

/// A loss's value, and its gradient with respect to the predictions, as a tensor of their shape.
template <class T, class G> struct value_and_gradient_result {
  T value;
  G gradient;
};
/// A loss's value, its gradient and the diagonal of its Hessian with respect to the predictions. The Hessian of an
/// elementwise loss is zero off the diagonal.
template <class T, class G> struct value_gradient_and_hessian_result {
  T value;
  G gradient, hessian;
};

/// An elementwise loss that can be evaluated on predictions of type Z.
template <class L, class Z>
concept loss_of = elementwise_loss<L, value_of<Z>>;

namespace detail {

/// True for a loss of rows; losses/rowwise.hpp defines it.
template <class L, class T> inline constexpr bool is_rowwise = false;

/// Fails to compile, with a sentence on why a call matches none of the functions below. Returns a number, for fewer errors.
template <class L, class Z, class Y, class... Rest> constexpr double explain() {
  if constexpr (backend<L> && sizeof...(Rest) != 0) return explain<Z, Y, Rest...>();
  else if constexpr (tensor<L>)
    static_assert(!tensor<L>,
                  "the arguments are the loss, the predictions and the targets, in this order, after a backend");
  else if constexpr (!tensor<Z>) detail::require_tensor<Z>();
  else if constexpr (!tensor<Y>) detail::require_tensor<Y>();
  else if constexpr (!real_tensor<Z>)
    static_assert(real_tensor<Z>, "a loss takes predictions that are real numbers, such as float or double");
  else if constexpr (!same_memory_as<Y, Z>)
    static_assert(same_memory_as<Y, Z>, "predictions and targets lie in different memory; fovea::copy crosses");
  else if constexpr (is_rowwise<L, value_of<Z>> && !std::integral<value_of<Y>>)
    static_assert(std::integral<value_of<Y>>,
                  "this loss takes the class of each row as an integer: targets of int, such as a std::vector<int>");
  else if constexpr (!loss_of<L, Z>)
    static_assert(loss_of<L, Z>,
                  "a loss is a formula of the predictions' numbers, of dual numbers and of dual2 numbers");
  else
    static_assert(sizeof(L) == 0,
                  "after the targets come the tensors that take the gradient and the Hessian, not const and "
                  "in the predictions' memory, then options: a reduction, weights, sample_weights, mask");
  return 0;
}

}  // namespace detail

/// Returns the loss of the predictions against the targets: the mean over all elements, unless an option chooses another
/// `reduction`.
///
///     fovea::sigmoid_focal_loss const loss{.gamma = 2};
///     float const mean = fovea::value(loss, logits, targets);
///     float const sum = fovea::value(loss, logits, targets, fovea::reduction::sum, fovea::weights(w), fovea::mask(m));
///     float const same = fovea::value(fovea::xtensor_backend{{.threads = 2}}, loss, logits, targets);  // same bits as mean
template <backend B, real_tensor Z, same_memory_as<Z> Y, loss_of<Z> L, loss_option... O>
value_of<Z> value(B const& b, L const& loss, Z const& predictions, Y const& targets, O const&... options) {
  return detail::evaluate<detail::only_total>(b, loss, predictions, targets, std::tuple{}, options...);
}

/// Returns the loss of each element, weighted and masked but not reduced, as a tensor of the predictions' shape.
///
///     auto const losses = fovea::values(loss, logits, targets);
template <backend B, real_tensor Z, same_memory_as<Z> Y, loss_of<Z> L, loss_option... O>
auto values(B const& b, L const& loss, Z const& predictions, Y const& targets, O const&... options) {
  auto result = fovea::empty_like(b, predictions);
  detail::evaluate<formulas::store_value>(b, loss, predictions, targets, std::tuple{out{fovea::data(result)}},
                                          options..., reduction::sum);
  return result;
}

/// Returns the value and writes its gradient with respect to the predictions into `gradient`, a tensor of their shape.
/// Allocates nothing.
///
///     float const value = fovea::value_and_gradient(loss, logits, targets, gradient);
template <backend B, real_tensor Z, same_memory_as<Z> Y, loss_of<Z> L, same_memory_as<Z> G, loss_option... O>
  requires writable_tensor<G>
value_of<Z> value_and_gradient(B const& b, L const& loss, Z const& predictions, Y const& targets, G&& gradient,
                               O const&... options) {
  detail::check_result(b, loss, predictions, targets, gradient, "gradient");
  return detail::evaluate<formulas::store_slope>(b, loss, predictions, targets, std::tuple{out{fovea::data(gradient)}},
                                                 options...);
}

/// Returns the value and its gradient with respect to the predictions.
///
///     auto const [value, gradient] = fovea::value_and_gradient(loss, logits, targets);
template <backend B, real_tensor Z, same_memory_as<Z> Y, loss_of<Z> L, loss_option... O>
auto value_and_gradient(B const& b, L const& loss, Z const& predictions, Y const& targets, O const&... options) {
  auto gradient = fovea::empty_like(b, predictions);
  auto const value = fovea::value_and_gradient(b, loss, predictions, targets, gradient, options...);
  return value_and_gradient_result<value_of<Z>, decltype(gradient)>{value, std::move(gradient)};
}

/// Returns the gradient with respect to the predictions.
///
///     auto const slopes = fovea::gradient(loss, logits, targets);
template <backend B, real_tensor Z, same_memory_as<Z> Y, loss_of<Z> L, loss_option... O>
auto gradient(B const& b, L const& loss, Z const& predictions, Y const& targets, O const&... options) {
  return fovea::value_and_gradient(b, loss, predictions, targets, options...).gradient;
}

/// Returns the value and writes its gradient and the diagonal of its Hessian into tensors of the predictions' shape.
/// Allocates nothing.
template <backend B, real_tensor Z, same_memory_as<Z> Y, loss_of<Z> L, same_memory_as<Z> G, same_memory_as<Z> H,
          loss_option... O>
  requires writable_tensor<G> && writable_tensor<H>
value_of<Z> value_gradient_and_hessian(B const& b, L const& loss, Z const& predictions, Y const& targets, G&& gradient,
                                       H&& hessian, O const&... options) {
  detail::check_result(b, loss, predictions, targets, gradient, "gradient");
  detail::check_result(b, loss, predictions, targets, hessian, "Hessian");
  if (fovea::size(gradient) != 0 && fovea::data(std::as_const(gradient)) == fovea::data(std::as_const(hessian)))
    throw argument_error("loss: gradient and Hessian are the same memory");
  detail::check_overlap("gradient", gradient, "Hessian", hessian);
  return detail::evaluate<formulas::store_curvature>(
      b, loss, predictions, targets, std::tuple{out{fovea::data(gradient)}, out{fovea::data(hessian)}}, options...);
}

/// Returns the value, its gradient and the diagonal of its Hessian with respect to the predictions.
///
///     auto const [value, gradient, hessian] = fovea::value_gradient_and_hessian(loss, logits, targets);
template <backend B, real_tensor Z, same_memory_as<Z> Y, loss_of<Z> L, loss_option... O>
auto value_gradient_and_hessian(B const& b, L const& loss, Z const& predictions, Y const& targets,
                                O const&... options) {
  auto gradient = fovea::empty_like(b, predictions), hessian = fovea::empty_like(b, predictions);
  auto const value = fovea::value_gradient_and_hessian(b, loss, predictions, targets, gradient, hessian, options...);
  return value_gradient_and_hessian_result<value_of<Z>, decltype(gradient)>{value, std::move(gradient),
                                                                            std::move(hessian)};
}

// Overloads for calls that match no other one: their error names the reason. Because they accept any arguments, a
// requires-expression does not detect whether a call is valid; check the concepts instead.

template <class... Given>
  requires(sizeof...(Given) > 2)
auto value(Given const&...) {
  return detail::explain<Given...>();
}
template <class... Given>
  requires(sizeof...(Given) > 2)
auto values(Given const&...) {
  return detail::explain<Given...>();
}
template <class... Given>
  requires(sizeof...(Given) > 2)
auto gradient(Given const&...) {
  return detail::explain<Given...>();
}
template <class... Given>
  requires(sizeof...(Given) > 2)
auto value_and_gradient(Given const&...) {
  return detail::explain<Given...>();
}
template <class... Given>
  requires(sizeof...(Given) > 2)
auto value_gradient_and_hessian(Given const&...) {
  return detail::explain<Given...>();
}

// Overloads without a backend compute on a default-constructed `backend_of<Z>`.

template <class L, real_tensor Z, class... Rest>
  requires loss_of<L, Z>
auto value(L const& loss, Z const& predictions, Rest&&... rest) {
  return fovea::value(backend_of<Z>{}, loss, predictions, std::forward<Rest>(rest)...);
}
template <class L, real_tensor Z, class... Rest>
  requires loss_of<L, Z>
auto values(L const& loss, Z const& predictions, Rest&&... rest) {
  return fovea::values(backend_of<Z>{}, loss, predictions, std::forward<Rest>(rest)...);
}
template <class L, real_tensor Z, class... Rest>
  requires loss_of<L, Z>
auto gradient(L const& loss, Z const& predictions, Rest&&... rest) {
  return fovea::gradient(backend_of<Z>{}, loss, predictions, std::forward<Rest>(rest)...);
}
template <class L, real_tensor Z, class... Rest>
  requires loss_of<L, Z>
auto value_and_gradient(L const& loss, Z const& predictions, Rest&&... rest) {
  return fovea::value_and_gradient(backend_of<Z>{}, loss, predictions, std::forward<Rest>(rest)...);
}
template <class L, real_tensor Z, class... Rest>
  requires loss_of<L, Z>
auto value_gradient_and_hessian(L const& loss, Z const& predictions, Rest&&... rest) {
  return fovea::value_gradient_and_hessian(backend_of<Z>{}, loss, predictions, std::forward<Rest>(rest)...);
}

}  // namespace fovea
