// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/distributed/communicator.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/loss_prologue.hpp>
#include <fovea/optimizers/optimizer.hpp>
#include <fovea/training/batch_gradient.hpp>
#include <fovea/training/check_data.hpp>
#include <fovea/training/model.hpp>
#include <fovea/training/run_epochs.hpp>
#include <fovea/training/trainer_arguments.hpp>
#include <fovea/training/trainer_options.hpp>
#include <fovea/training/training_epoch.hpp>
#include <fovea/training/training_state.hpp>

namespace fovea {

/// For other arguments: the error says why.
template <class B, class Net, class Loss, class O, class C = alone> class trainer {
 public:
  static_assert(detail::trainer_arguments<B, Net, Loss, O>,
                "trainer: the arguments are a backend, a network, a loss, an optimizer and, in braces, options");
  template <class... A> explicit trainer(A const&...) {}
};
template <class B, class Net, class Loss, class O>
trainer(B, Net, Loss, O, trainer_options = {}) -> trainer<B, Net, Loss, O>;
template <class... A> trainer(A...) -> trainer<void, void, void, void>;

/// Trains a network on a loss of its first output. Owns the model, the gradient, the optimizer's state and a workspace; allocates
/// nothing after the first step on the largest batch. The same seed gives the same initial parameters and the same batches on every
/// backend. On a device, functions that take tensors throw `device_error` if the elements lie elsewhere.
///
///     fovea::trainer trainer{fovea::xtensor_backend{}, net, fovea::sigmoid_focal_loss{.gamma = 4},
///                            fovea::adam{.learning_rate = 1e-3}, {.batch_size = 128, .seed = 0}};
///     for (int epoch = 0; epoch != 10; ++epoch) trainer.epoch(train);
///     auto const probabilities = trainer.predict(test.features);
///
/// With a communicator among the options (distributed/parallel_options.hpp), the ranks train together: each takes its share of every
/// step's rows. All ranks call the same members in the same order; docs/distributed.md lists what is then guaranteed.
template <class B, class Net, class Loss, class O, class C>
  requires detail::trainer_arguments<B, Net, Loss, O>
class trainer<B, Net, Loss, O, C> {
 public:
  using value_type = typename B::value_type;
  static_assert(detail::trainable_loss<Loss, value_type>,
                "trainer: a loss is a formula of the backend's numbers, of dual numbers and of dual2 numbers");
  static_assert(
      detail::trainable_by<O, value_type>,
      "trainer: an optimizer has `state_count`, `coefficients`, `coefficients_at(step)` and an update of as many numbers of state as it says");
  static_assert(
      !detail::ends_in<Net, decltype(fovea::inverse_link_of(std::declval<Loss const&>()))>,
      "trainer: the loss takes logits and applies the network's last activation itself: leave that layer out");
  static_assert(
      detail::ends_in<Net, decltype(fovea::inverse_link_of(std::declval<Loss const&>()))> ||
          !detail::ends_in_probabilities<Net, decltype(fovea::inverse_link_of(std::declval<Loss const&>()))>,
      "trainer: the loss takes logits, and the network's last activation makes probabilities of them: leave that layer out");
  static_assert(
      elementwise_loss<Loss, value_type> || detail::sample_rank<Net> == 1,
      "trainer: this loss takes one vector of scores for each row, and the network's output has more axes: end the network in fovea::flatten{} or fovea::global_avg_pool{}");
  using model_type = fovea::model<B, Net, decltype(fovea::inverse_link_of(std::declval<Loss const&>()))>;
  using output_tensor = typename model_type::output_tensor;

  trainer(B const& b, Net const& layers, Loss const& loss, O const& rule,
          typename detail::options_on<C>::type const& options = {})
      : state_(b, layers, loss, rule, options), batch_gradient_(b, state_.model, rule), epochs_{b} {}

  /// Takes one optimizer step on the mean loss of a batch: `gradients`, then `update`. x is (rows, features), or a tuple of
  /// tensors for a network of several inputs; y is (rows, outputs), or the class of each row, (rows) or (rows, 1). The options
  /// are those of `value`: weights, sample_weights, mask, a reduction. Returns the loss before the step, which stays in the
  /// backend's memory until it is read. Throws `shape_error` for other shapes and `argument_error` for no rows or a class out
  /// of range.
  ///
  ///     double const loss = trainer.step(x, y);  // the conversion to double waits for a device
  template <inputs_for<B, detail::sample_type<Net>> X, same_memory_as<output_tensor> Y, loss_option... Options>
    requires detail::targets_fit<Loss, value_of<Y>, value_type>
  deferred<B> step(X const& x, Y const& y, Options const&... options) {
    auto loss = checked_gradients(state_.gradient.rows() != 0, x, y, options...);
    update();
    return loss;
  }
  /// Writes the gradient of the mean loss of a batch to `gradient()`; called again before an update, that of the mean over all
  /// their rows, or of the sum with `reduction::sum`. Takes, returns and throws what `step` does.
  ///
  ///     trainer.gradients(x, y);
  ///     for (float& g : trainer.gradient()) g = std::clamp(g, -1.f, 1.f);
  ///     trainer.update();
  template <inputs_for<B, detail::sample_type<Net>> X, same_memory_as<output_tensor> Y, loss_option... Options>
    requires detail::targets_fit<Loss, value_of<Y>, value_type>
  deferred<B> gradients(X const& x, Y const& y, Options const&... options) {
    return checked_gradients(true, x, y, options...);
  }
  /// Takes the optimizer's step with `gradient()`, which stays; the next `gradients` overwrites it.
  void update() { state_.update_parameters(), ++state_.steps; }
  /// Makes the gradient 0, without an update.
  void zero_gradients() { state_.gradient.fill_with_zeros(); }

  /// For other arguments: the error says why.
  template <class... A> deferred<B> step(A const&... arguments) { return gradients(arguments...); }
  template <class... A> deferred<B> gradients(A const&...) {
    detail::explain_step<B, Net, Loss, A...>();
    return deferred<B>(backend());
  }

  /// Trains for one pass over the data, in batches; the last batch may be incomplete. With `shuffle`, every epoch takes the
  /// rows in a new order. Returns the mean loss of the rows, each before the update of its batch. Throws `shape_error` for
  /// other shapes, `argument_error` for no rows, and what `fit` throws for a data set's numbers: looks once at each data set.
  /// Throws `numeric_error`, which names the epoch (counted since the trainer was made), the step and its rows, if the loss of a
  /// step is not finite. Reads whether one was every 64 steps and at the end, for which it waits for a device.
  ///
  /// `on_step(step, loss)` is called after each step with the step's number in this epoch, from 0, and its loss. If it
  /// returns true, the epoch ends, and its loss is the mean over the rows so far. After `load_checkpoint` of a step within an
  /// epoch, the first call goes on after that step; throws `argument_error` if the data has another number of rows. Throws
  /// `argument_error` if `on_step` calls `epoch`.
  ///
  ///     double const mean = trainer.epoch(train);
  ///     trainer.epoch(train, [](std::size_t step, double) { return step == 99; });  // at most 100 steps
  template <class X, class Y, class... D> deferred<B> epoch(dataset<B, X, Y, D...> const& data) {
    return epoch(data, [](std::size_t, deferred<B> const&) {});
  }
  template <class X, class Y, class... D, std::invocable<std::size_t, deferred<B> const&> OnStep>
  deferred<B> epoch(dataset<B, X, Y, D...> const& data, OnStep&& on_step) {
    if (epochs_.running) throw argument_error("trainer: epoch is called while an epoch runs, such as by its on_step");
    detail::running_flag::guard const running(epochs_.running);
    auto& parallel = state_.parallel;
    parallel.agree([&] { detail::check_for_epoch(state_, checked_, data); });
    parallel.begin(state_, data);
    return parallel.guard([&] { return detail::training_epoch(state_, batch_gradient_, epochs_, data)(on_step); });
  }

  /// For other arguments: the error says why.
  template <class... A> deferred<B> epoch(A const&...) {
    static_assert(detail::never<A...>,
                  "epoch: the arguments are a data set on the trainer's backend and, if wanted, on_step(step, loss)");
    return deferred<B>(backend());
  }

  /// Trains for several epochs with callbacks (`callback`) and returns a report of each epoch.
  ///
  /// Throws `numeric_error`, which names the epoch, the step and the rows, if the loss of a step is not finite, or names the
  /// epoch if the validation loss or a metric is not; `argument_error` for no rows, for an option outside its domain, for a
  /// callback's `monitor` that no report has, for targets and outputs outside the loss's `targets` and `predictions`, and for
  /// negative weights; `numeric_error` for a feature, a target or a weight that is not finite; `shape_error` for other shapes.
  ///
  ///     auto const history = trainer.fit(train, {.epochs = 20, .validation = &valid}, fovea::progress{},
  ///                                      fovea::early_stopping{.patience = 5});
  ///     double const last = history.back().loss;
  template <class X, class Y, class... D, class... Callback>
  std::vector<epoch_report> fit(dataset<B, X, Y, D...> const& train,
                                std::type_identity_t<fit_options<dataset<B, X, Y, D...>>> const& options,
                                Callback&&... callbacks) {
    static_assert(
        (callback<std::remove_reference_t<Callback>, trainer> && ...),
        "fit: a callback has none of on_begin(trainer), on_step(step_report), on_epoch(epoch_report, trainer), on_end(history, trainer)");
    (detail::check_members<std::remove_cvref_t<Callback>, trainer>(), ...);
    state_.parallel.agree([&] {
      checked_ = {};
      detail::check_for_epoch(state_, checked_, train);
      if (!options.validation) return;
      detail::check_tensors<Loss>(model(), options.validation->features, options.validation->targets);
      checked_.look_at(state_, *options.validation);
    });
    return detail::fit(*this, state_.backend, train, state_.steps_of(train.rows()), options, callbacks...);
  }
  /// For other arguments: the error says why.
  template <class... A>
    requires(!detail::are_data_and_options<B, A...>)
  std::vector<epoch_report> fit(A const&...) {
    static_assert(
        detail::never<A...>,
        "fit: the arguments are a data set on the trainer's backend, options such as {.epochs = 3}, callbacks");
    return {};
  }
  template <class X, class Y, class... D, class... Callback>
  std::vector<epoch_report> fit(std::type_identity_t<fit_options<dataset<B, X, Y, D...>>> const&,
                                dataset<B, X, Y, D...> const& train, Callback const&...) {
    return fit(train);
  }
  template <class X, class Y, class... Callback>
  std::vector<epoch_report> fit(X const&, Y const& targets, fit_options<dataset<B>> const&, Callback const&...) {
    return fit(targets, 0);
  }
  template <class X, class Y, class... D, class Callback>
  std::vector<epoch_report> fit(dataset<B, X, Y, D...> const& train, Callback const&,
                                std::type_identity_t<fit_options<dataset<B, X, Y, D...>>> const&) {
    return fit(train);
  }

  /// Returns the mean loss on these rows, without training. Throws `shape_error` for other shapes, and `argument_error` for no
  /// rows.
  ///
  ///     double const loss = trainer.evaluate(test);
  template <class X, class Y, class... D> double evaluate(dataset<B, X, Y, D...> const& data) const {
    check(data);
    auto const found = outputs(data.features);
    if constexpr (requires { Loss::predictions; }) detail::check_outputs<Loss>(backend(), detail::first_of(found));
    return std::apply(
        [&](D const&... o) {
          return fovea::value(backend(), loss(), detail::first_of(found), data.targets, detail::as_option(o)...);
        },
        data.options);
  }
  /// For other arguments: the error says why.
  template <class... A> double evaluate(A const&...) const {
    static_assert(detail::never<A...>, "evaluate: the argument is a data set on the trainer's backend");
    return 0;
  }

  /// Throws what `epoch` throws for the shapes and numbers of a data set.
  template <class X, class Y, class... D> void check(dataset<B, X, Y, D...> const& data) const {
    detail::require_data(state_, data);
    if (!checked_.has(data)) detail::check_data(backend(), loss(), data, state_.outputs_of_row());
  }

  /// The network's outputs for each row of x, and the predictions: the outputs with the loss's inverse link applied
  /// (probabilities, for a loss on logits); `predict_classes`, the class of the largest output. Return a new tensor
  /// (rows, outputs), or write to the caller's, without allocating after the first call. Throw `shape_error` for other shapes.
  ///
  ///     auto const probabilities = trainer.predict(test.features);
  ///     trainer.predict(test.features, buffer);  // buffer: a tensor (rows, outputs) in the same memory
  template <class X> auto outputs(X const& x) const { return model().outputs(x); }
  template <class X> auto predict(X const& x) const { return model().predict(x); }
  template <class X> auto predict_classes(X const& x) const { return model().predict_classes(x); }
  template <class X, class Y> void outputs(X const& x, Y&& into) { model().outputs(x, prediction_, into); }
  template <class X, class Y> void predict(X const& x, Y&& into) { model().predict(x, prediction_, into); }

  model_type& model() { return state_.model; }
  model_type const& model() const { return state_.model; }
  /// The model's parameters, as one flat tensor.
  auto& parameters() { return model().parameters(); }
  auto const& parameters() const { return model().parameters(); }
  /// The gradient with respect to the parameters, as one flat tensor: of the losses since the last update or, before new ones, of
  /// the last step.
  auto& gradient() { return state_.gradient.tensor(); }
  auto const& gradient() const { return state_.gradient.tensor(); }
  /// Returns a copy of the model with the parameters that the optimizer averages, for prediction or to be saved.
  ///
  ///     save(trainer.averaged(), "averaged.safetensors");  // of a chain with ema{} or stochastic_weight_averaging{}
  model_type averaged() const
    requires(detail::updater<B, O>::averages)
  {
    return model().with_parameters(state_.optimizer.average());
  }
  /// The number of steps taken.
  std::size_t steps() const { return state_.steps; }
  /// The learning rate of the last step, or before the first step that of the first.
  double learning_rate() const
    requires rated<O>
  {
    return state_.learning_rate();
  }

  /// Multiplies the learning rate, from the next step on, also of a recorded step.
  void scale_learning_rate(double factor)
    requires rated<O>
  {
    require(factor >= 0 && factor <= 1e30, "trainer: a factor of the learning rate must be finite and not negative",
            factor);
    state_.optimizer.scale_rate(backend(), factor);
  }

  /// Calls `visit` for all that training changes: `visit(name, shape, pointer)` for numbers in the backend's memory, and
  /// `visit(name, number)` for one on the host. A trainer of the same network, optimizer and options that is given the state of
  /// another one goes on as that one would, to the bit. Throws `argument_error` between `gradients` and `update`, and
  /// `numeric_error` if the loss of a step of this epoch is not finite.
  ///
  ///     save_checkpoint(trainer, "run.safetensors");  // io/checkpoint.hpp; load_checkpoint restores it
  template <class Visit> void for_each_state(Visit&& visit) { state_.for_each_state(visit); }
  trainer_options const& options() const { return state_.options; }
  Loss const& loss() const { return state_.loss; }
  O const& optimizer() const { return state_.optimizer.rule(); }
  B const& backend() const { return state_.backend; }
  /// This rank's number, and the number of ranks that train together. Only rank 0 prints and writes.
  std::size_t rank() const { return state_.parallel.rank(); }
  std::size_t ranks() const { return state_.parallel.ranks(); }
  detail::data_parallel<B, C>& parallel() { return state_.parallel; }
  /// Returns how many numbers of the optimizer's state this rank keeps.
  std::size_t optimizer_state_size() const { return state_.optimizer.state_size(); }
  /// What must be equal for a trainer to go on from another's state: pairs of a noun and words. The batch is that of all ranks.
  std::vector<std::pair<std::string, std::string>> identity() const { return state_.identity(); }

 private:
  template <class X, class Y, class... Options>
  deferred<B> checked_gradients(bool several, X const& x, Y const& y, Options const&... options) {
    auto& parallel = state_.parallel;
    if (state_.gradient.rows() == 0) parallel.begin_once(state_);
    auto const rows = parallel.agree_on_rows([&] { return detail::checked_rows(state_, x, y, options...); });
    if (parallel.mixes_ranks()) detail::check_batch(model().network(), model().sample(), parallel.rows());
    auto const batch = detail::input_batch<B>(x, model().sample(), 0, rows);
    auto const* const targets = static_cast<value_of<Y> const*>(fovea::data(y));
    deferred<B> loss(backend());
    bool const sums = detail::reduction_of(options...) == reduction::sum;
    auto const total = parallel.batch(state_.gradient, model().state(), rows, sums, several, [&](bool joined) {
      return batch_gradient_(state_, batch, targets, loss, joined, options...);
    });
    detail::divide_loss(backend(), total, loss);
    return loss;
  }

  detail::training_state<B, Net, Loss, O, C> state_;
  detail::batch_gradient<B> batch_gradient_;
  detail::epoch_memory<B> epochs_;
  workspace<B> prediction_;
  detail::checked_data checked_;
};

}  // namespace fovea
