// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include <fovea/layers/activation.hpp>
#include <fovea/layers/attention.hpp>
#include <fovea/layers/batch_norm.hpp>
#include <fovea/layers/branches.hpp>
#include <fovea/layers/convolution.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/embedding.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/normalization.hpp>
#include <fovea/layers/parallel.hpp>
#include <fovea/layers/pooling.hpp>
#include <fovea/layers/recurrence.hpp>
#include <fovea/layers/residual.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>
#include <fovea/losses/value_and_gradient.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/tensor/usage.hpp>
#include <fovea/training/trainer.hpp>

#include <fovea/testing/laws/support.hpp>

/// Laws of losses, networks and training: a backend's results agree with those of the reference, which computes in double.
namespace fovea::testing::laws {

/// The allowed errors of results in T: `value`, the relative error of one formula; `trained`, the error after some epochs of
/// training; `difference`, the error of a central difference, whose points lie `step` on either side, from the derivative.
template <class T> struct tolerance {
  static constexpr double epsilon = std::numeric_limits<T>::epsilon();
  static constexpr double value = 64 * epsilon, trained = 1024 * epsilon;
  static inline double const step = std::cbrt(epsilon), difference = 20 * step * step;
};

inline void hold_close(double got, double want, double bound, char const* what, std::size_t i) {
  hold(std::abs(got - want) <= bound, what, ", element ", i, ": ", got, " instead of ", want, ", more than ", bound,
       " away");
}

/// The results of one loss, in double: the sum, and the value, gradient and Hessian at each element.
struct evaluated_loss {
  char const* name;
  double value;
  std::vector<double> values, gradient, hessian;
};
/// The inputs of elementwise losses: numbers that T represents exactly, with hard and soft targets.
struct loss_inputs {
  std::vector<double> logits, probabilities, targets;
};
template <class T> loss_inputs inputs_of_losses() {
  std::size_t const n = 401;
  auto const doubles = [](std::vector<T> const& v) { return std::vector<double>(v.begin(), v.end()); };
  auto targets = drawn<T>(n, 3, [](auto random) { return random % 2; });
  for (std::size_t i = 0; i < n; i += 7) targets[i] = T(0.25);
  return {doubles(reals<T>(n, 1, -12, 12)), doubles(reals<T>(n, 2, 0.02, 0.98)), doubles(targets)};
}
/// The inputs of softmax cross-entropy: rows of logits and their target classes.
struct row_inputs {
  std::size_t classes;
  std::vector<double> logits;
  std::vector<std::int32_t> targets;
};
/// The record of a training: `initial` has the initial parameters; `found` has the loss of every step and epoch, then the
/// predictions and the final parameters.
struct training_record {
  std::vector<double> initial, found;
};

inline constexpr fovea::sequential smooth{fovea::linear<5, 9>{}, fovea::tanh{}, fovea::linear<9, 4>{}, fovea::sigmoid{},
                                          fovea::linear<4, 1>{}};
inline constexpr fovea::sequential dropping{fovea::linear<5, 9>{}, fovea::relu{}, fovea::dropout{0.3},
                                            fovea::linear<9, 1>{}};
/// Every layer and combinator at least once. The first input is integers below 6; images have two channels, sequences three steps.
inline constexpr fovea::sequential mixed{
    fovea::parallel{fovea::sequential{fovea::input<2>{}, fovea::embedding<6, 3>{}, fovea::flatten{}},
                    fovea::sequential{fovea::linear<5, 6>{}, fovea::batch_norm{}, fovea::tanh{}}},
    fovea::concatenate{},
    fovea::residual{
        fovea::sequential{fovea::linear<12, 12>{}, fovea::relu{}, fovea::dropout{0.25}, fovea::layer_norm{}}},
    fovea::reshape<2, 2, 3>{},
    fovea::conv2d<2, 2>{.kernel_size = 3, .padding = 1},
    fovea::tanh{},
    fovea::batch_norm{.epsilon = 1e-2, .momentum = std::nullopt},
    fovea::max_pool2d{.kernel_size = {1, 2}, .stride = 1},
    fovea::avg_pool2d{.kernel_size = {2, 1}, .stride = 1, .padding = {1, 0}},
    fovea::reshape<3, 4>{},
    fovea::lstm<4, 3>{},
    fovea::gru<3, 4>{},
    fovea::residual{fovea::multi_head_attention<4>{.heads = 2, .causal = true}},
    fovea::flatten{},
    fovea::rms_norm{.epsilon = 1e-2},
    fovea::add{fovea::linear<12, 4>{},
               fovea::multiply{fovea::linear<12, 4>{}, fovea::sequential{fovea::linear<12, 4>{}, fovea::sigmoid{}}}},
    fovea::linear<4, 3>{}};
enum class trained_network { is_smooth, is_dropping, is_mixed };

template <class B> fovea::dataset<B> examples(B const& b, std::size_t rows, std::size_t features);
template <class B> auto mixed_examples(B const& b, std::size_t rows);
template <class Trainer> auto parameters_of(Trainer const& t);

/// Evaluates losses and trains networks on a backend; returns results in double. The public functions are not templates, so
/// that a program that checks several backends compiles those of the reference once:
///
///     extern template struct fovea::testing::laws::learning<fovea::host_backend<double>>;
template <class B> struct learning {
  using T = typename B::value_type;

  /// Evaluates fovea's elementwise losses.
  static std::vector<evaluated_loss> losses(B const& b, loss_inputs const& at) {
    auto const& [logits, probabilities, targets] = at;
    return {loss(b, "sigmoid_binary_cross_entropy", fovea::sigmoid_binary_cross_entropy{}, logits, targets),
            focal_loss(b, "sigmoid_focal_loss", {.gamma = 2, .alpha = 0.25}, logits, targets),
            focal_loss(b, "sigmoid_focal_loss, gamma 1.5", {.gamma = 1.5}, logits, targets),
            loss(b, "binary_cross_entropy", fovea::binary_cross_entropy{}, probabilities, targets),
            loss(b, "focal_loss", fovea::focal_loss{}, probabilities, targets),
            loss(b, "mean_squared_error", fovea::mean_squared_error{}, logits, targets)};
  }
  static evaluated_loss focal_loss(B const& b, char const* name, fovea::sigmoid_focal_loss const& focal,
                                   std::vector<double> const& x, std::vector<double> const& y) {
    return loss(b, name, focal, x, y);
  }

  /// Returns the mean softmax cross-entropy, followed by its gradient times the number of rows.
  static std::vector<double> softmax_cross_entropy(B const& b, row_inputs const& at) {
    auto const rows = at.targets.size();
    auto const matrix = [&](auto* from) {
      return fovea::matrix_span<B, std::remove_pointer_t<decltype(from)>>{
          from, fovea::extents<fovea::dynamic, fovea::dynamic>({rows, at.classes})};
    };
    buffer<B, T> const z(b, typed(at.logits));
    buffer<B, T> gradient(b, std::vector<T>(at.logits.size()));
    buffer<B, std::int32_t> const y(b, at.targets);
    fovea::vector_span<B, std::int32_t const> const targets{y.read(), fovea::extents<fovea::dynamic>({rows})};
    std::vector<double> found{fovea::value_and_gradient(b, fovea::softmax_cross_entropy{}, matrix(z.read()), targets,
                                                        matrix(gradient.data()))};
    for (auto const g : gradient.get()) found.push_back(static_cast<double>(g) * static_cast<double>(rows));
    return found;
  }

  /// Trains for five epochs in shuffled batches, the last one incomplete. Starts from `initial`, or from the network's own
  /// initial parameters if `initial` is empty.
  static training_record train(B const& b, trained_network which, std::vector<double> const& initial,
                               bool capture = false) {
    fovea::adam const adam{.learning_rate = 1e-2};
    fovea::sigmoid_focal_loss const focal;
    if (which == trained_network::is_smooth) return train(b, smooth, focal, adam, examples(b, 77, 5), initial, capture);
    if (which == trained_network::is_dropping)
      return train(b, dropping, focal, adam, examples(b, 77, 5), initial, capture);
    return train(b, mixed, fovea::softmax_cross_entropy{.label_smoothing = 0.1}, fovea::sgd{.learning_rate = 0.05},
                 mixed_examples(b, 77), initial, capture);
  }

 private:
  static std::vector<T> typed(std::vector<double> const& v) { return std::vector<T>(v.begin(), v.end()); }

  template <class L>
  static evaluated_loss loss(B const& b, char const* name, L const& loss, std::vector<double> const& x,
                             std::vector<double> const& y) {
    auto const n = x.size();
    auto const doubles = [](auto const& v) { return std::vector<double>(v.begin(), v.end()); };
    auto const all = [n](T* from) { return fovea::vector_span<B, T>{from, fovea::extents<fovea::dynamic>({n})}; };
    buffer<B, T> z(b, typed(x)), t(b, typed(y)), gradient(b, typed(x)), hessian(b, typed(x));
    std::vector<T> values(n);
    fovea::copy(fovea::values(b, loss, all(z.data()), all(t.data())), values);
    double const value = fovea::value_gradient_and_hessian(b, loss, all(z.data()), all(t.data()), all(gradient.data()),
                                                           all(hessian.data()), fovea::reduction::sum);
    return {name, value, doubles(values), doubles(gradient.get()), doubles(hessian.get())};
  }

  template <class Net, class Loss, class Rule, class Data>
  static training_record train(B const& b, Net const& layers, Loss const& loss_of_rows, Rule const& rule,
                               Data const& data, std::vector<double> const& initial, bool capture) {
    fovea::trainer trainer{b, layers, loss_of_rows, rule, {.batch_size = 16, .seed = 5, .capture = capture}};
    if (!initial.empty()) fovea::copy(typed(initial), trainer.parameters());
    auto const begun = parameters_of(trainer);
    training_record all{{begun.begin(), begun.end()}, {}};
    for (int epoch = 0; epoch != 5; ++epoch)
      all.found.push_back(trainer.epoch(data, [&](std::size_t, auto const& loss) { all.found.push_back(loss); }));
    auto const predictions = trainer.predict(data.features);
    auto const predicted = fovea::detail::on_host(b, fovea::data(predictions), fovea::size(predictions));
    all.found.insert(all.found.end(), predicted.begin(), predicted.end());
    for (auto p : parameters_of(trainer)) all.found.push_back(p);
    return all;
  }
};
using reference = learning<fovea::host_backend<double>>;

/// Values, gradients and Hessians of elementwise losses agree with the reference in double.
template <class B> void losses_agree_with_the_reference(B const& b) {
  using T = typename B::value_type;
  auto const at = inputs_of_losses<T>();
  auto const all = learning<B>::losses(b, at), expected = reference::losses({}, at);
  double const close = tolerance<T>::value;
  for (std::size_t k = 0; k != all.size(); ++k) {
    auto const &got = all[k], &want = expected[k];
    hold_close(got.value, want.value, close * want.value, got.name, 0);
    for (std::size_t i = 0; i != got.values.size(); ++i) {
      hold_close(got.values[i], want.values[i], close * (want.values[i] + close), got.name, i);
      hold_close(got.gradient[i], want.gradient[i], close * (std::abs(want.gradient[i]) + close), got.name, i);
      hold_close(got.hessian[i], want.hessian[i], close * (std::abs(want.hessian[i]) + 1), got.name, i);
    }
  }
}

/// Values and gradients of softmax cross-entropy agree with the reference, for widths below, at and above a SIMD batch.
template <class B> void losses_of_rows_agree_with_the_reference(B const& b) {
  using T = typename B::value_type;
  for (std::size_t const classes : {1u, 2u, 3u, 10u, 17u, 100u}) {
    std::size_t const rows = 53;
    auto const xs = reals<T>(rows * classes, classes, -12, 12);
    row_inputs at{classes, {xs.begin(), xs.end()}, std::vector<std::int32_t>(rows)};
    for (std::size_t r = 0; r != rows; ++r) at.targets[r] = static_cast<std::int32_t>(bits(r, 9) % classes);
    auto const got = learning<B>::softmax_cross_entropy(b, at), want = reference::softmax_cross_entropy({}, at);
    for (std::size_t i = 0; i != want.size(); ++i)
      hold_close(got[i], want[i], tolerance<T>::value * (std::abs(want[i]) + tolerance<T>::epsilon),
                 "softmax_cross_entropy", i);
  }
}

/// The gradient of a loss agrees with central differences of its values.
template <class B> void gradients_are_slopes(B const& b) {
  using T = typename B::value_type;
  auto const at = inputs_of_losses<T>();
  auto const step = static_cast<T>(tolerance<T>::step / 8);
  auto const moved = [&](T by) {
    auto all = at;
    for (auto* x : {&all.logits, &all.probabilities})
      for (double& one : *x) one = double{static_cast<T>(static_cast<T>(one) + by)};
    return all;
  };
  auto const low = moved(-step), high = moved(step);
  auto const here = learning<B>::losses(b, at), below = learning<B>::losses(b, low),
             above = learning<B>::losses(b, high);
  for (std::size_t k = 0; k != here.size(); ++k) {
    bool const of_probabilities = std::string_view(here[k].name).find("sigmoid") == std::string_view::npos &&
                                  std::string_view(here[k].name) != "mean_squared_error";
    auto const x = [&](loss_inputs const& all, std::size_t i) {
      return of_probabilities ? all.probabilities[i] : all.logits[i];
    };
    for (std::size_t i = 0; i != at.targets.size(); ++i)
      hold_close(here[k].gradient[i], (above[k].values[i] - below[k].values[i]) / (x(high, i) - x(low, i)),
                 tolerance<T>::difference * (1 + std::abs(here[k].hessian[i]) + here[k].values[i]), here[k].name, i);
  }
}

/// Returns a random data set on a backend. float represents its numbers exactly, so that it is the same on every backend.
template <class B> fovea::dataset<B> examples(B const& b, std::size_t rows, std::size_t features) {
  using T = typename B::value_type;
  auto const xs = reals<float>(rows * features, 1, -1, 1);
  std::vector<float> ys(rows);
  for (std::size_t i = 0; i != rows; ++i) ys[i] = xs[i * features] + xs[i * features + 1] > 0 ? 1 : 0;
  auto x = b.template empty<T>(std::array{rows, features}), y = b.template empty<T>(std::array{rows, std::size_t{1}});
  auto const put = [&](std::vector<float> const& from, auto& to) {
    std::vector<T> const typed(from.begin(), from.end());
    b.copy(typed.data(), fovea::data(to), typed.size());
    b.synchronize();
  };
  put(xs, x), put(ys, y);
  return fovea::dataset<B>(b, x, y);
}
/// Returns a random data set of integers below 6, numbers and one of three classes.
template <class B> auto mixed_examples(B const& b, std::size_t rows) {
  auto const numbers = examples(b, rows, 5);
  std::vector<std::int32_t> words(2 * rows), labels(rows);
  for (std::size_t i = 0; i != words.size(); ++i) words[i] = static_cast<std::int32_t>(bits(i, 21) % 6);
  for (std::size_t i = 0; i != rows; ++i) labels[i] = static_cast<std::int32_t>(words[2 * i] % 3);
  auto x = b.template empty<std::int32_t>(std::array{rows, std::size_t{2}});
  auto y = b.template empty<std::int32_t>(std::array{rows});
  b.copy(words.data(), fovea::data(x), words.size());
  b.copy(labels.data(), fovea::data(y), labels.size());
  b.synchronize();
  return fovea::dataset(b, std::tie(x, numbers.features), y);
}
template <class Trainer> auto parameters_of(Trainer const& t) {
  std::vector<typename Trainer::value_type> all(fovea::size(t.parameters()));
  fovea::copy(t.parameters(), all);
  return all;
}

/// The gradient of a network agrees with central differences of its loss with respect to each parameter.
template <class B> void a_networks_gradient_is_the_slope(B const& b) {
  using T = typename B::value_type;
  auto const data = examples(b, 33, 5);
  fovea::trainer trainer{b, smooth, fovea::sigmoid_focal_loss{}, fovea::adam{.learning_rate = 0}};
  double const mean = trainer.step(data.features, data.targets);
  std::vector<T> gradient(fovea::size(trainer.gradient()));
  fovea::copy(trainer.gradient(), gradient);
  auto const before = parameters_of(trainer);
  auto const loss_at = [&](std::size_t i, T value) {
    auto moved = before;
    moved[i] = value;
    fovea::copy(moved, trainer.parameters());
    return trainer.evaluate(data);
  };
  hold_close(loss_at(0, before[0]), mean, tolerance<T>::value * mean, "the loss of a step and of evaluate", 0);
  for (std::size_t i = 0; i != before.size(); ++i) {
    auto const low = static_cast<T>(before[i] - tolerance<T>::step),
               high = static_cast<T>(before[i] + tolerance<T>::step);
    hold_close(gradient[i], (loss_at(i, high) - loss_at(i, low)) / (double{high} - double{low}),
               tolerance<T>::difference, "a parameter's gradient", i);
  }
}

/// Training agrees with the reference in double, from the same initial parameters and in the same shuffled batches: the
/// losses, predictions and parameters.
template <class B> void training_agrees_with_the_reference(B const& b) {
  auto const agrees = [&](trained_network which, char const* what) {
    auto const [initial, got] = learning<B>::train(b, which, {});
    auto const want = reference::train({}, which, initial).found;
    for (std::size_t i = 0; i != want.size(); ++i)
      hold_close(got[i], want[i], tolerance<typename B::value_type>::trained * (1 + std::abs(want[i])), what, i);
  };
  agrees(trained_network::is_smooth, "a smooth network: losses, predictions, parameters");
  agrees(trained_network::is_dropping, "a network with dropout: losses, predictions, parameters");
  agrees(trained_network::is_mixed, "a network of every layer: losses, predictions, parameters");
}

/// Captured steps give the same bits as steps that are not captured, also with an incomplete last batch.
template <class B> void captured_steps_are_steps(B const& b) {
  if constexpr (fovea::capturing<B>) {
    for (auto const which : {trained_network::is_dropping, trained_network::is_mixed}) {
      auto const run = [&](bool capture) { return learning<B>::train(b, which, {}, capture).found; };
      auto const plain = run(false), captured = run(true);
      for (std::size_t i = 0; i != plain.size(); ++i)
        hold(same(captured[i], plain[i]), "losses and parameters, number ", i, ": ", captured[i], " instead of ",
             plain[i]);
    }
  } else {
    throw declined_law("the backend cannot capture");
  }
}

/// After the first epoch, an epoch of less than 64 steps does not allocate, and waits for the device once, at its end.
template <class B> void a_step_allocates_nothing(B const& b) {
  if constexpr (requires {
                  { b.usage() } -> std::same_as<fovea::usage>;
                }) {
    auto const check = [&](auto const& layers, auto const& loss_of_rows, auto const& rule, auto const& data) {
      fovea::trainer trainer{b, layers, loss_of_rows, rule, {.batch_size = 16}};
      static_cast<void>(double{trainer.epoch(data)});
      auto const before = b.usage();
      hold(before.allocations != 0, "usage() has counted no allocation of a trainer");
      [[maybe_unused]] auto const loss = trainer.epoch(data);
      auto const after = b.usage();
      hold(after.allocations == before.allocations && after.synchronizations <= before.synchronizations + 1,
           "an epoch allocated ", after.allocations - before.allocations, " times and waited ",
           after.synchronizations - before.synchronizations, " times");
    };
    check(smooth, fovea::sigmoid_focal_loss{}, fovea::adam{}, examples(b, 77, 5));
    check(mixed, fovea::softmax_cross_entropy{.label_smoothing = 0.1}, fovea::sgd{}, mixed_examples(b, 77));
  } else {
    throw declined_law("the backend counts neither: it has no usage()");
  }
}

}  // namespace fovea::testing::laws
