// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
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
#include <fovea/text/to_shortest.hpp>
#include <fovea/text/type_words.hpp>
#include <fovea/training/accumulated_gradient.hpp>
#include <fovea/training/batches.hpp>
#include <fovea/training/check_data.hpp>
#include <fovea/training/epoch_loss.hpp>
#include <fovea/training/frozen_state.hpp>
#include <fovea/training/model.hpp>
#include <fovea/training/recorded_step.hpp>
#include <fovea/training/run_epochs.hpp>
#include <fovea/training/trainer_arguments.hpp>
#include <fovea/training/trainer_formulas.hpp>
#include <fovea/training/trainer_options.hpp>
#include <fovea/training/updater.hpp>

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
      : options_((fovea::validate(options), fovea::validate(loss), fovea::validate(rule), options)), backend_(b),
        loss_(loss), model_(b, layers, options.seed, fovea::inverse_link_of(loss)), gradient_(b, parameter_count()),
        update_(b, rule, detail::ranges_of(model_)), frozen_(model_, rule), parallel_(b, options, model_) {
    parallel_.prepare(update_, loss_, model_);
    if (options.capture && !capturing<B>)
      throw argument_error("trainer: this backend cannot capture a step: it has no capture(f)");
    fovea::validate_in<value_type>(rule), fovea::validate_in<value_type>(loss);
    if constexpr (requires { loss.check_outputs(outputs_of_row()); }) loss.check_outputs(outputs_of_row());
  }

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
    auto loss = checked_gradients(gradient_.rows() != 0, x, y, options...);
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
  void update() { update_parameters(), ++steps_; }
  /// Makes the gradient 0, without an update.
  void zero_gradients() { gradient_.fill_with_zeros(); }

  /// For other arguments: the error says why.
  template <class X, class Y, class... Options> deferred<B> step(X const& x, Y const& y, Options const&... options) {
    return gradients(x, y, options...);
  }
  template <class X, class Y, class... Options> deferred<B> gradients(X const&, Y const&, Options const&...) {
    if constexpr (!inputs_for<X, B, detail::sample_type<Net>>) detail::explain_input<B, detail::sample_type<Net>, X>();
    else if constexpr (!same_memory_as<Y, output_tensor>) detail::require_tensor_beside<Y, output_tensor>();
    else if constexpr (!detail::targets_fit<Loss, value_of<Y>, value_type>)
      detail::explain_targets<Loss, value_of<Y>, value_type>();
    else
      static_assert((loss_option<Options> && ...),
                    "trainer: after the targets come options: weights, sample_weights, mask, a reduction");
    return deferred<B>(backend_);
  }

  template <class... A>
    requires(sizeof...(A) < 2)
  deferred<B> step(A const&...) {
    return gradients();
  }
  template <class... A>
    requires(sizeof...(A) < 2)
  deferred<B> gradients(A const&...) {
    static_assert(detail::never<A...>,
                  "trainer: a step takes the inputs and the targets of a batch; epoch and fit take a data set");
    return last_loss_;
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
    if (in_epoch_) throw argument_error("trainer: epoch is called while an epoch runs, such as by its on_step");
    detail::running_flag::guard const running(in_epoch_);
    parallel_.agree([&] { check_for_epoch(data); });
    parallel_.begin(*this, data);
    return parallel_.guard([&] { return run_epoch(data, on_step); });
  }

  /// For other arguments: the error says why.
  template <class... A>
    requires(!detail::are_one_dataset<B, A...>)
  deferred<B> epoch(A const&...) {
    static_assert(detail::never<A...>,
                  "epoch: the arguments are a data set on the trainer's backend and, if wanted, on_step(step, loss)");
    return last_loss_;
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
    parallel_.agree([&] {
      checked_ = {};
      check_for_epoch(train);
      if (!options.validation) return;
      check(options.validation->features, options.validation->targets);
      check_once(*options.validation);
    });
    return detail::fit(*this, backend_, train, rows_of_step(), options_.drop_last, options, callbacks...);
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
    if constexpr (requires { Loss::predictions; }) detail::check_outputs<Loss>(backend_, detail::first_of(found));
    return std::apply(
        [&](D const&... o) {
          return fovea::value(backend_, loss_, detail::first_of(found), data.targets, detail::as_option(o)...);
        },
        data.options);
  }

  template <class... A>
    requires(!detail::are_one_dataset<B, A...>)
  double evaluate(A const&...) const {
    static_assert(detail::never<A...>, "evaluate: the argument is a data set on the trainer's backend");
    return 0;
  }

  /// Throws what `epoch` throws for the shapes and numbers of a data set.
  template <class X, class Y, class... D> void check(dataset<B, X, Y, D...> const& data) const {
    check(data.features, data.targets);
    if (data.rows() == 0) throw argument_error("trainer: the data set has no rows");
    if (!has_checked(data)) detail::check_data(backend_, loss_, data, outputs_of_row());
  }

  /// The network's outputs for each row of x, and the predictions: the outputs with the loss's inverse link applied
  /// (probabilities, for a loss on logits); `predict_classes`, the class of the largest output. Return a new tensor
  /// (rows, outputs), or write to the caller's, without allocating after the first call. Throw `shape_error` for other shapes.
  ///
  ///     auto const probabilities = trainer.predict(test.features);
  ///     trainer.predict(test.features, buffer);  // buffer: a tensor (rows, outputs) in the same memory
  template <class X> auto outputs(X const& x) const { return model_.outputs(x); }
  template <class X> auto predict(X const& x) const { return model_.predict(x); }
  template <class X> auto predict_classes(X const& x) const { return model_.predict_classes(x); }
  template <class X, class Y> void outputs(X const& x, Y&& into) { model_.outputs(x, prediction_, into); }
  template <class X, class Y> void predict(X const& x, Y&& into) { model_.predict(x, prediction_, into); }

  model_type& model() { return model_; }
  model_type const& model() const { return model_; }
  /// The model's parameters, as one flat tensor.
  auto& parameters() { return model_.parameters(); }
  auto const& parameters() const { return model_.parameters(); }
  /// The gradient with respect to the parameters, as one flat tensor: of the losses since the last update or, before new ones, of
  /// the last step.
  auto& gradient() { return gradient_.tensor(); }
  auto const& gradient() const { return gradient_.tensor(); }
  /// Returns a copy of the model with the parameters that the optimizer averages, for prediction or to be saved.
  ///
  ///     save(trainer.averaged(), "averaged.safetensors");  // of a chain with ema{} or stochastic_weight_averaging{}
  model_type averaged() const
    requires(detail::updater<B, O>::averages)
  {
    return model_.with_parameters(update_.average());
  }
  /// The number of steps taken.
  std::size_t steps() const { return steps_; }
  /// The learning rate of the last step, or before the first step that of the first.
  double learning_rate() const
    requires rated<O>
  {
    return update_.learning_rate_at(static_cast<double>((std::max<std::size_t>)(1, steps_)));
  }

  /// Multiplies the learning rate, from the next step on, also of a recorded step.
  void scale_learning_rate(double factor)
    requires rated<O>
  {
    require(factor >= 0 && factor <= 1e30, "trainer: a factor of the learning rate must be finite and not negative",
            factor);
    update_.scale_rate(backend_, factor);
  }

  /// Calls `visit` for all that training changes: `visit(name, shape, pointer)` for numbers in the backend's memory, and
  /// `visit(name, number)` for one on the host. A trainer of the same network, optimizer and options that is given the state of
  /// another one goes on as that one would, to the bit. Throws `argument_error` between `gradients` and `update`, and
  /// `numeric_error` if the loss of a step of this epoch is not finite.
  ///
  ///     save_checkpoint(trainer, "run.safetensors");  // io/checkpoint.hpp; load_checkpoint restores it
  template <class Visit> void for_each_state(Visit&& visit) {
    if (gradient_.rows() != 0)
      throw argument_error("trainer: a gradient waits for its update, so its state is not whole");
    if (rows_done_ != 0) check_loss({rows_of_epoch_, rows_of_step(), options_.drop_last});
    for (auto const& p : model_.named_parameters()) visit("model." + p.name, p.extents, p.elements.elements);
    for (auto const& s : model_.named_states()) {
      if (s.counts) visit("model." + s.name, s.extents, s.counts);
      else visit("model." + s.name, s.extents, s.numbers);
    }
    parallel_.gather_state(update_);
    update_.for_each_state(visit);
    epoch_loss_.for_each_state(visit);
    visit("epoch.rows", rows_of_epoch_);
    visit("epoch.place", rows_done_);
    visit("epochs", epochs_);
    visit("steps", steps_);
  }
  trainer_options const& options() const { return options_; }
  Loss const& loss() const { return loss_; }
  O const& optimizer() const { return update_.rule(); }
  B const& backend() const { return backend_; }
  /// This rank's number, and the number of ranks that train together. Only rank 0 prints and writes.
  std::size_t rank() const { return parallel_.rank(); }
  std::size_t ranks() const { return parallel_.ranks(); }
  detail::data_parallel<B, C>& parallel() { return parallel_; }
  /// Returns how many numbers of the optimizer's state this rank keeps.
  std::size_t optimizer_state_size() const { return update_.state_size(); }
  /// What must be equal for a trainer to go on from another's state: pairs of a noun and words. The batch is that of all ranks.
  std::vector<std::pair<std::string, std::string>> identity() const {
    auto const& o = options_;
    return {{"network", detail::type_words<Net>()},
            {"loss", detail::type_words<Loss>()},
            {"optimizer", detail::type_words<O>()},
            {"options", "batch_size " + std::to_string(detail::bounded_product(o.batch_size, ranks())) +
                            ", accumulate " + std::to_string(o.accumulate) + ", seed " + std::to_string(o.seed) +
                            ", shuffle " + std::to_string(o.shuffle) + ", drop_last " + std::to_string(o.drop_last)}};
  }

 private:
  using sample_type = typename model_type::sample_type;
  using output_type = std::remove_cvref_t<decltype(detail::first_of(std::declval<output_of<Net, sample_type>>()))>;
  static constexpr bool elementwise = elementwise_loss<Loss, value_type>;

  std::size_t parameter_count() const { return fovea::size(model_.parameters()); }
  std::size_t outputs_of_row() const { return detail::first_of(model_.output()).size(); }
  /// The rows of a step of all ranks.
  std::size_t rows_of_step() const { return detail::bounded_product(options_.rows_of_step(), ranks()); }
  template <class Data> void check_for_epoch(Data const& data) {
    check(data.features, data.targets);
    if (data.rows() == 0) throw argument_error("trainer: the data set has no rows");
    check_once(data);
    batch_rows_ = (std::min)(options_.batch_size, data.rows());
    detail::epoch_steps const steps(data.rows(), rows_of_step(), options_.drop_last);
    parallel_.for_each_size(steps, batch_rows_, [this](std::size_t rows) {
      if (rows != 0) detail::check_batch(model_.network(), model_.sample(), rows);
    });
  }
  /// Throws if the loss of a step of this epoch is not finite.
  void check_loss(detail::epoch_steps const& steps) const {
    epoch_loss_.check(epochs_, steps, parallel_.shares() ? steps.rows_of_step : batch_rows_);
  }
  template <class Data, class OnStep> deferred<B> run_epoch(Data const& data, OnStep& on_step) {
    auto const step_rows = rows_of_step();
    detail::epoch_steps const steps(data.rows(), step_rows, options_.drop_last);
    auto const full = steps.rows_of_step, last = steps.rows;
    begin_or_continue_epoch(data.rows());
    permutation const order(data.rows(), options_.seed, epochs_ - 1);
    store_position(order);
    for (detail::reset_at_end const after{rows_done_}; rows_done_ < last;) {
      auto const first = rows_done_, rows = (std::min)(full, last - first);
      if (options_.capture && rows == step_rows) captured_step(data);
      else if (parallel_.shares()) shared_step(data, order, first, rows);
      else
        step_on_batches(rows, [&](std::size_t of_step, std::size_t n) {
          batch_gradients(data, order, first + of_step, n, rows <= batch_rows_);
        });
      ++steps_;
      rows_done_ += rows;
      if (auto const number = first / full;
          number % epoch_loss_.steps_between_checks == epoch_loss_.steps_between_checks - 1)
        check_loss(steps);
      using result = std::invoke_result_t<OnStep, std::size_t, deferred<B> const&>;
      if constexpr (std::same_as<result, bool>) {
        if (parallel_.any(on_step(first / full, last_loss_))) break;
      } else if constexpr (std::same_as<result, detail::agreed_stop>) {
        if (on_step(first / full, last_loss_).stops) break;
      } else {
        on_step(first / full, last_loss_);
      }
    }
    check_loss(steps);
    return epoch_loss_.mean();
  }
  /// Begins an epoch on so many rows, or goes on in one whose state was restored.
  void begin_or_continue_epoch(std::size_t rows) {
    if (rows_done_ != 0 && rows_of_epoch_ != rows)
      throw argument_error("trainer: the epoch that was restored is on " + std::to_string(rows_of_epoch_) +
                           " rows, the data set has " + std::to_string(rows));
    if (rows_done_ != 0) return;
    rows_of_epoch_ = rows;
    ++epochs_;
    epoch_loss_.restart();
  }
  void store_position(permutation const& order) {
    if (options_.capture) backend_.for_each_index(1, formulas::set_position{{order, rows_done_}, position_.data()});
  }

  template <class Data> auto blocks_of(Data const& data) const {
    using Y = value_of<typename Data::targets_type>;
    constexpr std::size_t columns = target_columns<Loss, Y, value_type>(static_size_of<output_type>);
    return detail::blocks_of<columns>(data, model_.sample(), target_columns<Loss, Y, value_type>(outputs_of_row()));
  }
  template <class X, class Y, class... Options>
  deferred<B> checked_gradients(bool more_follow, X const& x, Y const& y, Options const&... options) {
    if constexpr (!std::same_as<C, alone>)
      if (parallel_.shares() && gradient_.rows() == 0) parallel_.begin_once(*this);
    auto const rows = parallel_.agree_on_rows([&] { return checked_rows(x, y, options...); });
    auto const batch = detail::input_batch<B>(x, model_.sample(), 0, rows);
    deferred<B> loss(backend_);
    auto const* const targets = static_cast<value_of<Y> const*>(fovea::data(y));
    if constexpr (!std::same_as<C, alone>) {
      if (parallel_.shares()) {
        if (parallel_.mixes_ranks()) detail::check_batch(model_.network(), model_.sample(), parallel_.rows());
        bool const sums = detail::reduction_of(options...) == reduction::sum;
        auto const total = parallel_.step_on(gradient_.next(), model_.state(), rows, sums,
                                             [&] { return gradients_on(batch, targets, loss, false, options...); });
        if (more_follow) gradient_.add(total, parallel_.rows(), sums);
        finish(total, loss);
        return loss;
      }
    }
    finish(gradients_on(batch, targets, loss, more_follow, options...), loss);
    return loss;
  }
  /// Returns the rows of a batch, or throws what `step` does.
  template <class X, class Y, class... Options>
  std::size_t checked_rows(X const& x, Y const& y, Options const&... options) const {
    check(x, y);
    auto const rows = detail::input_rows(x);
    if (rows == 0) throw argument_error("trainer: a step needs at least one row");
    [[maybe_unused]] auto const z =
        matrix_span<B, value_type>{nullptr, extents<dynamic, dynamic>({rows, outputs_of_row()})};
    (detail::check_option<!elementwise>(backend_, z, options), ...);
    auto const apart = [&](auto const& read) {
      if (detail::share_memory(read, gradient()))
        throw argument_error("trainer: a tensor of the step shares memory with gradient(), which the step writes");
    };
    detail::for_each_tensor(x, apart), apart(y);
    (detail::with_tensor_of(options, apart), ...);
    if constexpr (!elementwise && std::integral<value_of<Y>>)
      detail::check_classes<value_type>("trainer", backend_, loss_, fovea::data(y), rows, outputs_of_row(), options...);
    if (!parallel_.mixes_ranks()) detail::check_batch(model_.network(), model_.sample(), rows);
    detail::check_input(model_.network(), backend_, "trainer", detail::input_batch<B>(x, model_.sample(), 0, rows));
    return rows;
  }
  /// Takes a step on several rows: `gradients_of(first, n)` adds the gradient of n of them, a batch.
  template <class F> void step_on_batches(std::size_t rows, F const& gradients_of) {
    gradient_.restart();
    for (std::size_t first = 0; first < rows; first += batch_rows_)
      gradients_of(first, (std::min)(batch_rows_, rows - first));
    update_parameters();
    if (rows > batch_rows_) gradient_.mean(last_loss_);
  }
  /// Takes a step on rows that the ranks share.
  template <class Data>
  void shared_step(Data const& data, permutation const& order, std::size_t first, std::size_t rows) {
    if constexpr (!std::same_as<C, alone>) {
      auto const total =
          parallel_.step(gradient_, model_.state(), rows, batch_rows_,
                         [&](std::size_t at, std::size_t n) { batch_gradients(data, order, first + at, n, false); });
      epoch_loss_.add(total);
      update_parameters();
      finish(total, last_loss_);
    }
  }
  /// Adds the gradient of a batch: gathered if the rows are shuffled, else read in place. `single`: a step has no other one.
  template <class X, class Y, class... D>
  void batch_gradients(dataset<B, X, Y, D...> const& data, permutation const& order, std::size_t first,
                       std::size_t rows, bool single) {
    auto blocks = blocks_of(data);
    if (options_.shuffle) {
      detail::gather(backend_, detail::with_memory(backend_, batch_, batch_rows_, blocks), order, first, rows);
      gradients_on_blocks<D...>(blocks, rows, single, [](auto const& block) { return block.destination; });
    } else {
      gradients_on_blocks<D...>(blocks, rows, single,
                                [&](auto const& block) { return block.source + first * block.columns(); });
    }
    if (options_.capture) backend_.for_each_index(1, formulas::advance{position_.data(), rows});
  }
  /// Adds the gradient of the batch whose elements `start(block)` gives, and its loss to the epoch's.
  template <class... D, class Blocks, class Start>
  void gradients_on_blocks(Blocks const& blocks, std::size_t rows, bool single, Start const& start) {
    constexpr std::size_t first_option = std::tuple_size_v<Blocks> - sizeof...(D);
    auto const* const y = start(std::get<first_option - 1>(blocks));
    auto const spans = detail::spans_from<first_option, B>(blocks, rows, start);
    auto const total = [&]<std::size_t... K>(std::index_sequence<K...>) {
      return gradients_on(detail::batch_of_blocks<0, B>(blocks, model_.sample(), rows, start), y, last_loss_, !single,
                          typename D::template of_tensor<matrix_span<B, value_type const>>(spans[K])...);
    }(std::index_sequence_for<D...>{});
    if (!parallel_.shares()) epoch_loss_.add(total);
    if (single) finish(total, last_loss_);
  }
  /// Takes a step on full batches, recorded if possible.
  template <class X, class Y, class... D> void captured_step(dataset<B, X, Y, D...> const& data) {
    if constexpr (capturing<B>) {
      auto blocks = blocks_of(data);
      auto const all = detail::with_memory(backend_, batch_, batch_rows_, blocks);
      auto const next = [this, blocks, all, single = options_.accumulate == 1] {
        step_on_batches(options_.rows_of_step(), [&](std::size_t, std::size_t rows) {
          using gather = formulas::gather<std::remove_const_t<decltype(all)>>;
          backend_.for_each_index(
              rows, formulas::gather_from_position<gather>{{{1, 0, 0}, all, 0}, position_.data(), options_.shuffle});
          gradients_on_blocks<D...>(blocks, rows, single, [](auto const& block) { return block.destination; });
          backend_.for_each_index(1, formulas::advance{position_.data(), rows});
        });
      };
      static_assert(std::tuple_size_v<decltype(blocks)> <= 8, "trainer: a recorded step takes at most 7 inputs");
      auto const where = [&] {
        buffers at{batch_.data(), arena_.data(), fovea::data(std::as_const(model_.parameters())),
                   fovea::data(std::as_const(gradient_).tensor()), std::as_const(position_).data()};
        std::size_t n = 5;
        std::apply([&](auto const&... block) { ((at[n++] = block.source), ...); }, blocks);
        return at;
      };
      recorded_(backend_, where, last_loss_.scale, next);
    }
  }
  /// Writes the gradient of a batch, or adds it to those since the last update. Returns where the batch's loss lies, not yet
  /// divided. `more_follow`: other batches may, before the update.
  template <class X, class Target, class... Options>
  detail::batch_loss gradients_on(X const& x, Target const* y, deferred<B>& loss, bool more_follow,
                                  Options const&... options) {
    using P = pass<B, true, true, ties_parameters<Net>>;
    auto const& layers = model_.network();
    auto const rows = fovea::rows_of(x);
    auto const sample = model_.output();
    auto const need = fovea::needs_of<P>(layers, model_.sample(), rows);
    auto const outputs = fovea::batch_bytes<P>(sample, rows);
    auto* const at = arena_.reserve(backend_, 2 * outputs + need.kept + need.scratch);
    auto const z = fovea::batch_at<P>(at, sample, rows), slopes = fovea::batch_at<P>(at + outputs, sample, rows);
    auto* const kept = at + 2 * outputs;
    auto* const to = gradient_.next();
    P const p{backend_,
              model_.place(),
              fovea::data(std::as_const(model_.parameters())),
              to,
              model_.state(),
              kept,
              kept + need.kept,
              random_draw{options_.seed, update_.step(), 0, parallel_.first_row() + gradient_.rows()},
              nullptr,
              parallel_.shared()};
    if constexpr (P::accumulates)  // a tied parameter has several gradients
      backend_.for_each_index(parameter_count(), formulas::fill<value_type>{to, value_type(0)});
    frozen_.save(backend_, model_.state());
    layers.forward(p, x, z);
    frozen_.restore(backend_, model_.state());
    bool const sums = detail::reduction_of(options...) == reduction::sum;
    detail::batch_loss total{loss.data(), counted_.data(), 0, parallel_.fraction(rows)};
    auto const prologue = fovea::prologue_of(backend_, loss_, rows, outputs_of_row(), y, total, options...);
    parallel_.keep_divisor(total);
    fill_further(slopes);
    detail::backward_after(layers, p, x, fovea::read_only(z), slopes, nothing{}, prologue);
    if (more_follow && parallel_.counts()) gradient_.add(total, rows, sums || parallel_.adds(total));
    return total;
  }
  /// The loss is one of the first output: the slopes of further ones are 0.
  void fill_further(auto const&) const {}
  template <class First, class... D> void fill_further(std::tuple<First, D...> const& slopes) const {
    auto const fill = [&](auto const& one) {
      backend_.for_each_index(one.size(), formulas::fill<value_type>{one.elements, value_type(0)});
    };
    std::apply([&](First const&, D const&... one) { (fill(one), ...); }, slopes);
  }
  /// Makes the sum of a batch's losses the mean.
  void finish(detail::batch_loss const& total, deferred<B>& loss) {
    loss.scale = total.divisor == 0 ? 1 : 1 / total.divisor;
    if (total.divisor == 0) backend_.for_each_index(1, formulas::divide{total.sum, total.counted, loss.data()});
  }

  void update_parameters() {
    update_(backend_, fovea::data(model_.parameters()), fovea::data(std::as_const(gradient_).tensor()));
    parallel_.gather_parameters(fovea::data(model_.parameters()));
    gradient_.restart();
  }

  template <class X, class Y> void check(X const& features, Y const& targets) const {
    detail::check_tensors<Loss>(model_, features, targets);
  }
  /// Looks at a data set that it has not seen before.
  template <class Data> bool has_checked(Data const& data) const {
    return std::ranges::find(checked_, data.identity()) != checked_.end();
  }
  template <class Data> void check_once(Data const& data) {
    if (has_checked(data)) return;
    detail::check_data(backend_, loss_, data, outputs_of_row());
    detail::check_input(model_.network(), backend_, "trainer",
                        detail::input_batch<B>(data.features, model_.sample(), 0, data.rows()));
    if constexpr (requires { Loss::predictions; })
      detail::check_outputs<Loss>(backend_, detail::first_of(outputs(data.features)));
    std::swap(checked_[0], checked_[1]);
    checked_[0] = data.identity();
  }

  using buffers = std::array<void const*, 13>;
  trainer_options options_;
  B backend_;
  Loss loss_;
  model_type model_;
  detail::accumulated_gradient<B> gradient_;
  detail::updater<B, O> update_;
  detail::frozen_state<B> frozen_;
  [[no_unique_address]] detail::data_parallel<B, C> parallel_;
  workspace<B> batch_, arena_, prediction_;
  // with `capture`: `rows_done_` and the epoch's order, where a recorded step reads them
  typename B::template scalar<formulas::batch_position> position_ =
      fovea::make_scalar<formulas::batch_position>(backend_);
  detail::epoch_loss<B> epoch_loss_{backend_};
  typename B::template scalar<double> counted_ =
      fovea::make_scalar<double>(backend_);  // the counted divisor of a batch
  deferred<B> last_loss_{backend_};
  detail::recorded_step<B, buffers> recorded_;
  std::size_t batch_rows_ = 0;            // rows of a full batch of this epoch
  std::array<std::size_t, 2> checked_{};  // the identities of the two data sets checked last
  std::size_t steps_ = 0;
  // the rows of the epoch that steps have taken, 0 between epochs, and all its rows
  std::size_t rows_done_ = 0, rows_of_epoch_ = 0;
  std::uint32_t epochs_ = 0;
  detail::running_flag in_epoch_;
};

}  // namespace fovea
