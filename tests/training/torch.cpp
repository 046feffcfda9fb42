// SPDX-License-Identifier: MIT
// Compares training on classes, and steps with weights and a mask, with PyTorch.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <fovea/fovea.hpp>

#include "../backends.hpp"
#include "../contract_fixture.hpp"

namespace {

using fovea::linear;
using fovea::sequential;

std::vector<double> fixture(std::string const& name) { return contract_fixture("training", name); }

template <class B, class T>
void close(B const& b, std::vector<T> const& found, std::string const& name, double for_float = 2e-6,
           double for_double = 1e-12) {
  auto const expected = fixture(name);
  REQUIRE(found.size() == expected.size());
  INFO(name);
  double most = 0;
  for (std::size_t i = 0; i != found.size(); ++i) {
    auto const error = std::abs(static_cast<double>(found[i]) - expected[i]) / (1 + std::abs(expected[i]));
    most = std::isnan(error) ? 1e9 : std::max(most, error);
  }
  CHECK(most <= by_precision(b, for_float, for_double));
}

template <class E, class B, std::size_t Rank>
auto stored(B const& b, std::array<std::size_t, Rank> const& extents, std::vector<double> const& numbers) {
  std::vector<E> const typed(numbers.begin(), numbers.end());
  auto to = b.template empty<E>(extents);
  b.copy(typed.data(), fovea::data(to), typed.size());
  b.synchronize();
  return to;
}

template <class Model> void load_parameters(Model& model, std::string const& prefix) {
  auto const& b = model.backend();
  using T = typename Model::value_type;
  for (auto const& p : model.named_parameters()) {
    auto const numbers = fixture(prefix + p.name);
    std::vector<T> const typed(numbers.begin(), numbers.end());
    REQUIRE(typed.size() == p.elements.size());
    b.copy(typed.data(), p.elements.elements, typed.size());
  }
  b.synchronize();
}

}  // namespace

TEST_CASE("training on classes, with class weights, smoothing and a batch norm, is PyTorch's") {
  for_each_backend([](auto const& b) {
    using T = value_type_of<decltype(b)>;
    auto const x = tensor_from(b, std::array<std::size_t, 2>{28, 6}, fixture("classifier/x"));
    auto const classes = stored<std::int64_t>(b, std::array<std::size_t, 1>{28}, fixture("classifier/classes"));
    auto const weight = stored<double>(b, std::array<std::size_t, 1>{3}, fixture("classifier/weight"));
    fovea::softmax_cross_entropy loss{.label_smoothing = 0.05};
    loss.weight = fovea::class_weights(weight);
    constexpr sequential net{linear<6, 8>{}, fovea::batch_norm{}, fovea::relu{}, linear<8, 3>{}};
    fovea::trainer t{b, net, loss, fovea::adam{.learning_rate = 1e-2}, {.batch_size = 7, .shuffle = false}};
    load_parameters(t.model(), "classifier/parameters/");
    fovea::dataset const train{b, x, classes};
    std::vector<double> losses;
    for (int epoch = 0; epoch != 3; ++epoch)
      t.epoch(train, [&](std::size_t, double found) { losses.push_back(found); });
    close(b, losses, "classifier/losses", 2e-5);
    for (auto const& p : t.model().named_parameters()) {
      // The exact gradient of a bias before a batch norm is 0; Adam enlarges its rounding errors to steps of the learning rate.
      bool const cancels = p.name == "0.bias";
      close(b, fovea::detail::on_host(b, static_cast<T const*>(p.elements.elements), p.elements.size()),
            "classifier/final/" + p.name, cancels ? 0.2 : 2e-3, cancels ? 1e-9 : 1e-10);
    }
    for (auto const& s : t.model().named_states()) {
      if (s.counts) CHECK(fovea::detail::on_host(b, static_cast<std::int64_t const*>(s.counts), 1)[0] == 12);
      else
        close(b, fovea::detail::on_host(b, static_cast<T const*>(s.numbers), s.extents.size()),
              "classifier/final/" + s.name, 0.2, 1e-9);
    }
    auto const& fixed = t;  // a const trainer predicts
    close(b, to_vector(fixed.outputs(x)), "classifier/outputs_eval", 0.1, 1e-9);
    auto const p = to_vector(fixed.predict(x));
    auto const z = to_vector(fixed.outputs(x));
    auto const c = to_vector(fixed.predict_classes(x));
    for (std::size_t r = 0; r != 28; ++r) {
      CHECK(double{p[3 * r]} + double{p[3 * r + 1]} + double{p[3 * r + 2]} == Approx(1).epsilon(1e-6));
      CHECK(c[r] == std::max_element(&z[3 * r], &z[3 * r] + 3) - &z[3 * r]);
    }
  });
}

TEST_CASE("steps and epochs with weights and a mask are PyTorch's") {
  for_each_backend([](auto const& b) {
    auto const x = tensor_from(b, std::array<std::size_t, 2>{7, 6}, fixture("weighted/x"));
    auto const y = tensor_from(b, std::array<std::size_t, 2>{7, 2}, fixture("weighted/targets"));
    auto const elements = tensor_from(b, std::array<std::size_t, 2>{7, 2}, fixture("weighted/element_weights"));
    auto const rows = tensor_from(b, std::array<std::size_t, 1>{7}, fixture("weighted/row_weights"));
    auto const kept = stored<std::int32_t>(b, std::array<std::size_t, 2>{7, 2}, fixture("weighted/mask"));
    constexpr sequential net{linear<6, 4>{}, fovea::tanh{}, linear<4, 2>{}};
    auto const check = [&](std::string const& name, auto const&... options) {
      fovea::trainer t{b,
                       net,
                       fovea::sigmoid_binary_cross_entropy{},
                       fovea::sgd{.learning_rate = 0},
                       {.batch_size = 7, .shuffle = false}};
      load_parameters(t.model(), "weighted/parameters/");
      auto const compare = [&](double loss) {
        close(b, std::vector<double>{loss}, "weighted/" + name + "/loss");
        std::size_t at = 0;
        auto const all = to_vector(t.gradient());
        for (auto const& p : t.model().named_parameters()) {
          std::vector<value_type_of<decltype(b)>> const own(
              all.begin() + static_cast<std::ptrdiff_t>(at),
              all.begin() + static_cast<std::ptrdiff_t>(at + p.elements.size()));
          close(b, own, "weighted/" + name + "/gradient/" + p.name);
          at += own.size();
        }
      };
      compare(t.step(x, y, options...));
      if constexpr (!(std::is_same_v<decltype(options), fovea::reduction const&> || ...)) {
        fovea::dataset const data{b, x, y, options...};
        compare(t.epoch(data));
        close(b, std::vector<double>{t.evaluate(data)}, "weighted/" + name + "/loss");
      }
    };
    using fovea::mask, fovea::sample_weights, fovea::weights;
    auto const mean = fovea::reduction::weighted_mean;
    check("element_weights", weights(elements));
    check("row_weights", sample_weights(rows));
    check("mask", mask(kept));
    check("row_weights_and_mask", sample_weights(rows), mask(kept));
    check("element_weights_weighted_mean", weights(elements), mean);
    check("row_weights_weighted_mean", sample_weights(rows), mean);
    check("mask_weighted_mean", mask(kept), mean);
    check("row_weights_and_mask_weighted_mean", sample_weights(rows), mask(kept), mean);
  });
}

TEST_CASE("a tied parameter is one memory, whose gradient is the sum of its uses") {
  for_each_backend([](auto const& b) {
    std::size_t const rows = 6;
    auto const words = stored<std::int32_t>(b, std::array<std::size_t, 2>{rows, 1}, {0, 4, 2, 2, 1, 4});
    auto const classes = stored<std::int32_t>(b, std::array<std::size_t, 1>{rows}, {1, 0, 4, 3, 2, 2});
    auto const body = [](auto const& last) {
      return sequential{
          fovea::input<1>{}, fovea::embedding<5, 3>{}, fovea::flatten{}, linear<3, 3>{}, fovea::tanh{}, last};
    };
    auto const tied = body(fovea::tied{linear<3, 5>{}, "weight", "0.weight"});
    auto const free = body(linear<3, 5>{});
    CHECK(fovea::parameter_count(tied) + 15 == fovea::parameter_count(free));
    fovea::trainer one{b, tied, fovea::softmax_cross_entropy{}, fovea::sgd{.learning_rate = 0}};
    fovea::trainer two{b, free, fovea::softmax_cross_entropy{}, fovea::sgd{.learning_rate = 0}};
    // The same numbers: 0.weight (15), 2.weight (9), 2.bias (3), then 4.weight, a copy of 0.weight, and 4.bias (5).
    auto const from = to_vector(one.parameters());
    auto all = from;
    all.insert(all.begin() + 27, from.begin(), from.begin() + 15);
    fovea::copy(tensor_from(b, std::array{all.size()}, all), two.parameters());
    for (int step = 0; step != 2; ++step) {  // a second step begins anew
      double const x = one.step(words, classes), y = two.step(words, classes);
      CHECK(x == Approx(y).epsilon(1e-6));
      auto const g = to_vector(one.gradient()), h = to_vector(two.gradient());
      for (std::size_t i = 0; i != g.size(); ++i) {
        auto const expected = i < 15 ? h[i] + h[27 + i] : i < 27 ? h[i] : h[15 + i];
        CHECK(double{g[i]} == Approx(double{expected}).margin(by_precision(b, 1e-6, 1e-14)));
      }
    }
    CHECK(one.model().named_parameters()[3].elements.elements == one.model().named_parameters()[0].elements.elements);
    CHECK(one.model().named_parameters()[3].name == "4.weight");
    CHECK_THROWS_WITH((fovea::model{b, body(fovea::tied{linear<3, 5>{}, "weight", "5.weight"})}),
                      "tied: no layer before parameter 4.weight has a parameter \"5.weight\"");
    CHECK_THROWS_WITH((fovea::model{b, body(fovea::tied{linear<3, 5>{}, "wieght", "0.weight"})}),
                      "tied: the layer has no parameter \"wieght\"");
    CHECK_THROWS_WITH((fovea::model{b, body(fovea::tied{linear<3, 5>{}, "bias", "0.weight"})}),
                      "tied: parameter 4.bias has shape (5,), and 0.weight (5, 3)");
  });
}

TEST_CASE("back-propagation truncated to parts of a sequence, from carried states, is PyTorch's") {
  fovea::host_backend<double> const b;
  using cube = fovea::host_tensor<double, 3>;
  using matrix = fovea::host_tensor<double, 2>;
  auto const part_of = [](std::string const& name, std::size_t first, std::size_t width) {
    auto const all = fixture(name);
    std::vector<double> part;
    for (std::size_t r = 0; r != 3; ++r)
      for (std::size_t i = 0; i != 4 * width; ++i) part.push_back(all[(r * 12 + first) * width + i]);
    return part;
  };
  sequential const net{fovea::parallel{fovea::input<4, 2>{}, fovea::input<3>{}, fovea::input<3>{}},
                       fovea::lstm<2, 3, fovea::hidden_states::with_state>{},
                       fovea::parallel{linear<3, 1>{}, fovea::identity{}, fovea::identity{}}};
  fovea::trainer t{b, net, fovea::mean_squared_error{}, fovea::sgd{.learning_rate = 0.1}, {.batch_size = 2}};
  auto const torchs = [](std::string const& name) {
    return name.starts_with("1.") ? "0." + name.substr(2) : "1." + name.substr(4);
  };
  for (auto const& p : t.model().named_parameters()) {
    auto const numbers = fixture("carried/parameters/" + torchs(p.name));
    std::copy(numbers.begin(), numbers.end(), p.elements.elements);
  }
  matrix hidden{{3, 3}, std::vector<double>(9)}, cell = hidden;
  std::vector<double> losses, evaluated;
  for (std::size_t first = 0; first != 12; first += 4) {
    cube const x{{3, 4, 2}, part_of("carried/x", first, 2)};
    matrix const y{{3, 4}, part_of("carried/y", first, 1)};
    fovea::dataset const part{b, std::tuple{x, hidden, cell}, y};
    evaluated.push_back(t.evaluate(part));
    auto const [predicted, next_hidden, next_cell] = t.predict(std::tie(x, hidden, cell));
    matrix again = predicted, hidden_again = hidden, cell_again = cell;
    t.predict(std::tie(x, hidden, cell), std::tie(again, hidden_again, cell_again));
    CHECK((again.elements == predicted.elements && cell_again.elements == next_cell.elements));
    losses.push_back(t.step(std::tie(x, hidden, cell), y));
    hidden = next_hidden, cell = next_cell;
  }
  close(b, losses, "carried/losses");
  close(b, evaluated, "carried/losses");
  for (auto const& p : t.model().named_parameters())
    close(b, std::vector<double>(p.elements.elements, p.elements.elements + p.elements.size()),
          "carried/final/" + torchs(p.name));
  fovea::dataset const all{b, std::tuple{cube{{3, 4, 2}, part_of("carried/x", 0, 2)}, hidden, cell},
                           matrix{{3, 4}, part_of("carried/y", 0, 1)}};
  auto const history = t.fit(all, {.epochs = 2, .validation = &all});
  CHECK(history.back().validation_loss.value() == t.evaluate(all));
  cube const x{{3, 4, 2}, std::vector<double>(24)};
  CHECK_THROWS_WITH(t.predict(std::tie(x, hidden, cell), std::tie(hidden, hidden, cell)),
                    "predict: the result has shape (3, 3), expected (3, 4)");
}
