// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/losses/check_targets.hpp>
#include <fovea/losses/loss_prologue.hpp>
#include <fovea/losses/rowwise.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/for_input.hpp>
#include <fovea/training/inputs.hpp>

namespace fovea::detail {

/// Stops the compiler at targets that a loss cannot be trained on.
template <class Loss, class Target, class T> constexpr void explain_targets() {
  constexpr bool fits = targets_fit<Loss, Target, T>, elementwise = elementwise_loss<Loss, T>;
  static_assert(fits || elementwise,
                "trainer: this loss takes the class of each row as an integer, such as a std::vector<int>");
  static_assert(fits || !elementwise, "trainer: targets are of the backend's value type, or integers");
}

/// Throws `shape_error` unless the tensors are inputs and targets of as many rows. Targets are as many as outputs; a class is one.
template <class Loss, class Model, class X, class Y>
void check_tensors(Model const& model, X const& features, Y const& targets) {
  using T = typename Model::value_type;
  using B = std::remove_cvref_t<decltype(model.backend())>;
  detail::explain_targets<Loss, value_of<Y>, T>();
  detail::require_rows<Y>();
  if constexpr (!inputs_for<X, B, typename Model::sample_type>) {
    detail::explain_input<B, typename Model::sample_type, X>();
  } else {
    auto const columns = target_columns<Loss, value_of<Y>, T>(detail::first_of(model.output()).size());
    auto const y = fovea::shape_of(targets);
    bool const fits = columns == 1 ? y.rank() == 2 ? y[1] == 1 : y.rank() == 1 && !elementwise_loss<Loss, T>
                                   : y.rank() == 2 && y[1] == columns;
    if (!fits || !detail::holds_samples(features, model.sample()) || detail::input_rows(features) != y[0])
      throw shape_error("trainer: x has shape " + detail::given_shape(features) + ", y " + to_string(y) +
                        "; expected " + detail::shape_text(model.sample()) + " and (rows, " + std::to_string(columns) +
                        ")");
    detail::require_inputs(model.backend(), "trainer", features);
    fovea::require_reachable(model.backend(), "trainer", "y", targets);
  }
}

/// Returns the first number that is not finite.
template <class B, tensor X> std::optional<found_number> first_not_finite(B const& b, X const& x) {
  double const largest{largest_finite<value_of<X>>};
  return detail::first_outside(b, -largest, largest, x);
}

/// Throws `numeric_error`, which names the row, if a real number is not finite.
template <backend B, tensor X> void check_features(B const& b, X const& features) {
  using T = typename B::value_type;
  if constexpr (std::same_as<value_of<X>, T>) {
    if (auto const wrong = detail::first_not_finite(b, features)) {
      auto const columns = fovea::shape_of(features)[1];
      throw numeric_error("trainer: feature " + std::to_string(wrong->index % columns) + " of row " +
                          std::to_string(wrong->index / columns) + " is " + detail::to_shortest(wrong->value));
    }
  }
}
template <backend B, class... X> void check_features(B const& b, std::tuple<X...> const& all) {
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    (detail::for_input(K, [&] { detail::check_features(b, std::get<K>(all)); }), ...);
  }(std::index_sequence_for<X...>{});
}

/// Returns a data set's weights or mask as an option of the loss's functions.
template <class B, template <class> class Option> auto as_option(stored_option<B, Option> const& o) {
  return Option(o.numbers);
}

/// Throws `argument_error` or `numeric_error`, which names the row, for a weight that is negative or not finite.
template <class B, template <class> class Option>
void check_stored_weights(B const& b, stored_option<B, Option> const& o) {
  auto const columns = fovea::shape_of(o.numbers)[1];
  detail::check_weights(b, "trainer", detail::as_option(o),
                        [&](std::size_t index) { return " in row " + std::to_string(index / columns); });
}

/// Throws `argument_error`, which names the row, if one of the network's outputs is outside the loss's `predictions`. One that is
/// NaN makes the loss NaN, which has errors of its own.
template <class Loss, class B, class Y> void check_outputs(B const& b, Y const& outputs) {
  auto const range = Loss::predictions;
  auto const wrong = detail::first_outside(b, range.lowest, range.highest, outputs);
  if (!wrong || detail::is_nan(wrong->value)) return;
  throw argument_error(detail::outside_message("trainer", "predictions", range, wrong->value) + " in row " +
                       std::to_string(wrong->index / fovea::shape_of(outputs)[1]) +
                       ": end the network in a layer of that range, such as sigmoid{}");
}

/// Throws `argument_error` for a target outside the loss's `targets`, or of no class, and for a negative weight; `numeric_error` for
/// a feature, a target or a weight that is not finite; the message names the row. Reads the data once, and copies them to the host
/// only to find what is wrong.
template <backend B, class Loss, class Data>
void check_data(B const& b, Loss const& loss, Data const& data, std::size_t outputs) {
  using T = typename B::value_type;
  using Y = value_of<typename Data::targets_type>;
  detail::check_features(b, data.features);
  std::apply([&](auto const&... o) { (detail::check_stored_weights(b, o), ...); }, data.options);
  if constexpr (!elementwise_loss<Loss, T> && std::integral<Y>) {
    std::apply(
        [&](auto const&... o) {
          detail::check_classes<T>("trainer", b, loss, fovea::data(data.targets), data.rows(), outputs,
                                   detail::as_option(o)...);
        },
        data.options);
  } else {
    auto const columns = fovea::shape_of(data.targets)[1];
    auto const row = [&](std::size_t index) { return " in row " + std::to_string(index / columns); };
    if constexpr (requires { Loss::targets; })
      if (auto const wrong = detail::first_outside(b, Loss::targets.lowest, Loss::targets.highest, data.targets,
                                                   Loss::targets.ends_only))
        throw argument_error(detail::outside_message("trainer", "targets", Loss::targets, wrong->value) +
                             row(wrong->index));
    if constexpr (std::same_as<Y, T>)
      if (auto const wrong = detail::first_not_finite(b, data.targets))
        throw numeric_error("trainer: a target is " + detail::to_shortest(wrong->value) + row(wrong->index));
  }
}

}  // namespace fovea::detail
