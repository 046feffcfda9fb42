// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/layer.hpp>
#include <fovea/losses/loss_formulas.hpp>
#include <fovea/losses/loss_options.hpp>
#include <fovea/losses/rowwise.hpp>

/// The pass that evaluates a loss, of elements or of rows: the checks of its arguments, the formula with its options, the divisor.
namespace fovea {

/// An elementwise loss that can be evaluated on predictions of type Z.
template <class L, class Z>
concept loss_of = elementwise_loss<L, value_of<Z>>;
/// A loss of rows that can be evaluated on predictions of type Z.
template <class L, class Z>
concept rowwise_loss_of = rowwise_loss<L, value_of<Z>>;

namespace detail {

/// Throws `argument_error` if two tensors share a part of their memory, but not all of it: a result may overwrite an operand
/// element by element, but not elements that are still to be read.
template <class X, class G> void check_overlap(char const* what, X const& x, char const* name, G const& into) {
  bool const same = static_cast<void const*>(fovea::data(x)) == static_cast<void const*>(fovea::data(into)) &&
                    std::same_as<value_of<X>, value_of<G>>;
  if (!same && detail::share_memory(x, into))
    throw argument_error(std::string("loss: ") + name + " overlaps a part of " + what +
                         "; it may be the same memory, or other memory");
}
/// Throws `argument_error` if a result shares memory with numbers that are read again for other elements of a row.
template <class X, class G> void check_apart(char const* what, X const& x, char const* name, G const& into) {
  if (detail::share_memory(x, into))
    throw argument_error(std::string("loss: ") + name + " overlaps the " + what + ", which a row reads again");
}
/// Throws `argument_error` if a result must not share the memory that it shares with an option. `Rows`: the loss is one of rows.
template <bool Rows, class O, class G> void check_option_overlap(O const& option, char const* name, G const& into) {
  detail::with_tensor_of(option, [&](auto const& read) {
    if constexpr (Rows || is_sample_weights<O>) detail::check_apart(option_noun<O>, read, name, into);
    else detail::check_overlap(option_noun<O>, read, name, into);
  });
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
  fovea::validate(loss), fovea::validate_in<value_of<Z>>(loss);
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
      constexpr bool fits = same_rank_as<Z, Y>;
      static_assert(
          fits,
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

/// Throws unless a tensor can take a result: each element that it overwrites has been read for the last time.
template <class B, class L, class Z, class Y, class G, class... O>
void check_result(B const& b, L const& loss, Z const& z, Y const& y, G const& into, char const* name,
                  O const&... options) {
  constexpr bool rows = !loss_of<L, Z>;
  static_assert(same_rank_as<Z, G>, "the tensor that takes a result has the rank of the predictions");
  detail::require_same_order<Z, G>();
  fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), name, fovea::shape_of(into));
  fovea::require_reachable(b, "loss", name, into);
  detail::check_overlap("predictions", z, name, into);
  if constexpr (rows) detail::check_apart("targets", y, name, into);
  else detail::check_overlap("targets", y, name, into);
  (detail::check_option_overlap<rows>(options, name, into), ...);
  if constexpr (requires { loss.reads_within(nullptr, nullptr); })
    if (loss.reads_within(fovea::data(into), fovea::data(into) + fovea::size(into)))
      throw argument_error(std::string("loss: ") + name + " overlaps the loss's class weights");
}

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
  double const fraction = chosen == reduction::sum ? 1 : total.fraction;
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
    else b.for_each_index(1, formulas::fill<double>{total.counted, total.divisor / fraction});
    return with(detail::divided(loss, weight, masked),
                std::tuple_cat(weight, std::tuple{broadcast{static_cast<double const*>(total.counted)}}, masked));
  } else {
    return with(formulas::scaled_loss<L>{loss, fraction / total.divisor}, std::tuple<>{});
  }
}

/// Reads the loss of a pass back.
template <class B, class Scalar> double read_loss(B const& b, Scalar& sum, batch_loss const& total) {
  if (total.divisor != 0) return b.read(sum) / total.divisor;
  b.for_each_index(1, formulas::divide{total.sum, total.counted, total.sum});
  return b.read(sum);
}

/// Checks the arguments, runs the pass and returns the loss; `results` are the tensors that it writes.
template <stored What, class B, class L, class Z, class Y, class... R, class... O>
value_of<Z> evaluate(B const& b, L const& loss, Z const& z, Y const& y, std::tuple<R*...> const& results,
                     O const&... options) {
  using T = value_of<Z>;
  detail::check_arguments(b, loss, z, y, options...);
  auto sum = fovea::make_scalar<double>(b);
  batch_loss total{sum.data(), nullptr, 0};
  // The memory for a divisor, where one may be counted.
  [[maybe_unused]] auto counted = [&] {
    if constexpr (!loss_of<L, Z> || ((option_noun<O> != nullptr) || ...)) return fovea::make_scalar<double>(b);
    else return absent{};
  }();
  if constexpr (!std::same_as<decltype(counted), absent>) total.counted = counted.data();
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

}  // namespace detail

}  // namespace fovea
