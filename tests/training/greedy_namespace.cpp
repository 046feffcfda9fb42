// SPDX-License-Identifier: MIT
// The library calls its own functions whatever the namespace of a user's types holds: templates here have the library's names
// and accept everything, and a call of one is an error.
#include <array>
#include <cstddef>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/fovea.hpp>
#include <fovea/io/safetensors.hpp>

#include "../catch.hpp"

namespace greedy {

template <class... T> struct chosen {
  static_assert(sizeof...(T) == 1000, "a function of the user's namespace was called instead of the library's");
};
template <class T, std::size_t Rank> struct block {
  std::array<std::size_t, Rank> lengths{};
  std::vector<T> numbers;
};
// The second overload is more specialized than a library's template of one const tensor, to which the first would lose.
#define FOVEA_GREEDY(name)                                       \
  template <class... T> chosen<T...> name(T&&...) { return {}; } \
  template <class T, std::size_t Rank, class... U> chosen<T, U...> name(block<T, Rank> const&, U&&...) { return {}; }
FOVEA_GREEDY(value)
FOVEA_GREEDY(values)
FOVEA_GREEDY(gradient)
FOVEA_GREEDY(value_and_gradient)
FOVEA_GREEDY(value_gradient_and_hessian)
FOVEA_GREEDY(value_and_slope)
FOVEA_GREEDY(value_slope_and_curvature)
FOVEA_GREEDY(validate)
FOVEA_GREEDY(require)
FOVEA_GREEDY(size)
FOVEA_GREEDY(data)
FOVEA_GREEDY(begin)
FOVEA_GREEDY(end)
FOVEA_GREEDY(elements)
FOVEA_GREEDY(shape_of)
FOVEA_GREEDY(copy)
FOVEA_GREEDY(empty_like)
FOVEA_GREEDY(as_matrix)
FOVEA_GREEDY(row_domain)
FOVEA_GREEDY(flat_domain)
FOVEA_GREEDY(make_scalar)
FOVEA_GREEDY(runs_of)
FOVEA_GREEDY(transposed)
FOVEA_GREEDY(require_same_shape)
FOVEA_GREEDY(require_reachable)
FOVEA_GREEDY(parameter_count)
FOVEA_GREEDY(parameters_of)
FOVEA_GREEDY(state_of)
FOVEA_GREEDY(needs_of)
FOVEA_GREEDY(sample_of)
FOVEA_GREEDY(rows_of)
FOVEA_GREEDY(as_rows)
FOVEA_GREEDY(as_last_axis)
FOVEA_GREEDY(reshaped)
FOVEA_GREEDY(read_only)
FOVEA_GREEDY(inverse_link_of)
FOVEA_GREEDY(prologue_of)
FOVEA_GREEDY(layout_of)
FOVEA_GREEDY(add_to_layout)
FOVEA_GREEDY(for_each_leaf)
FOVEA_GREEDY(validate_layers)
FOVEA_GREEDY(check_batch)
FOVEA_GREEDY(check_input)
FOVEA_GREEDY(initialize)
FOVEA_GREEDY(batch_bytes)
FOVEA_GREEDY(batch_at)
FOVEA_GREEDY(backward_after)
FOVEA_GREEDY(add_to)
FOVEA_GREEDY(input_batch)
FOVEA_GREEDY(holds_samples)
FOVEA_GREEDY(input_rows)
FOVEA_GREEDY(on_host)
FOVEA_GREEDY(check_classes)
FOVEA_GREEDY(together)
FOVEA_GREEDY(prepended)
FOVEA_GREEDY(block_of)
FOVEA_GREEDY(blocks_of)
FOVEA_GREEDY(numbers_of)
FOVEA_GREEDY(check)
FOVEA_GREEDY(check_all)
FOVEA_GREEDY(check_result)
FOVEA_GREEDY(count)
FOVEA_GREEDY(scaled)
FOVEA_GREEDY(divided)
FOVEA_GREEDY(evaluate)
FOVEA_GREEDY(term)
FOVEA_GREEDY(element)
FOVEA_GREEDY(run)
FOVEA_GREEDY(fit)
FOVEA_GREEDY(call)
FOVEA_GREEDY(load)
FOVEA_GREEDY(store)

struct squared_error {
  template <fovea::real X, fovea::real Y> FOVEA_HD constexpr X operator()(X const& x, Y const& y) const {
    return (x - y) * (x - y);
  }
  void validate() const {}
};
struct doubling {
  template <fovea::real T> FOVEA_HD constexpr T operator()(T const& x) const { return x + x; }
};
struct descent {
  double rate = 0.1;
  static constexpr std::size_t state_count = 0;
  struct coefficients {
    double rate;
  };
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {rate}; }
  template <fovea::real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& gradient) const {
    parameter = parameter - fovea::math::constant<T>(c.rate) * gradient;
  }
};
struct watcher {
  std::size_t epochs = 0;
  template <class T> void on_epoch(fovea::epoch_report const&, T&) { ++epochs; }
};

struct backend : fovea::host_backend<float> {};
// Calls that state their first template argument find these.
template <class Stated> chosen<Stated> make_scalar(backend const&) { return {}; }
static_assert(fovea::backend<backend>);

}  // namespace greedy

template <class T, std::size_t Rank> struct fovea::tensor_traits<greedy::block<T, Rank>> {
  using block = greedy::block<T, Rank>;
  using value_type = T;
  using backend = fovea::host_backend<std::conditional_t<fovea::real<T>, T, float>>;
  static constexpr std::size_t rank = Rank;
  static std::array<std::size_t, Rank> extents(block const& b) { return b.lengths; }
  static T* data(block& b) { return b.numbers.data(); }
  static T const* data(block const& b) { return b.numbers.data(); }
  static block empty(std::array<std::size_t, Rank> const& lengths) {
    return {lengths, std::vector<T>(fovea::shape(lengths).size())};
  }
};

TEST_CASE("losses of a namespace with greedy templates are evaluated by the library") {
  greedy::block<float, 2> const z{{2, 2}, {1, 2, 3, 4}}, y{{2, 2}, {0, 2, 1, 4}}, w{{2, 2}, {1, 0, 1, 1}};
  greedy::block<float, 1> const s{{2}, {1, 2}};
  greedy::block<int, 2> const m{{2, 2}, {1, 1, 0, 1}};
  greedy::block<int, 1> const classes{{2}, {0, 1}};
  CHECK(fovea::value(greedy::squared_error{}, z, y) == Approx(1.25));
  auto const all = fovea::value_gradient_and_hessian(greedy::squared_error{}, z, y, fovea::weights(w), fovea::mask(m),
                                                     fovea::sample_weights(s), fovea::reduction::weighted_mean);
  CHECK(all.gradient.numbers.size() == 4);
  CHECK(fovea::values(greedy::squared_error{}, z, y).numbers == std::vector<float>{1, 0, 4, 0});
  CHECK(fovea::gradient(greedy::squared_error{}, z, y).numbers[2] == 1);
  CHECK(fovea::value_and_gradient(fovea::softmax_cross_entropy{}, z, classes).value > 0);
}

TEST_CASE("networks, rules, callbacks and tensors of a namespace with greedy templates are the library's to call") {
  greedy::block<float, 2> const x{{4, 2}, {0, 1, 1, 0, 1, 1, 0, 0}}, y{{4, 1}, {1, 1, 2, 0}};
  greedy::backend const b;
  fovea::dataset<greedy::backend> const rows{b, x, y};
  constexpr fovea::sequential net{fovea::linear<2, 3>{}, fovea::activation{greedy::doubling{}}, fovea::linear<3, 1>{}};
  fovea::trainer trainer{b, net, greedy::squared_error{}, greedy::descent{}, {.batch_size = 2}};
  greedy::watcher watch;
  auto const history = trainer.fit(rows, {.epochs = 3, .validation = &rows}, watch, fovea::best_weights{b});
  CHECK(watch.epochs == 3);
  CHECK(history.back().loss < history.front().loss);
  CHECK(trainer.step(x, y) >= 0);
  greedy::block<float, 2> predicted{{4, 1}, std::vector<float>(4)};
  fovea::workspace<greedy::backend> workspace;
  trainer.model().predict(x, workspace, predicted);
  CHECK(fovea::elements(trainer.predict(x)).size() == 4);
  greedy::block<float, 2> copied{{4, 1}, std::vector<float>(4)};
  fovea::copy(predicted, copied);
  CHECK(copied.numbers == predicted.numbers);
  greedy::block<double, 1> const scores{{4}, {0.1, 0.9, 0.8, 0.2}};
  greedy::block<int, 1> const labels{{4}, {0, 1, 1, 0}};
  CHECK(fovea::roc_auc(scores, labels) == 1);
  CHECK(fovea::confusion_matrix(scores, labels, 0.5).true_positive == 2);
  CHECK(fovea::average_precision(scores, labels) == 1);
  CHECK(fovea::log_loss(scores, labels) > 0);
}
