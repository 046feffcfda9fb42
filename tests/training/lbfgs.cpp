// SPDX-License-Identifier: MIT
// Compares L-BFGS with PyTorch's, iteration by iteration.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/adapt/std_vector.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/softmax_cross_entropy.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/training/lbfgs.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

using fovea::lbfgs, fovea::lbfgs_options, fovea::line_search;

namespace {

struct rows_of_file {
  std::size_t columns;
  std::vector<double> values;
  explicit rows_of_file(std::string const& name) {
    auto const file = fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/lbfgs/" + name + ".npy");
    columns = file.shape.at(1), values = file.values;
  }
  std::size_t count() const { return values.size() / columns; }
  double at(std::size_t row, std::size_t column) const { return values.at(row * columns + column); }
  std::vector<double> parameters(std::size_t row) const {
    auto const from = values.begin() + static_cast<std::ptrdiff_t>(row * columns);
    return {from + 2, from + static_cast<std::ptrdiff_t>(columns)};
  }
};

/// Two Rosenbrock functions, on any backend: computed on the host.
template <class B> auto rosenbrock(B const& b) {
  return [b](auto const& parameters, auto& gradient) {
    using T = value_type_of<B>;
    auto const x = to_doubles(to_vector(parameters));
    std::vector<T> slopes(4);
    double value = 0;
    for (std::size_t i = 0; i != 4; i += 2) {
      double const bend = x[i + 1] - x[i] * x[i], left = 1 - x[i];
      value += 100 * bend * bend + left * left;
      slopes[i] = static_cast<T>(-400 * bend * x[i] - 2 * left), slopes[i + 1] = static_cast<T>(200 * bend);
    }
    b.copy(slopes.data(), fovea::data(gradient), slopes.size());
    b.synchronize();
    return value;
  };
}

/// Compares runs of 1 to 20 iterations, and one of twice 10, with a file. `minimize(solver, x)` begins at x and returns the
/// parameters found in x. In float, one step is compared: rounding changes the path of the others.
template <class B, class Minimize>
void follows_torch(B const& b, std::string const& name, lbfgs_options options, double tolerance,
                   Minimize const& minimize) {
  INFO(name);
  rows_of_file const expected(name);
  std::size_t const iterations = std::is_same_v<value_type_of<B>, float> ? 1 : 20;
  options.max_eval = 1000;
  double farthest = 0;
  for (std::size_t k = 1; k <= iterations; ++k) {
    options.max_iter = k;
    lbfgs solver{b, options};
    auto x = expected.parameters(0);
    auto report = minimize(solver, x);
    CHECK(static_cast<double>(report.iterations) == expected.at(k, 0));
    CHECK(static_cast<double>(report.evaluations) == expected.at(k, 1));
    farthest = std::max(farthest, max_difference(x, expected.parameters(k)));
    if (k != 10) continue;
    auto const before = report;
    report = minimize(solver, x);
    CHECK(static_cast<double>(before.iterations + report.iterations) == expected.at(21, 0));
    CHECK(static_cast<double>(before.evaluations + report.evaluations) == expected.at(21, 1));
    CHECK(max_difference(x, expected.parameters(21)) < tolerance);
  }
  CHECK(farthest < by_precision(b, 1e-5, tolerance));
}

/// Integers in the backend's memory.
template <class B> auto integers(B const& b, std::vector<int> const& numbers) {
  auto to = b.template empty<int>(std::array{numbers.size()});
  b.copy(numbers.data(), fovea::data(to), numbers.size());
  b.synchronize();
  return to;
}

}  // namespace

TEST_CASE("L-BFGS follows PyTorch on Rosenbrock's function", "[lbfgs_rosenbrock]") {
  for_each_backend([](auto const& b) {
    auto const minimize = [&](auto& solver, std::vector<double>& x) {
      auto parameters = tensor_from(b, std::array{x.size()}, x);
      auto const report = solver.minimize(parameters, rosenbrock(b));
      x = to_doubles(to_vector(parameters));
      return report;
    };
    follows_torch(b, "rosenbrock", {.learning_rate = 0.3}, 1e-9, minimize);
    follows_torch(b, "rosenbrock_search", {.line_search = line_search::strong_wolfe}, 1e-9, minimize);
    follows_torch(b, "rosenbrock_history",
                  {.learning_rate = 0.1, .history_size = 3, .line_search = line_search::strong_wolfe}, 1e-9, minimize);
  });
}

TEST_CASE("L-BFGS follows PyTorch on a network", "[lbfgs_network]") {
  rows_of_file const all("rows");
  std::vector<double> features, targets;
  for (std::size_t r = 0; r != all.count(); ++r)
    for (std::size_t c = 0; c != 4; ++c) (c == 3 ? targets : features).push_back(all.at(r, c));
  for_each_backend([&](auto const& b) {
    fovea::dataset const train{b, tensor_from(b, std::array<std::size_t, 2>{24, 3}, features),
                               tensor_from(b, std::array<std::size_t, 2>{24, 1}, targets)};
    constexpr fovea::sequential net{fovea::linear<3, 4>{}, fovea::tanh{}, fovea::linear<4, 1>{}};
    fovea::trainer trainer{b, net, fovea::sigmoid_binary_cross_entropy{}, fovea::sgd{}, {.batch_size = 5}};
    auto const minimize = [&](auto& solver, std::vector<double>& x) {
      fovea::copy(tensor_from(b, std::array{x.size()}, x), trainer.parameters());
      auto const report = solver.minimize(trainer, train);
      x = to_doubles(to_vector(trainer.parameters()));
      CHECK((report.iterations == 1 || report.initial_loss > report.loss));
      return report;
    };
    follows_torch(b, "net", {.learning_rate = 0.5}, 1e-9, minimize);
    follows_torch(b, "net_search", {.line_search = line_search::strong_wolfe}, 1e-9, minimize);
    follows_torch(b, "net_history", {.history_size = 4, .line_search = line_search::strong_wolfe}, 1e-9, minimize);
  });
}

TEST_CASE("L-BFGS ends where a tolerance or a maximum says so", "[lbfgs_ends]") {
  fovea::host_backend<double> const b;
  auto const minimized = [&](lbfgs_options const& options, std::vector<double> x = {-1.2, 1, -0.5, 2}) {
    auto const report = lbfgs{b, options}.minimize(x, rosenbrock(b));
    return std::pair{report, x};
  };
  auto const search = line_search::strong_wolfe;
  auto const [report, x] = minimized({.max_iter = 200, .tolerance_change = 1e-16, .line_search = search});
  CHECK(report.converged);
  CHECK(report.iterations < 100);
  CHECK(report.loss < 1e-15);
  CHECK(max_difference(x, {1, 1, 1, 1}) < 1e-7);
  auto const [at_minimum, same] = minimized({}, {1, 1, 1, 1});
  CHECK((at_minimum.converged && at_minimum.iterations == 0 && at_minimum.evaluations == 1));
  CHECK(same == std::vector<double>{1, 1, 1, 1});
  auto const [few, near] = minimized({.max_iter = 200, .max_eval = 7, .line_search = search});
  CHECK((!few.converged && few.evaluations >= 7 && few.evaluations < 33));
  CHECK(minimized({.max_iter = 8, .line_search = search}).first.evaluations <= 10 + 25);  // max_eval: 5/4 of max_iter
  CHECK(minimized({.max_iter = 200, .tolerance_grad = 1e3, .line_search = search}).first.iterations == 0);
  auto const [loose, there] = minimized({.max_iter = 200, .tolerance_change = 1e-2, .line_search = search});
  CHECK((loose.converged && loose.iterations < report.iterations));
}

TEST_CASE("L-BFGS takes weights and classes of a data set", "[lbfgs_data]") {
  for_each_backend([](auto const& b) {
    using T = value_type_of<decltype(b)>;
    // Rows of weight 2, and the same rows twice: one least squares problem.
    auto x = drawn(30 * 4, 1), y = drawn(30, 2);
    std::vector<double> weights(30, 1);
    std::fill(weights.begin() + 20, weights.end(), 2);
    auto const matrix = [&](std::size_t columns, std::vector<double> const& numbers) {
      return tensor_from(b, std::array{numbers.size() / columns, columns}, numbers);
    };
    auto const row_weights = tensor_from(b, std::array<std::size_t, 1>{30}, weights);
    fovea::dataset const weighted{b, matrix(4, x), matrix(1, y), fovea::sample_weights(row_weights)};
    std::vector<double> const tail(x.begin() + 80, x.end()), of_tail(y.begin() + 20, y.end());
    x.insert(x.end(), tail.begin(), tail.end()), y.insert(y.end(), of_tail.begin(), of_tail.end());
    fovea::dataset const repeated{b, matrix(4, x), matrix(1, y)};
    auto const minimum = [&](auto const& data, std::uint64_t seed) {
      fovea::trainer t{
          b, fovea::sequential{fovea::linear<4, 1>{}}, fovea::mean_squared_error{}, fovea::sgd{}, {.seed = seed}};
      lbfgs solver{b, {.max_iter = 60, .tolerance_change = 1e-16, .line_search = line_search::strong_wolfe}};
      CHECK(solver.minimize(t, data).converged);
      return to_vector(t.parameters());
    };
    CHECK(max_difference(minimum(weighted, 1), to_doubles(minimum(repeated, 2))) < by_precision(b, 1e-3, 1e-6));

    std::vector<double> classes;
    for (int i = 0; i != 40; ++i) classes.push_back(i % 3);
    std::vector<int> const numbers(classes.begin(), classes.end());
    fovea::dataset const of_classes{b, matrix(4, x), integers(b, numbers)};
    fovea::trainer t{b, fovea::sequential{fovea::linear<4, 3>{}}, fovea::softmax_cross_entropy{}, fovea::sgd{}};
    lbfgs solver{b, {.max_iter = 100, .line_search = line_search::strong_wolfe}};
    auto const report = solver.minimize(t, of_classes);
    CHECK(report.loss == Approx(t.evaluate(of_classes)).epsilon(1e-6));
    double largest = 0;
    for (T const g : to_vector(t.gradient())) largest = std::max(largest, std::abs(double{g}));
    CHECK(largest < by_precision(b, 1e-3, 1e-5));
    CHECK(t.steps() == 0);
  });
}

TEST_CASE("L-BFGS says what it cannot do", "[lbfgs_errors]") {
  fovea::host_backend<double> const b;
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (auto const search : {line_search::none, line_search::strong_wolfe}) {
    std::vector<double> x{3};
    auto const below = [&](double bound) {  // x^2 above the bound, NaN below it
      return [=](std::vector<double> const& at, auto& gradient) {
        fovea::data(gradient)[0] = at[0] < bound ? nan : 2 * at[0];
        return at[0] < bound ? nan : at[0] * at[0];
      };
    };
    lbfgs_options const options{.learning_rate = 3, .line_search = search};
    CHECK_THROWS_WITH(lbfgs(b, options).minimize(x, below(4)), "lbfgs: the loss is nan at iteration 0, evaluation 1");
    CHECK(x[0] == 3);
    if (search == line_search::none) {
      CHECK_THROWS_WITH(lbfgs(b, options).minimize(x, below(1)), "lbfgs: the loss is nan at iteration 1, evaluation 2");
      CHECK(x[0] == 3);
    }
  }
  lbfgs solver{b, {.learning_rate = 0.1}};
  std::vector<double> two{1, 2}, three{1, 2, 3};
  auto const squares = [](std::vector<double> const& x, auto& gradient) {
    double sum = 0;
    for (std::size_t i = 0; i != x.size(); ++i) sum += x[i] * x[i], fovea::data(gradient)[i] = 2 * x[i];
    return sum;
  };
  solver.minimize(two, squares);
  CHECK_THROWS_WITH(solver.minimize(three, squares), "lbfgs: 3 parameters, after others of 2; begin with a new lbfgs");
  CHECK(three == std::vector<double>{1, 2, 3});
  CHECK_THROWS_WITH(lbfgs(b, {.learning_rate = -1}), "lbfgs: learning_rate must be finite and not negative, got -1");
  CHECK_THROWS_AS(lbfgs(b, {.max_iter = 0}), fovea::argument_error);
  CHECK_THROWS_AS(lbfgs(b, {.max_eval = 0}), fovea::argument_error);
  CHECK_THROWS_AS(lbfgs(b, {.tolerance_grad = -1}), fovea::argument_error);
  CHECK_THROWS_AS(lbfgs(b, {.tolerance_change = nan}), fovea::argument_error);
  CHECK_THROWS_AS(lbfgs(b, {.history_size = 0}), fovea::argument_error);
  CHECK_THROWS_AS(lbfgs(b, {.history_size = std::size_t{1} << 63}), fovea::argument_error);  // twice that is 0
  CHECK_THROWS_AS(lbfgs(b, {.tolerance_grad = std::numeric_limits<double>::infinity()}), fovea::argument_error);
  CHECK(lbfgs_options{.max_iter = 20}.max_evaluations() == 25);
  CHECK(lbfgs_options{.max_iter = SIZE_MAX}.max_evaluations() == SIZE_MAX);

  fovea::dataset const train{b, tensor_from(b, std::array<std::size_t, 2>{2, 3}, std::vector<double>(6, nan)),
                             tensor_from(b, std::array<std::size_t, 2>{2, 1}, std::vector<double>(2, 1))};
  fovea::trainer t{b, fovea::sequential{fovea::linear<3, 1>{}}, fovea::mean_squared_error{}, fovea::sgd{}};
  CHECK_THROWS_WITH(lbfgs(b).minimize(t, train), "trainer: feature 0 of row 0 is nan");
}
