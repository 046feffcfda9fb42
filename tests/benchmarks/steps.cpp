// SPDX-License-Identifier: MIT
// Training steps and predictions, beside the products they are made of.
#include <benchmark/benchmark.h>

#include <fovea/backends/xtensor.hpp>
#include <fovea/fovea.hpp>

#include "anchors.hpp"
#include "sizes.hpp"

namespace {

constexpr fovea::sequential published{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 8>{}, fovea::relu{},
                                      fovea::linear<8, 1>{}};
constexpr fovea::sequential wide{fovea::linear<784, 1024>{}, fovea::relu{}, fovea::linear<1024, 1024>{}, fovea::relu{},
                                 fovea::linear<1024, 10>{}};

/// Uniform features, one target in a hundred 1.
template <class B> fovea::dataset<B> rows_of(B const& b, std::size_t rows, std::size_t features, std::size_t outputs) {
  using T = typename B::value_type;
  auto x = xt::xtensor<T, 2>::from_shape({rows, features}), y = xt::xtensor<T, 2>::from_shape({rows, outputs});
  for (std::size_t i = 0; i != x.size(); ++i)
    x.data()[i] = static_cast<T>(static_cast<double>(i * 2'654'435'761u % 2048) / 1024 - 1);
  for (std::size_t i = 0; i != y.size(); ++i) y.data()[i] = i % 100 == 0;
  return {b, x, y};
}

/// A step with its part of the epoch: a batch gathered from the shuffled rows.
template <class T, class Loss> void step(benchmark::State& state, Loss const& loss, std::size_t threads) {
  fovea::xtensor_backend<T> const b{{.threads = threads}};
  auto const data = rows_of(b, sizes::rows, sizes::features, 1);
  fovea::trainer trainer{b, published, loss, fovea::adam{}, {.batch_size = sizes::batch}};
  for (auto _ : state) benchmark::DoNotOptimize(static_cast<double>(trainer.epoch(data)));
  auto const steps = (sizes::rows + sizes::batch - 1) / sizes::batch;
  state.counters["seconds_each"] = benchmark::Counter(
      static_cast<double>(steps), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

template <class T> void wide_step(benchmark::State& state, std::size_t threads) {
  fovea::xtensor_backend<T> const b{{.threads = threads}};
  auto const data = rows_of(b, sizes::wide_batch, 784, 10);
  fovea::trainer trainer{
      b, wide, fovea::sigmoid_binary_cross_entropy{}, fovea::adam{}, {.batch_size = sizes::wide_batch}};
  for (auto _ : state) benchmark::DoNotOptimize(static_cast<double>(trainer.step(data.features, data.targets)));
}

void products(benchmark::State& state, std::span<std::size_t const> widths, std::size_t batch, bool training) {
  anchors::products all(widths, batch, training);
  for (auto _ : state) {
    all.run();
    benchmark::ClobberMemory();
  }
}

void predict(benchmark::State& state, std::size_t rows) {
  fovea::xtensor_backend<> const b;
  auto const data = rows_of(b, rows, sizes::features, 1);
  fovea::model const model{b, published, 0, fovea::sigmoid_formula{}};
  fovea::prediction_workspace<fovea::xtensor_backend<>> workspace;
  auto y = data.targets;
  for (auto _ : state) {
    model.predict(data.features, workspace, y);
    benchmark::ClobberMemory();
  }
}

fovea::sigmoid_binary_cross_entropy const bce;
fovea::sigmoid_focal_loss const focal{.gamma = 4};

[[maybe_unused]] bool const registered = [] {
  auto const add = [](char const* name, auto const& run) { return benchmark::RegisterBenchmark(name, run); };
  add("products/step", [](auto& s) { products(s, sizes::widths, sizes::batch, true); });
  add("step<float>/bce", [](auto& s) { step<float>(s, bce, 1); });
  add("step<float>/focal", [](auto& s) { step<float>(s, focal, 1); });
  add("step<double>/focal", [](auto& s) { step<double>(s, focal, 1); });
  add("products/wide_step", [](auto& s) { products(s, sizes::wide_widths, sizes::wide_batch, true); });
  add("wide_step<float>/one_thread", [](auto& s) { wide_step<float>(s, 1); });
  add("products/predict", [](auto& s) { products(s, sizes::widths, sizes::predicted_batch, false); });
  add("predict/one_row", [](auto& s) { predict(s, 1); });
  add("predict/many_rows", [](auto& s) { predict(s, sizes::predicted_rows); });
  return true;
}();

}  // namespace
