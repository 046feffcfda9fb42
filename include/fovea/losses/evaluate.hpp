// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/losses/loss_formulas.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/losses/rowwise.hpp>

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
/// `reduction::weighted_mean` makes the divisor a sum; it reads one number back, and allocates nothing if results are passed.
///
/// All throw `argument_error` for a hyper-parameter outside its domain and for a class that is none, `shape_error` for shapes that
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

/// An elementwise loss, and a loss of rows, that can be evaluated on predictions of type Z.
template <class L, class Z>
concept loss_of = elementwise_loss<L, value_of<Z>>;
template <class L, class Z>
concept rowwise_loss_of = rowwise_loss<L, value_of<Z>>;

namespace detail {

// ---- The arguments.

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

template <class Z, class Y>
concept one_real_type = std::same_as<value_of<Z>, value_of<Y>>;

/// A loss of rows on targets that it takes.
template <class L, class Z, class Y>
concept evaluable_by_rows =
    rowwise_loss_of<L, Z> && (class_tensor<Y> || (loss_of_probabilities<L, value_of<Z>> && one_real_type<Z, Y>));
template <class L, class Z, class Y>
concept evaluable =
    real_tensor<Z> && tensor<Y> && same_memory_as<Y, Z> && (loss_of<L, Z> || evaluable_by_rows<L, Z, Y>);

/// Throws unless predictions, targets and options fit each other.
template <class B, class L, class Z, class Y, class... O>
void check_arguments(B const& b, L const& loss, Z const& z, Y const& y, O const&... options) {
  fovea::validate(loss);
  constexpr bool rows = !loss_of<L, Z>;
  if constexpr (!rows) {
    static_assert(
        same_rank_as<Z, Y>,
        "a loss takes predictions and targets of one shape: (N) and (N, 1) differ, and nothing broadcasts in silence");
    static_assert(one_real_type<Z, Y> || !std::floating_point<value_of<Y>>,
                  "a loss takes predictions and targets of one real type, or targets that are integers or bools");
    detail::require_same_order<Z, Y>();
    fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), "targets", fovea::shape_of(y));
  } else {
    static_assert(traits_of<Z>::rank == 2 || traits_of<Z>::rank == dynamic_rank,
                  "a loss of rows takes predictions of rank 2: (rows, classes)");
    auto const classes = fovea::as_matrix("loss", "predictions have", z).extents.extent(1);
    if constexpr (class_tensor<Y>) {
      detail::check_one_for_each_row(z, "targets", y);
    } else {
      static_assert(
          same_rank_as<Z, Y>,
          "this loss takes the class of each row as an integer: targets of int, such as a std::vector<int>; or the "
          "probability of each class, in a tensor of the predictions' shape");
      detail::require_rows<Y>();
      fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), "targets", fovea::shape_of(y));
    }
    if (classes == 0 || classes >= (std::size_t{1} << std::numeric_limits<value_of<Z>>::digits))
      throw shape_error("loss: predictions have shape " + to_string(fovea::shape_of(z)) +
                        "; there must be classes, and each number of one exact");
    if constexpr (requires { loss.check_outputs(classes); }) loss.check_outputs(classes);
  }
  fovea::require_reachable(b, "loss", "predictions", z), fovea::require_reachable(b, "loss", "targets", y);
  (detail::check_option<rows>(b, z, options), ...);
}

/// Throws unless a tensor can take a result.
template <class B, class L, class Z, class Y, class G>
void check_result(B const& b, L const&, Z const& z, Y const& y, G const& into, char const* name) {
  static_assert(same_rank_as<Z, G>, "the tensor that takes a result has the rank of the predictions");
  detail::require_same_order<Z, G>();
  fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), name, fovea::shape_of(into));
  fovea::require_reachable(b, "loss", name, into);
  detail::check_overlap("predictions", z, name, into), detail::check_overlap("targets", y, name, into);
  if constexpr (!loss_of<L, Z> && !class_tensor<Y>)
    if (fovea::size(into) != 0 && fovea::data(y) == fovea::data(into))
      throw argument_error(std::string("loss: ") + name +
                           " is the memory of the targets, which a loss of rows reads twice");
}

// ---- The pass.

template <class F> struct only_total {
  F f;
  template <class... X> FOVEA_HD constexpr auto operator()(X const&... x) const { return f(x...); }
};
/// What a pass writes besides the sum, and its formula.
enum class stored { nothing, values, gradient, gradient_and_hessian };
template <stored What, class F> struct storing {
  using type = only_total<F>;
};
template <class F> struct storing<stored::values, F> {
  using type = formulas::store_value<F>;
};
template <class F> struct storing<stored::gradient, F> {
  using type = formulas::store_slope<F>;
};
template <class F> struct storing<stored::gradient_and_hessian, F> {
  using type = formulas::store_curvature<F>;
};

/// An elementwise loss with its options: a formula, and the operands after the targets.
template <class F, class... O> struct complete_formula {
  F formula;
  std::tuple<O...> operands;
};

/// Completes an elementwise loss, for a domain of rows. Counts the divisor of the mean first, if it is not known.
template <class T, class B, class L, class... O>
auto completed(B const& b, L const& loss, domain<> const& places, batch_loss& total, O const&... options) {
  auto const chosen = detail::reduction_of(options...);
  auto const weight = std::tuple_cat(detail::weight_operands(options)...);
  auto const masked = std::tuple_cat(detail::mask_operands<T>(options)...);
  constexpr bool any_weight = std::tuple_size_v<decltype(weight)> != 0,
                 any_mask = std::tuple_size_v<decltype(masked)> != 0;
  auto const n = static_cast<double>(places.size());
  total.divisor = chosen == reduction::sum || n == 0 ? 1 : n;
  auto const with = []<class F, class... X>(F const& formula, std::tuple<X...> const& operands) {
    return complete_formula<F, X...>{formula, operands};
  };
  if constexpr (any_weight || any_mask) {
    bool const weighted = chosen == reduction::weighted_mean && any_weight;
    auto const count = [&](auto const& formula, auto const& operands) {
      total.divisor = 0;
      std::apply(
          [&](auto const&... o) {
            b.reduce(places, formula, std::tuple{overall{total.counted}}, column_index<T>{}, o...);
          },
          operands);
    };
    // The formula reads the divisor from the backend's memory, counted or not.
    if (weighted) count(detail::count(weight, masked), std::tuple_cat(weight, masked));
    else if (any_mask && chosen != reduction::sum) count(detail::count(std::tuple{}, masked), masked);
    else b.for_each_index(1, formulas::store_number{total.counted, total.divisor});
    return with(detail::divided(loss, weight, masked),
                std::tuple_cat(weight, std::tuple{broadcast{static_cast<double const*>(total.counted)}}, masked));
  } else {
    return with(formulas::scaled_loss<L>{loss, 1 / total.divisor}, std::tuple<>{});
  }
}

/// Divides a sum; nothing left of a loss is 0.
inline double quotient(double sum, double divisor) { return sum == 0 && divisor == 0 ? 0 : sum / divisor; }

/// Reads the loss of a pass back.
template <class B, class Scalar> double read_loss(B const& b, Scalar& sum, batch_loss const& total) {
  if (total.divisor != 0 || !total.counted) return detail::quotient(b.read(sum), total.divisor);
  b.for_each_index(1, formulas::divide{total.sum, total.counted, total.sum});
  return b.read(sum);
}

/// Checks the arguments, runs the pass and returns the loss; `results` are the tensors that it writes.
template <stored What, class B, class L, class Z, class Y, class... R, class... O>
value_of<Z> evaluate(B const& b, L const& loss, Z const& z, Y const& y, std::tuple<R*...> const& results,
                     O const&... options) {
  using T = value_of<Z>;
  detail::check_arguments(b, loss, z, y, options...);
  auto sum = make_scalar<double>(b), counted = make_scalar<double>(b);
  batch_loss total{sum.data(), counted.data(), 0};
  auto const outputs = std::apply([](R*... r) { return std::tuple{out{r}...}; }, results);
  if constexpr (loss_of<L, Z>) {
    auto const all = detail::completed<T>(b, loss, fovea::row_domain(z), total, options...);
    using F = typename storing<What, std::remove_cvref_t<decltype(all.formula)>>::type;
    std::apply(
        [&](auto const&... o) {
          b.reduce(fovea::row_domain(z), F{all.formula}, std::tuple{overall{sum.data()}}, detail::read_each(z), o...);
        },
        std::tuple_cat(outputs, std::tuple{detail::read_each(y)}, all.operands));
  } else {
    auto const places = fovea::as_matrix("loss", "predictions have", z).extents;
    auto const rows = places.extent(0), classes = places.extent(1);
    if constexpr (class_tensor<Y>) detail::check_classes<T>("loss", b, loss, fovea::data(y), rows, classes, options...);
    T* values = nullptr;
    if constexpr (What == stored::values) values = std::get<0>(results);
    auto const formula = detail::with_divisor<T>(
        b, detail::formula_of_row<T>(loss, static_cast<value_of<Y> const*>(fovea::data(y)), values, options...), rows,
        classes, detail::reduction_of(options...), total);
    auto const written = [&] {
      if constexpr (What == stored::values) return std::tuple<>{};
      else return outputs;
    }();
    std::apply([&](auto const&... o) { b.reduce_rows(places, formula, overall{sum.data()}, o...); },
               std::tuple_cat(formula.operands(fovea::data(z)), written));
  }
  return static_cast<T>(detail::read_loss(b, sum, total));
}

// ---- The calls.

/// Fails to compile, with a sentence on why a call is none. Returns a number, for fewer errors.
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
    detail::check_result(b, loss, z, y, gradient, "gradient");
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
    detail::check_result(b, loss, z, y, gradient, "gradient");
    detail::check_result(b, loss, z, y, hessian, "Hessian");
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
