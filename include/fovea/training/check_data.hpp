// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/layers/places.hpp>
#include <fovea/losses/check_targets.hpp>
#include <fovea/losses/loss_prologue.hpp>
#include <fovea/losses/rowwise.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/for_input.hpp>
#include <fovea/training/inputs.hpp>
#include <fovea/training/results.hpp>

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

/// The data sets that a trainer has looked at: the two of a `fit`, for training and for validation.
class checked_data {
 public:
  template <class Data> bool has(Data const& data) const {
    return std::ranges::find(identities_, data.identity()) != identities_.end();
  }
  /// Looks at a data set that it has not seen before. Throws what `fit` does for its numbers.
  template <class State, class Data> void look_at(State const& state, Data const& data) {
    if (has(data)) return;
    auto const& [b, model] = std::tie(state.backend, state.model);
    detail::check_data(b, state.loss, data, state.outputs_of_row());
    detail::check_input(
        model.network(), b, "trainer",
        detail::input_batch<std::remove_cvref_t<decltype(b)>>(data.features, model.sample(), 0, data.rows()));
    using Loss = typename State::loss_type;
    if constexpr (requires { Loss::predictions; })
      detail::check_outputs<Loss>(b, detail::first_of(model.outputs(data.features)));
    std::swap(identities_[0], identities_[1]);
    identities_[0] = data.identity();
  }

 private:
  std::array<std::size_t, 2> identities_{};
};

/// Throws unless the data set has rows, and the shapes that a trainer's network and loss take.
template <class State, class Data> void require_data(State const& state, Data const& data) {
  detail::check_tensors<typename State::loss_type>(state.model, data.features, data.targets);
  if (data.rows() == 0) throw argument_error("trainer: the data set has no rows");
}
/// Throws if an epoch on this data set cannot run: for its shapes, its numbers, or a batch that has too few rows for a layer.
template <class State, class Data> void check_for_epoch(State const& state, checked_data& checked, Data const& data) {
  detail::require_data(state, data);
  checked.look_at(state, data);
  state.parallel.for_each_size(state.steps_of(data.rows()), state.batch_rows(data.rows()), [&](std::size_t rows) {
    if (rows != 0) detail::check_batch(state.model.network(), state.model.sample(), rows);
  });
}

/// Returns the rows of a batch of tensors, or throws what `trainer::step` does.
template <class State, class X, class Y, class... Options>
std::size_t checked_rows(State const& state, X const& x, Y const& y, Options const&... options) {
  using B = std::remove_cvref_t<decltype(state.backend)>;
  using T = typename B::value_type;
  using Loss = typename State::loss_type;
  auto const& [b, model] = std::tie(state.backend, state.model);
  detail::check_tensors<Loss>(model, x, y);
  auto const rows = detail::input_rows(x), outputs = state.outputs_of_row();
  if (rows == 0) throw argument_error("trainer: a step needs at least one row");
  [[maybe_unused]] auto const z = matrix_span<B, T>{nullptr, extents<dynamic, dynamic>({rows, outputs})};
  (detail::check_option<!elementwise_loss<Loss, T>>(b, z, options), ...);
  auto const apart = [&](auto const& read) {
    if (detail::share_memory(read, state.gradient.tensor()))
      throw argument_error("trainer: a tensor of the step shares memory with gradient(), which the step writes");
  };
  detail::for_each_tensor(x, apart), apart(y);
  (detail::with_tensor_of(options, apart), ...);
  if constexpr (!elementwise_loss<Loss, T> && std::integral<value_of<Y>>)
    detail::check_classes<T>("trainer", b, state.loss, fovea::data(y), rows, outputs, options...);
  if (!state.parallel.mixes_ranks()) detail::check_batch(model.network(), model.sample(), rows);
  detail::check_input(model.network(), b, "trainer", detail::input_batch<B>(x, model.sample(), 0, rows));
  return rows;
}

}  // namespace fovea::detail
