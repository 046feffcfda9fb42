// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fovea/layers/activation.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/evaluate.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/tensor/usage.hpp>
#include <fovea/training/trainer.hpp>

#include <fovea/testing/laws/support.hpp>

/// Losses, networks and training on a backend, beside the reference's, which computes in double.
namespace fovea::testing::laws {

/// How far results may be off, as a property of the numbers: `value` of one formula, relatively, `trained` after a number of
/// steps, and `difference` of a quotient of differences from a slope, with `step` between its points.
template <class T> struct tolerance {
  static constexpr double epsilon = std::numeric_limits<T>::epsilon();
  static constexpr double value = 64 * epsilon, trained = 1024 * epsilon;
  static inline double const step = std::cbrt(epsilon), difference = 20 * step * step;
};

inline void hold_close(double got, double want, double bound, char const* what, std::size_t i) {
  hold(std::abs(got - want) <= bound, what, ", element ", i, ": ", got, " instead of ", want, ", more than ", bound,
       " away");
}

/// What one loss gives, in double.
struct evaluated_loss {
  double value;
  std::vector<double> values, gradient, hessian;
};
template <class B, class L, class U>
evaluated_loss evaluate_loss(B const& b, L const& loss, std::vector<U> const& x, std::vector<U> const& y) {
  using T = typename B::value_type;
  auto const n = x.size();
  auto const typed = [](auto const& v) { return std::vector<T>(v.begin(), v.end()); };
  auto const doubles = [](auto const& v) { return std::vector<double>(v.begin(), v.end()); };
  auto const all = [n](T* at) { return fovea::vector_span<B, T>{at, fovea::extents<fovea::dynamic>({n})}; };
  buffer<B, T> z(b, typed(x)), t(b, typed(y)), gradient(b, typed(x)), hessian(b, typed(x));
  std::vector<T> values(n);
  fovea::copy(fovea::values(b, loss, all(z.at()), all(t.at())), values);
  double const value = fovea::value_gradient_and_hessian(b, loss, all(z.at()), all(t.at()), all(gradient.at()),
                                                         all(hessian.at()), fovea::reduction::sum);
  return {value, doubles(values), doubles(gradient.get()), doubles(hessian.get())};
}

/// Calls look(name, loss, predictions, targets) for the losses that fovea has; hard targets and soft ones.
template <class T, class Look> void for_each_loss(Look const& look) {
  std::size_t const n = 401;
  auto const logits = reals<T>(n, 1, -12, 12), probabilities = reals<T>(n, 2, 0.02, 0.98);
  auto targets = drawn<T>(n, 3, [](auto random) { return random % 2; });
  for (std::size_t i = 0; i < n; i += 7) targets[i] = T(0.25);
  look("sigmoid_binary_cross_entropy", fovea::sigmoid_binary_cross_entropy{}, logits, targets);
  look("sigmoid_focal_loss", fovea::sigmoid_focal_loss{.gamma = 2, .alpha = 0.25}, logits, targets);
  look("sigmoid_focal_loss, gamma 1.5", fovea::sigmoid_focal_loss{.gamma = 1.5}, logits, targets);
  look("binary_cross_entropy", fovea::binary_cross_entropy{}, probabilities, targets);
  look("focal_loss", fovea::focal_loss{}, probabilities, targets);
  look("mean_squared_error", fovea::mean_squared_error{}, logits, targets);
}

/// Losses, gradients and Hessians are those that the reference gives in double.
template <class B> void losses_agree_with_the_reference(B const& b) {
  using T = typename B::value_type;
  for_each_loss<T>([&](char const* name, auto const& loss, auto const& x, auto const& y) {
    auto const got = evaluate_loss(b, loss, x, y), want = evaluate_loss(fovea::host<double>{}, loss, x, y);
    double const close = tolerance<T>::value;
    hold_close(got.value, want.value, close * want.value, name, 0);
    for (std::size_t i = 0; i != x.size(); ++i) {
      hold_close(got.values[i], want.values[i], close * (want.values[i] + close), name, i);
      hold_close(got.gradient[i], want.gradient[i], close * (std::abs(want.gradient[i]) + close), name, i);
      hold_close(got.hessian[i], want.hessian[i], close * (std::abs(want.hessian[i]) + 1), name, i);
    }
  });
}

/// So are those of whole rows, at widths that are less than a batch, one, and more.
template <class B> void losses_of_rows_agree_with_the_reference(B const& b) {
  using T = typename B::value_type;
  for (std::size_t const classes : {1u, 2u, 3u, 10u, 17u, 100u}) {
    std::size_t const rows = 53;
    auto const xs = reals<T>(rows * classes, classes, -12, 12);
    std::vector<std::int32_t> ys(rows);
    for (std::size_t r = 0; r != rows; ++r) ys[r] = static_cast<std::int32_t>(bits(r, 9) % classes);
    auto const run = [&](auto const& on, auto const& x) {
      using On = std::remove_cvref_t<decltype(on)>;
      using U = typename On::value_type;
      auto const matrix = [&](auto* at) {
        return fovea::matrix_span<On, std::remove_pointer_t<decltype(at)>>{
            at, fovea::extents<fovea::dynamic, fovea::dynamic>({rows, classes})};
      };
      buffer<On, U> const z(on, std::vector<U>(x.begin(), x.end()));
      buffer<On, U> gradient(on, std::vector<U>(x.size()));
      buffer<On, std::int32_t> const y(on, ys);
      fovea::vector_span<On, std::int32_t const> const targets{y.read(), fovea::extents<fovea::dynamic>({rows})};
      std::vector<double> found{fovea::value_and_gradient(on, fovea::softmax_cross_entropy{}, matrix(z.read()), targets,
                                                          matrix(gradient.at()))};
      for (auto const g : gradient.get()) found.push_back(static_cast<double>(g) * static_cast<double>(rows));
      return found;
    };
    auto const got = run(b, xs), want = run(fovea::host<double>{}, xs);
    for (std::size_t i = 0; i != want.size(); ++i)
      hold_close(got[i], want[i], tolerance<T>::value * (std::abs(want[i]) + tolerance<T>::epsilon),
                 "softmax_cross_entropy", i);
  }
}

/// A loss's gradient is its slope, by differences of its values.
template <class B> void gradients_are_slopes(B const& b) {
  using T = typename B::value_type;
  for_each_loss<T>([&](char const* name, auto const& loss, auto const& x, auto const& y) {
    auto const step = static_cast<T>(tolerance<T>::step / 8);
    auto low = x, high = x;
    for (std::size_t i = 0; i != x.size(); ++i) low[i] -= step, high[i] += step;
    auto const here = evaluate_loss(b, loss, x, y), below = evaluate_loss(b, loss, low, y),
               above = evaluate_loss(b, loss, high, y);
    for (std::size_t i = 0; i != x.size(); ++i)
      hold_close(here.gradient[i], (above.values[i] - below.values[i]) / (double{high[i]} - double{low[i]}),
                 tolerance<T>::difference * (1 + std::abs(here.hessian[i]) + here.values[i]), name, i);
  });
}

/// A data set of numbers that float has, on a backend.
template <class B> fovea::dataset<B> examples(B const& b, std::size_t rows, std::size_t features) {
  using T = typename B::value_type;
  auto const xs = reals<float>(rows * features, 1, -1, 1);
  std::vector<float> ys(rows);
  for (std::size_t i = 0; i != rows; ++i) ys[i] = xs[i * features] + xs[i * features + 1] > 0 ? 1 : 0;
  auto x = b.template make<T>(std::array{rows, features}), y = b.template make<T>(std::array{rows, std::size_t{1}});
  auto const put = [&](std::vector<float> const& from, auto& to) {
    std::vector<T> const typed(from.begin(), from.end());
    b.copy(typed.data(), fovea::data(to), typed.size());
    b.synchronise();
  };
  put(xs, x), put(ys, y);
  return fovea::dataset<B>(b, x, y);
}
template <class Trainer> auto parameters_of(Trainer const& t) {
  std::vector<typename Trainer::value_type> all(fovea::size(t.parameters()));
  fovea::copy(t.parameters(), all);
  return all;
}

inline constexpr fovea::sequential smooth{fovea::linear<5, 9>{}, fovea::tanh{}, fovea::linear<9, 4>{}, fovea::sigmoid{},
                                          fovea::linear<4, 1>{}};
inline constexpr fovea::sequential rectified{fovea::linear<5, 9>{}, fovea::relu{}, fovea::linear<9, 1>{}};
inline constexpr fovea::sequential dropping{fovea::linear<5, 9>{}, fovea::relu{}, fovea::dropout{0.3},
                                            fovea::linear<9, 1>{}};

/// A network's gradient is the slope of its loss, by differences of the loss over each parameter.
template <class B> void a_networks_gradient_is_the_slope(B const& b) {
  using T = typename B::value_type;
  auto const data = examples(b, 33, 5);
  fovea::trainer trainer{b, smooth, fovea::sigmoid_focal_loss{}, fovea::sgd{.learning_rate = 0}};
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

/// Trained side by side, from the same parameters, in the same shuffled batches: losses, parameters and predictions are
/// those of the reference in double.
template <class B, class Net> void trains_as_the_reference(B const& b, Net const& net, char const* what) {
  using T = typename B::value_type;
  using host = fovea::host<double>;
  auto const run = [&](auto const& backend, auto& trainer) {
    std::vector<double> found;
    auto const data = examples(backend, 77, 5);
    for (int epoch = 0; epoch != 5; ++epoch)
      found.push_back(trainer.epoch(data, [&](std::size_t, auto const& loss) { found.push_back(loss); }));
    std::vector<typename std::remove_cvref_t<decltype(backend)>::value_type> predicted(data.rows());
    auto const predictions = trainer.predict(data.features);
    backend.copy(fovea::data(predictions), predicted.data(), predicted.size());
    backend.synchronise();
    found.insert(found.end(), predicted.begin(), predicted.end());
    for (auto p : parameters_of(trainer)) found.push_back(p);
    return found;
  };
  fovea::sigmoid_focal_loss const loss{.gamma = 2};
  fovea::adam const rule{.learning_rate = 1e-2};
  fovea::trainer mine{b, net, loss, rule, {.batch_size = 16, .seed = 5}};
  fovea::trainer reference{host{}, net, loss, rule, {.batch_size = 16, .seed = 5}};
  auto const initial = parameters_of(mine);
  fovea::copy(std::vector<double>(initial.begin(), initial.end()), reference.parameters());
  auto const got = run(b, mine), want = run(host{}, reference);
  for (std::size_t i = 0; i != want.size(); ++i)
    hold_close(got[i], want[i], tolerance<T>::trained * (1 + std::abs(want[i])), what, i);
}
template <class B> void training_agrees_with_the_reference(B const& b) {
  trains_as_the_reference(b, smooth, "a smooth network: losses, predictions, parameters");
  trains_as_the_reference(b, rectified, "a network with relu: losses, predictions, parameters");
  trains_as_the_reference(b, dropping, "a network with dropout: losses, predictions, parameters");
}

/// A step that is recorded and replayed does what it did: the same bits, with an incomplete last batch too.
template <class B> void captured_steps_are_steps(B const& b) {
  if constexpr (fovea::capturing<B>) {
    auto const data = examples(b, 77, 5);
    auto const run = [&](bool capture) {
      fovea::trainer trainer{
          b, dropping, fovea::sigmoid_focal_loss{}, fovea::adam{}, {.batch_size = 16, .capture = capture}};
      std::vector<double> found;
      for (int epoch = 0; epoch != 3; ++epoch)
        found.push_back(trainer.epoch(data, [&](std::size_t, auto const& loss) { found.push_back(loss); }));
      for (auto p : parameters_of(trainer)) found.push_back(p);
      return found;
    };
    auto const plain = run(false), captured = run(true);
    for (std::size_t i = 0; i != plain.size(); ++i)
      hold(same(captured[i], plain[i]), "losses and parameters, number ", i, ": ", captured[i], " instead of ",
           plain[i]);
  } else {
    throw declined_law("the backend cannot capture");
  }
}

/// After the first epoch nothing is allocated, and nothing is waited for.
template <class B> void a_step_allocates_nothing(B const& b) {
  if constexpr (requires {
                  { b.usage() } -> std::same_as<fovea::usage>;
                }) {
    auto const data = examples(b, 77, 5);
    fovea::trainer trainer{b, smooth, fovea::sigmoid_focal_loss{}, fovea::adam{}, {.batch_size = 16}};
    static_cast<void>(double{trainer.epoch(data)});
    auto const before = b.usage();
    hold(before.allocations != 0, "usage() has counted no allocation of a trainer");
    auto const loss = trainer.epoch(data);
    auto const after = b.usage();
    hold(after == before, "an epoch allocated ", after.allocations - before.allocations, " times and waited ",
         after.synchronisations - before.synchronisations, " times");
  } else {
    throw declined_law("the backend counts neither: it has no usage()");
  }
}

}  // namespace fovea::testing::laws
