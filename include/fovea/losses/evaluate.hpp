// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/losses/loss_driver.hpp>

/// `value`, `values`, `gradient`, `value_and_gradient` and `value_gradient_and_hessian` evaluate a loss over tensors: a loss of
/// elements, whose predictions and targets have one shape, or a loss of rows, whose predictions are (rows, classes) and whose
/// targets are the class of each row, (rows) or (rows, 1), or, if it takes them, the probability of each class.
///
///     fovea::sigmoid_focal_loss const loss{.gamma = 2};
///     float const mean = fovea::value(loss, logits, targets);
///     float const sum = fovea::value(loss, logits, targets, fovea::reduction::sum, fovea::weights(w), fovea::mask(m));
///     float const same = fovea::value(fovea::xtensor_backend{{.threads = 2}}, loss, logits, targets);  // same bits as mean
///     auto const [value, gradient] = fovea::value_and_gradient(fovea::softmax_cross_entropy{}, rows_of_logits, classes);
///
/// The backend is an optional first argument, like an execution policy. After the targets come the tensors that take the
/// gradient and the Hessian, if the caller has them, then options in any order. Each call is one fused pass, or two if a mask or
/// `reduction::weighted_mean` makes the divisor a sum; it allocates nothing if results are passed, and reads one number
/// back, or two where it checks classes first.
///
/// All throw `argument_error` for a hyper-parameter outside its domain and for a number of no class, `shape_error` for shapes that
/// do not match, and on CUDA `device_error` for a tensor that is not in the backend's memory.
namespace fovea {

/// A loss's value, and its gradient with respect to the predictions, as a tensor of their shape.
template <class T, class G> struct value_and_gradient_result {
  T value;
  G gradient;
};
/// A loss's value, its gradient and the diagonal of its Hessian with respect to the predictions. The Hessian of an
/// elementwise loss is zero off the diagonal; that of a loss of rows is not.
template <class T, class G> struct value_gradient_and_hessian_result {
  T value;
  G gradient, hessian;
};

namespace detail {

/// Fails to compile, with a sentence on what is wrong with a call. Returns a number, for fewer errors.
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
  else if constexpr (rowwise_loss_of<L, Z> && !evaluable_by_rows<L, Z, Y>)
    static_assert(
        evaluable_by_rows<L, Z, Y>,
        "this loss takes the class of each row as an integer: targets of int, such as a std::vector<int>; or, if it "
        "takes them, probabilities of the predictions' type");
  else if constexpr (!loss_of<L, Z>)
    static_assert(loss_of<L, Z>,
                  "a loss is a formula of the predictions' numbers, of dual numbers and of dual2 numbers");
  else
    static_assert(sizeof(L) == 0,
                  "after the targets come the tensors that take the gradient and the Hessian, not const and "
                  "in the predictions' memory, then options: a reduction, weights, sample_weights, mask");
  return 0;
}

/// A tensor that takes a result, and options after it.
template <class R, class Z>
concept result_for = same_memory_as<R, Z> && writable_tensor<R> && std::same_as<value_of<R>, value_of<Z>>;

/// A function on (backend, loss, predictions, targets, rest...), as an object: no user's namespace can take a call of it over.
/// `Call` has `run(b, loss, z, y, rest...)`; other arguments than those it takes are explained.
template <class Call> struct loss_function {
  template <backend B, class L, class Z, class Y, class... Rest>
    requires evaluable<L, Z, Y> && requires { typename Call::template takes<Z, Rest&&...>; }
  auto operator()(B const& b, L const& loss, Z const& predictions, Y const& targets, Rest&&... rest) const {
    if constexpr (Call::template takes<Z, Rest&&...>::value)
      return Call::run(b, loss, predictions, targets, std::forward<Rest>(rest)...);
    else return detail::explain<L, Z, Y, std::remove_cvref_t<Rest>...>();
  }
  template <class L, class Z, class Y, class... Rest>
    requires(!backend<L> && evaluable<L, Z, Y>)
  auto operator()(L const& loss, Z const& predictions, Y const& targets, Rest&&... rest) const {
    return (*this)(backend_of<Z>{}, loss, predictions, targets, std::forward<Rest>(rest)...);
  }
  template <class First, class Second, class Third, class... Rest>
    requires(!evaluable<First, Second, Third>)
  auto operator()(First const&, Second const&, Third const&, Rest const&...) const {
    return detail::explain<First, Second, Third, Rest...>();
  }
  template <class L, class Data> auto operator()(L const&, Data const&) const {
    static_assert(
        sizeof(L) == 0,
        "fovea: a loss takes predictions and targets, value(loss, predictions, targets); that of a trainer on a "
        "data set is trainer.evaluate(data)");
  }
};

template <bool Holds> using takes_if = std::bool_constant<Holds>;

struct value_call {
  template <class Z, class... Rest> using takes = takes_if<(loss_option<std::remove_cvref_t<Rest>> && ...)>;
  template <class B, class L, class Z, class Y, class... O>
  static value_of<Z> run(B const& b, L const& loss, Z const& z, Y const& y, O const&... options) {
    return detail::evaluate<stored::nothing>(b, loss, z, y, std::tuple<>{}, options...);
  }
};
struct values_call {
  template <class Z, class... Rest> using takes = takes_if<(loss_option<std::remove_cvref_t<Rest>> && ...)>;
  template <class B, class L, class Z, class Y, class... O>
  static auto run(B const& b, L const& loss, Z const& z, Y const& y, O const&... options) {
    auto result = [&] {
      if constexpr (loss_of<L, Z>) return fovea::empty_like(b, z);
      else return b.template empty<value_of<Z>>(std::array{fovea::shape_of(z)[0]});
    }();
    detail::evaluate<stored::values>(b, loss, z, y, std::tuple{fovea::data(result)}, options..., reduction::sum);
    return result;
  }
};
template <class Z, class... Rest>
struct takes_a_gradient : takes_if<(loss_option<std::remove_cvref_t<Rest>> && ...)> {};
template <class Z, class G, class... Rest>
  requires result_for<G, Z>
struct takes_a_gradient<Z, G, Rest...> : takes_if<(loss_option<std::remove_cvref_t<Rest>> && ...)> {};

struct value_and_gradient_call {
  template <class Z, class... Rest> using takes = takes_a_gradient<Z, Rest...>;
  template <class B, class L, class Z, class Y, result_for<Z> G, class... O>
  static value_of<Z> run(B const& b, L const& loss, Z const& z, Y const& y, G&& gradient, O const&... options) {
    detail::check_result(b, loss, z, y, gradient, "gradient", options...);
    return detail::evaluate<stored::gradient>(b, loss, z, y, std::tuple{fovea::data(gradient)}, options...);
  }
  template <class B, class L, class Z, class Y, loss_option... O>
  static auto run(B const& b, L const& loss, Z const& z, Y const& y, O const&... options) {
    auto gradient = fovea::empty_like(b, z);
    auto const value = run(b, loss, z, y, gradient, options...);
    return value_and_gradient_result<value_of<Z>, decltype(gradient)>{value, std::move(gradient)};
  }
};
struct gradient_call {
  template <class Z, class... Rest> using takes = takes_if<(loss_option<std::remove_cvref_t<Rest>> && ...)>;
  template <class B, class L, class Z, class Y, class... O>
  static auto run(B const& b, L const& loss, Z const& z, Y const& y, O const&... options) {
    return value_and_gradient_call::run(b, loss, z, y, options...).gradient;
  }
};
template <class Z, class... Rest>
struct takes_two_results : takes_if<(loss_option<std::remove_cvref_t<Rest>> && ...)> {};
template <class Z, class G, class H, class... Rest>
  requires result_for<G, Z> && result_for<H, Z>
struct takes_two_results<Z, G, H, Rest...> : takes_if<(loss_option<std::remove_cvref_t<Rest>> && ...)> {};

struct value_gradient_and_hessian_call {
  template <class Z, class... Rest> using takes = takes_two_results<Z, Rest...>;
  template <class B, class L, class Z, class Y, result_for<Z> G, result_for<Z> H, class... O>
  static value_of<Z> run(B const& b, L const& loss, Z const& z, Y const& y, G&& gradient, H&& hessian,
                         O const&... options) {
    detail::check_result(b, loss, z, y, gradient, "gradient", options...);
    detail::check_result(b, loss, z, y, hessian, "Hessian", options...);
    if (fovea::size(gradient) != 0 && fovea::data(std::as_const(gradient)) == fovea::data(std::as_const(hessian)))
      throw argument_error("loss: gradient and Hessian are the same memory");
    detail::check_overlap("gradient", gradient, "Hessian", hessian);
    return detail::evaluate<stored::gradient_and_hessian>(
        b, loss, z, y, std::tuple{fovea::data(gradient), fovea::data(hessian)}, options...);
  }
  template <class B, class L, class Z, class Y, loss_option... O>
  static auto run(B const& b, L const& loss, Z const& z, Y const& y, O const&... options) {
    auto gradient = fovea::empty_like(b, z), hessian = fovea::empty_like(b, z);
    auto const value = run(b, loss, z, y, gradient, hessian, options...);
    return value_gradient_and_hessian_result<value_of<Z>, decltype(gradient)>{value, std::move(gradient),
                                                                              std::move(hessian)};
  }
};

}  // namespace detail

/// Returns the loss: the mean over all elements, or rows, unless an option chooses another `reduction`.
///
///     float const mean = fovea::value(loss, logits, targets);
inline constexpr detail::loss_function<detail::value_call> value{};

/// Returns the loss of each element, as a tensor of the predictions' shape, or of each row, as one of shape (rows): weighted and
/// masked but not reduced.
///
///     auto const losses = fovea::values(loss, logits, targets);
inline constexpr detail::loss_function<detail::values_call> values{};

/// Returns the gradient with respect to the predictions, as a tensor of their shape.
///
///     auto const slopes = fovea::gradient(loss, logits, targets);
inline constexpr detail::loss_function<detail::gradient_call> gradient{};

/// Returns the value and its gradient with respect to the predictions; or writes the gradient into a tensor of their shape, and
/// returns the value.
///
///     auto const [value, gradient] = fovea::value_and_gradient(loss, logits, targets);
///     float const same = fovea::value_and_gradient(loss, logits, targets, slopes);
inline constexpr detail::loss_function<detail::value_and_gradient_call> value_and_gradient{};

/// Returns the value, its gradient and the diagonal of its Hessian; or writes these two into tensors of the predictions' shape, and
/// returns the value.
///
///     auto const [value, gradient, hessian] = fovea::value_gradient_and_hessian(loss, logits, targets);
inline constexpr detail::loss_function<detail::value_gradient_and_hessian_call> value_gradient_and_hessian{};

}  // namespace fovea
