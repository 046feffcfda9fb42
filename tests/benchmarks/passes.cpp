// SPDX-License-Identifier: MIT
// Losses and optimizers over 10^7 elements, beside streams over the same bytes; and text into numbers.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>

#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

#include "anchors.hpp"
#include "sizes.hpp"

namespace {

template <class T> xt::xtensor<T, 1> logits() {
  auto z = xt::xtensor<T, 1>::from_shape({sizes::elements});
  for (std::size_t i = 0; i != z.size(); ++i)
    z.data()[i] = static_cast<T>(static_cast<double>(i * 2'654'435'761u % 16'384) / 1024 - 8);
  return z;
}
template <class T> xt::xtensor<T, 1> classes() {
  auto y = xt::xtensor<T, 1>::from_shape({sizes::elements});
  for (std::size_t i = 0; i != y.size(); ++i) y.data()[i] = i % 7 == 0;
  return y;
}

template <class T, class Loss> void value_and_gradient(benchmark::State& state, Loss const& loss, std::size_t threads) {
  fovea::xtensor_backend<T> const b{{.threads = threads}};
  auto const z = logits<T>(), y = classes<T>();
  auto gradient = z;
  for (auto _ : state) {
    benchmark::DoNotOptimize(fovea::value_and_gradient(b, loss, z, y, gradient));
    benchmark::ClobberMemory();
  }
}
template <class Loss> void value(benchmark::State& state, Loss const& loss) {
  auto const z = logits<float>(), y = classes<float>();
  for (auto _ : state) benchmark::DoNotOptimize(fovea::value(loss, z, y));
}

template <class T, class Rule> void update(benchmark::State& state, Rule const& rule) {
  fovea::xtensor_backend<T> const b;
  auto parameters = logits<T>();
  auto const gradient = logits<T>();
  auto moments = b.template make<T>(std::array{Rule::moments * sizes::elements});
  b.for_each_index(fovea::size(moments), fovea::linear_formulas::fill<T>{fovea::data(moments), 0});
  double step = 0;
  for (auto _ : state) {
    auto const coefficients = rule.at(++step);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      b.for_each(fovea::domain<1, fovea::dynamic>({1, sizes::elements}), fovea::optimizer_step<Rule>{rule},
                 fovea::each{fovea::data(parameters)}, fovea::everywhere{&coefficients},
                 fovea::each{fovea::data(gradient)}, fovea::each{fovea::data(moments) + I * sizes::elements}...);
    }(std::make_index_sequence<Rule::moments>{});
    benchmark::ClobberMemory();
  }
}

void stream_add(benchmark::State& state) {
  auto const a = logits<float>(), b = classes<float>();
  auto c = a;
  for (auto _ : state) {
    anchors::add(a.data(), b.data(), c.data(), c.size());
    benchmark::ClobberMemory();
  }
}
void stream_sum(benchmark::State& state) {
  auto const a = logits<float>(), b = classes<float>();
  for (auto _ : state) benchmark::DoNotOptimize(anchors::sum(a.data(), b.data(), a.size()));
}
void stream_four_and_three(benchmark::State& state) {
  auto a = logits<float>(), b = a, c = a;
  auto const d = a;
  for (auto _ : state) {
    anchors::four_and_three(a.data(), b.data(), c.data(), d.data(), a.size());
    benchmark::ClobberMemory();
  }
}

/// As the credit-card table is written: fifteen digits or so a number.
std::string csv() {
  std::string text = "c0";
  for (std::size_t c = 1; c != sizes::csv_columns; ++c) text += ",c" + std::to_string(c);
  char number[40];
  for (std::size_t i = 0; i != sizes::csv_rows * sizes::csv_columns; ++i) {
    auto const x = static_cast<double>(i * 2'654'435'761u % 4'194'301) / 1'048'573 - 2;
    text += i % sizes::csv_columns == 0 ? '\n' : ',';
    text.append(number, static_cast<std::size_t>(std::snprintf(number, sizeof number, "%.13f", x)));
  }
  return text += '\n';
}
void parse_csv(benchmark::State& state) {
  auto const text = csv();
  for (auto _ : state) benchmark::DoNotOptimize(fovea::parse_csv(text, "benchmark").rows());
}
void from_chars(benchmark::State& state) {
  auto const text = csv();
  for (auto _ : state) benchmark::DoNotOptimize(anchors::parse(text));
}

fovea::sigmoid_focal_loss const focal_2{.gamma = 2}, focal_1_5{.gamma = 1.5};
fovea::sigmoid_binary_cross_entropy const bce;
fovea::mean_squared_error const squared;

[[maybe_unused]] bool const registered = [] {
  auto const add = [](char const* name, auto const& run) { benchmark::RegisterBenchmark(name, run); };
  add("add", stream_add);
  add("value_and_gradient<float>/focal_2", [](auto& s) { value_and_gradient<float>(s, focal_2, 1); });
  add("value_and_gradient<float>/focal_1_5", [](auto& s) { value_and_gradient<float>(s, focal_1_5, 1); });
  add("value_and_gradient<float>/bce", [](auto& s) { value_and_gradient<float>(s, bce, 1); });
  add("value_and_gradient<float>/squared", [](auto& s) { value_and_gradient<float>(s, squared, 1); });
  add("value_and_gradient<double>/focal_2", [](auto& s) { value_and_gradient<double>(s, focal_2, 1); });
  add("sum", stream_sum);
  add("value/focal_2", [](auto& s) { value(s, focal_2); });
  add("four_and_three", stream_four_and_three);
  add("update<float>/adam", [](auto& s) { update<float>(s, fovea::adam{}); });
  add("update<float>/adamw", [](auto& s) { update<float>(s, fovea::adamw{}); });
  add("from_chars", from_chars);
  add("parse_csv", parse_csv);
  return true;
}();

}  // namespace

BENCHMARK_MAIN();
