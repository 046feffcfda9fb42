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
#include <fovea/losses/evaluate.hpp>
#include <fovea/optimizers/optimizer.hpp>
#include <fovea/text/to_shortest.hpp>
#include <fovea/training/check_data.hpp>
#include <fovea/training/model.hpp>
#include <fovea/training/run_epochs.hpp>
#include <fovea/training/trainer_formulas.hpp>

namespace fovea {

/// Options of a `trainer`. The constructor throws `argument_error` if `batch_size` is 0, or if `capture` is set and the
/// backend is not `capturing`.
struct trainer_options {
  std::size_t batch_size = 128;
  std::uint64_t seed = 0;  // of the initial parameters, the order of the rows and the random numbers of layers
  bool shuffle = true;
  bool capture = false;  // `epoch` records the step on a full batch once and replays it, e.g. as a CUDA graph

  void validate() const { require(batch_size != 0, "trainer: batch_size must be at least 1", 0); }
};

namespace detail {
template <class B> struct recorded {
  struct type {};
};
template <capturing B> struct recorded<B> {
  using type = decltype(std::declval<B const&>().capture(std::declval<void (*)()>()));
};
/// True if the network's last layer is this activation.
template <class Net, class F> inline constexpr bool ends_in = false;
template <class F, class... L>
  requires(!std::same_as<F, identity_formula>)
inline constexpr bool ends_in<sequential<L...>, F> =
    std::same_as<typename sequential<L...>::template layer_at<sizeof...(L) - 1>, activation<F>>;
}  // namespace detail

/// Trains a network. Owns the model, the gradient, the optimizer's state and a workspace; allocates nothing after the first
/// step on the largest batch. The same seed gives the same initial parameters and the same batches on every backend. On a
/// device, functions that take tensors throw `device_error` if the elements lie elsewhere.
///
///     fovea::trainer trainer{fovea::xtensor_backend{}, net, fovea::sigmoid_focal_loss{.gamma = 4},
///                            fovea::adam{.learning_rate = 1e-3}, {.batch_size = 128, .seed = 0}};
///     for (int epoch = 0; epoch != 10; ++epoch) trainer.epoch(train);
///     auto const probabilities = trainer.predict(test.features);
template <backend B, network Net, class Loss, class O> class trainer {
 public:
  using value_type = typename B::value_type;
  static_assert(elementwise_loss<Loss, value_type>,
                "trainer: a loss is a formula of the backend's numbers, of dual numbers and of dual2 numbers");
  static_assert(
      optimizer<O, value_type>,
      "trainer: an optimizer has `state_count`, `coefficients`, `coefficients_at(step)` and an update of as many numbers of state as it says");
  static_assert(
      !detail::ends_in<Net, inverse_link_of<Loss>>,
      "trainer: the loss takes logits and applies the network's last activation itself: leave that layer out");
  using model_type = fovea::model<B, Net, inverse_link_of<Loss>>;
  using output_tensor = typename model_type::output_tensor;

  trainer(B const& b, Net const& layers, Loss const& loss, O const& rule, trainer_options options = {})
      : options_((fovea::validate(options), fovea::validate(loss), fovea::validate(rule), options)), backend_(b),
        loss_(loss), rule_(rule), model_(b, layers, options.seed),
        gradient_(b.template empty<value_type>(std::array{layers.parameter_count()})),
        state_(b.template empty<value_type>(std::array{O::state_count * layers.parameter_count()})) {
    if (options.capture && !capturing<B>)
      throw argument_error("trainer: this backend cannot capture a step: it has no capture(f)");
    if constexpr (requires { rule.template validate_in<value_type>(); }) rule.template validate_in<value_type>();
    b.for_each_index(fovea::size(state_), formulas::fill<value_type>{fovea::data(state_), 0});
    b.for_each_index(1, formulas::fill<double>{step_number_.data(), 0});
  }

  /// Takes one optimizer step on the mean loss of a batch, x (rows, features) and y (rows, outputs). Returns the loss before
  /// the step, which stays in the backend's memory until it is read. Throws `shape_error` for other shapes and
  /// `argument_error` for no rows.
  ///
  ///     double const loss = trainer.step(x, y);  // the conversion to double waits for a device
  template <same_memory_as<output_tensor> X, same_memory_as<output_tensor> Y> deferred<B> step(X const& x, Y const& y) {
    static_assert(std::same_as<value_of<X>, value_type> && std::same_as<value_of<Y>, value_type>,
                  "trainer: a step takes tensors of the backend's value type");
    detail::require_rows<X>(), detail::require_rows<Y>();
    check(x, y);
    auto const& layers = model_.network();
    auto const rows = fovea::shape_of(x)[0];
    if (rows == 0) throw argument_error("trainer: a step needs at least one row");
    deferred<B> loss(backend_);
    step_on(layers.template batch<0, B>(fovea::data(x), rows), fovea::data(y), loss);
    ++steps_;
    return loss;
  }

  /// For arguments that are not tensors: the error says why.
  template <class X, class Y> deferred<B> step(X const&, Y const&) {
    if constexpr (!same_memory_as<X, output_tensor>) detail::require_tensor_beside<X, output_tensor>();
    else detail::require_tensor_beside<Y, output_tensor>();
    return deferred<B>(backend_);
  }

  /// Trains for one pass over the data, in batches; the last batch may be incomplete. With `shuffle`, every epoch takes the
  /// rows in a new order. Returns the mean loss of the rows, each before the update of its batch. Throws `shape_error` for
  /// other shapes, `argument_error` for no rows, and what `fit` throws for a data set's numbers: looks once at each data set.
  ///
  /// `on_step(step, loss)` is called after each step with the step's number in this epoch, from 0, and its loss. If it
  /// returns true, the epoch ends, and its loss is the mean over the rows so far.
  ///
  ///     double const mean = trainer.epoch(train);
  ///     trainer.epoch(train, [](std::size_t step, double) { return step == 99; });  // at most 100 steps
  deferred<B> epoch(dataset<B> const& data) {
    return epoch(data, [](std::size_t, deferred<B> const&) {});
  }
  template <std::invocable<std::size_t, deferred<B> const&> OnStep>
  deferred<B> epoch(dataset<B> const& data, OnStep&& on_step) {
    check(data.features, data.targets);
    if (data.rows() == 0) throw argument_error("trainer: the data set has no rows");
    check_once(data);
    permutation const order(data.rows(), options_.seed, epochs_++);
    batch_rows_ = (std::min)(options_.batch_size, data.rows());
    begin_epoch(order);
    auto trained = data.rows();
    for (std::size_t first = 0, number = 0; first < data.rows(); first += batch_rows_, ++number) {
      auto const rows = (std::min)(batch_rows_, data.rows() - first);
      if (options_.capture && rows == options_.batch_size) captured_step(data);
      else batch_step(data, order, first, rows);
      ++steps_;
      if constexpr (std::same_as<std::invoke_result_t<OnStep, std::size_t, deferred<B> const&>, bool>) {
        if (!on_step(number, last_loss_)) continue;
        trained = first + rows;
        break;
      } else {
        on_step(number, last_loss_);
      }
    }
    return mean_of_epoch(trained);
  }

  /// Trains for several epochs with callbacks (`callback`) and returns a report of each epoch.
  ///
  /// Throws `numeric_error`, which names the epoch, the step and the rows, if the loss of a step is not finite, or names the
  /// epoch if the validation loss or a metric is not; `argument_error` for no rows, for an option outside its domain and for
  /// targets outside the loss's `targets`; `numeric_error` for a feature or a target that is not finite; `shape_error` for other
  /// shapes.
  ///
  ///     auto const history = trainer.fit(train, {.epochs = 20, .validation = &valid}, fovea::progress{},
  ///                                      fovea::early_stopping{.patience = 5});
  ///     double const last = history.back().loss;
  template <class... C>
  std::vector<epoch_report> fit(dataset<B> const& train, fit_options<B> const& options, C&&... callbacks) {
    static_assert(
        (callback<std::remove_reference_t<C>, trainer> && ...),
        "fit: a callback has none of on_begin(trainer), on_step(step_report), on_epoch(epoch_report, trainer), on_end(history, trainer)");
    (detail::check_members<std::remove_cvref_t<C>, trainer>(), ...);
    check(train.features, train.targets);
    checked_ = {};
    check_once(train);
    if (options.validation) {
      check(options.validation->features, options.validation->targets);
      check_once(*options.validation);
    }
    return detail::fit(*this, backend_, train, options_.batch_size, options, callbacks...);
  }

  /// Returns the mean loss on these rows, without training. Throws `shape_error` for other shapes, and `argument_error` for no
  /// rows.
  ///
  ///     double const loss = trainer.evaluate(test);
  double evaluate(dataset<B> const& data) {
    check(data.features, data.targets);
    if (data.rows() == 0) throw argument_error("trainer: the data set has no rows");
    check_once(data);
    auto const y = outputs(data.features);
    return fovea::value(backend_, loss_, y, data.targets);
  }

  /// The network's outputs for each row of x, and the predictions: the outputs with the loss's inverse link applied
  /// (probabilities, for a loss on logits). Return a new tensor (rows, outputs), or write to the caller's, without
  /// allocating after the first call. Throw `shape_error` for other shapes.
  ///
  ///     auto const probabilities = trainer.predict(test.features);
  ///     trainer.predict(test.features, buffer);  // buffer: a tensor (rows, outputs) in the same memory
  template <class X> output_tensor outputs(X const& x) { return model_.outputs(x); }
  template <class X> output_tensor predict(X const& x) { return model_.predict(x); }
  template <class X, class Y> void outputs(X const& x, Y&& into) { model_.outputs(x, prediction_, into); }
  template <class X, class Y> void predict(X const& x, Y&& into) { model_.predict(x, prediction_, into); }

  model_type& model() { return model_; }
  model_type const& model() const { return model_; }
  /// The model's parameters, as one flat tensor.
  auto& parameters() { return model_.parameters(); }
  auto const& parameters() const { return model_.parameters(); }
  /// The gradient of the last step's loss with respect to the parameters, as one flat tensor.
  auto const& gradient() const { return gradient_; }
  /// The number of steps taken.
  std::size_t steps() const { return steps_; }

 private:
  using gather =
      formulas::gather<value_type, Net::template static_width<0>(), Net::template static_width<Net::depth>()>;

  void begin_epoch(permutation const& order) {
    if (options_.shuffle || options_.capture) reserve_batch();
    backend_.for_each_index(1, formulas::fill<double>{sum_.data(), 0});
    if (options_.capture) backend_.for_each_index(1, formulas::set_position{{order, 0}, position_.data()});
  }
  deferred<B> mean_of_epoch(std::size_t rows) const {
    deferred<B> mean(backend_);
    mean.scale = 1 / static_cast<double>(rows);
    backend_.for_each(domain<1, 1>{}, formulas::store{}, out{mean.data()}, each{sum_.data()});
    return mean;
  }
  gather gather_formula(dataset<B> const& data, permutation const& order, std::size_t first) {
    auto const& layers = model_.network();
    auto* const x = fovea::data(batch_);
    return {order,
            fovea::data(data.features),
            fovea::data(data.targets),
            x,
            x + batch_rows_ * layers.inputs(),
            first,
            layers.inputs(),
            layers.outputs()};
  }
  /// Takes a step on a batch: gathered if the rows are shuffled, else read in place.
  void batch_step(dataset<B> const& data, permutation const& order, std::size_t first, std::size_t rows) {
    auto const& layers = model_.network();
    auto const *x = fovea::data(data.features) + first * layers.inputs(),
               *y = fovea::data(data.targets) + first * layers.outputs();
    if (options_.shuffle) {
      auto const batch = gather_formula(data, order, first);
      using several = formulas::gather_rows<gather>;
      if constexpr (std::same_as<typename B::memory, host_memory>)
        backend_.for_each_index((rows + several::at_once - 1) / several::at_once, several{batch, rows});
      else backend_.for_each_index(rows, batch);
      x = batch.x, y = batch.y;
    }
    step_and_add(x, y, rows);
    if (options_.capture) backend_.for_each_index(1, formulas::advance{position_.data(), rows});
  }
  void step_and_add(value_type const* x, value_type const* y, std::size_t rows) {
    step_on(model_.network().template batch<0, B>(x, rows), y, last_loss_);
    // The loss's scalar is the sum over rows and outputs.
    backend_.for_each(domain<1, 1>{}, formulas::add_weighted{1 / static_cast<double>(model_.network().outputs())},
                      each{sum_.data()}, each{static_cast<double const*>(last_loss_.data())});
  }
  /// Takes a step on a full batch. If the buffers have not changed since the previous full batch, replays the recorded step,
  /// recording it first if necessary; otherwise runs the step directly.
  void captured_step(dataset<B> const& data) {
    if constexpr (capturing<B>) {
      auto const next = [this, batch = gather_formula(data, {1, 0, 0}, 0), rows = batch_rows_] {
        using next_rows = formulas::gather_from_position<gather>;
        backend_.for_each_index(rows, next_rows{batch, position_.data(), options_.shuffle});
        step_and_add(batch.x, batch.y, rows);
        backend_.for_each_index(1, formulas::advance{position_.data(), rows});
      };
      auto const buffers = [&] {
        auto const& parameters = std::as_const(model_.parameters());
        return std::array<void const*, 5>{fovea::data(data.features), fovea::data(data.targets), workspace_.data(),
                                          fovea::data(parameters), std::as_const(position_).data()};
      };
      last_loss_.scale = 1 / static_cast<double>(batch_rows_ * model_.network().outputs());
      if (buffers() != recorded_ || batch_rows_ != recorded_rows_) {
        graph_.reset();
        next();  // directly: whatever is created on first use must exist before a step is recorded
        recorded_ = buffers(), recorded_rows_ = batch_rows_;
      } else {
        if (!graph_) graph_.emplace(backend_.capture(next));
        graph_->replay();
      }
    }
  }
  template <class X> void step_on(X const& x, value_type const* y, deferred<B>& loss) {
    auto const& layers = model_.network();
    auto const rows = x.extents.extent(0);
    workspace_.reserve(backend_, layers, rows);
    auto const* parameters = fovea::data(std::as_const(model_.parameters()));
    auto const activations = workspace_.activations(layers, x);
    random_draw const draw{options_.seed, std::as_const(step_number_).data()};
    layers.forward(backend_, parameters, activations, draw);
    loss.scale = 1 / static_cast<double>(rows * layers.outputs());
    formulas::scaled_loss<Loss> const share_of_mean{loss_, loss.scale};
    auto const loss_pass = [&](auto const& output, auto const& gradient, auto const& activation, value_type* bias) {
      using A = std::remove_cvref_t<decltype(activation)>;
      formulas::loss_prologue<formulas::scaled_loss<Loss>, A> const formula{share_of_mean, activation};
      auto const run = [&](auto const&... results) {
        backend_.reduce(output.extents, formula, std::tuple{results...},
                        each{static_cast<value_type const*>(output.elements)}, out{gradient.elements}, each{y});
      };
      if (bias) run(overall{loss.data()}, by_column{bias});
      else run(overall{loss.data()});
    };
    layers.backward(backend_, parameters, activations, workspace_.gradients(layers, rows), fovea::data(gradient_),
                    loss_pass, draw);
    update();
  }
  void update() {
    backend_.for_each_index(1, formulas::advance_optimizer<O>{rule_, step_number_.data(), coefficients_.data()});
    auto const n = model_.network().parameter_count();
    auto* state = fovea::data(state_);
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      backend_.for_each(domain<1, dynamic>({1, n}), optimizer_step<O>{rule_}, each{fovea::data(model_.parameters())},
                        broadcast{std::as_const(coefficients_).data()},
                        each{static_cast<value_type const*>(fovea::data(gradient_))}, each{state + K * n}...);
    }(std::make_index_sequence<O::state_count>{});
  }
  void reserve_batch() {
    auto const& layers = model_.network();
    auto const needed = batch_rows_ * (layers.inputs() + layers.outputs());
    if (fovea::size(batch_) < needed) batch_ = backend_.template empty<value_type>(std::array{needed});
  }
  template <class X, class Y> void check(X const& features, Y const& targets) const {
    auto const& layers = model_.network();
    auto const x = fovea::shape_of(features), y = fovea::shape_of(targets);
    if (x.rank() != 2 || y.rank() != 2 || x[0] != y[0] || x[1] != layers.inputs() || y[1] != layers.outputs())
      throw shape_error("trainer: x has shape " + to_string(x) + ", y " + to_string(y) + "; expected (rows, " +
                        std::to_string(layers.inputs()) + ") and (rows, " + std::to_string(layers.outputs()) + ")");
    fovea::require_reachable(backend_, "trainer", "x", features),
        fovea::require_reachable(backend_, "trainer", "y", targets);
  }

  /// Looks at a data set that it has not seen before.
  void check_once(dataset<B> const& data) {
    if (std::ranges::find(checked_, data.identity()) != checked_.end()) return;
    detail::check_data<Loss>(backend_, data);
    std::swap(checked_[0], checked_[1]);
    checked_[0] = data.identity();
  }

  using flat = typename B::template tensor<value_type, 1>;
  trainer_options options_;
  B backend_;
  Loss loss_;
  O rule_;
  model_type model_;
  flat gradient_, state_;
  flat batch_ = B{}.template empty<value_type>(std::array<std::size_t, 1>{0});
  training_workspace<B, Net> workspace_;
  prediction_workspace<B> prediction_;
  typename B::template scalar<double> step_number_ = make_scalar<double>(backend_);
  typename B::template scalar<typename O::coefficients> coefficients_ = make_scalar<typename O::coefficients>(backend_);
  typename B::template scalar<formulas::batch_position> position_ = make_scalar<formulas::batch_position>(backend_);
  typename B::template scalar<double> sum_ = make_scalar<double>(backend_);
  deferred<B> last_loss_{backend_};
  std::optional<typename detail::recorded<B>::type> graph_;
  std::array<void const*, 5> recorded_{};
  std::size_t batch_rows_ = 0, recorded_rows_ = 0;  // rows of a full batch: of this epoch, of the recorded step
  std::array<std::size_t, 2> checked_{};            // the identities of the two data sets checked last
  std::size_t steps_ = 0;
  std::uint32_t epochs_ = 0;
};

}  // namespace fovea
