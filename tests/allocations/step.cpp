// SPDX-License-Identifier: MIT
#include "counted.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <vector>

#include <fovea/layers/attention.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/optimizers/averaging.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/clip.hpp>
#include <fovea/training/frozen_model.hpp>
#include <fovea/training/trainer.hpp>

#include "../backends.hpp"
#include "../layers/drawn.hpp"

#ifndef FOVEA_COUNTS_ALLOCATIONS

TEST_CASE("nothing allocates after the first call") { std::cout << "skipped: counting allocations needs glibc\n"; }

#else

#include <malloc.h>

using fovea::linear;
using fovea::relu;

namespace {

/// Random targets of 0 and 1.
template <class T> auto draw_targets(std::size_t rows, std::size_t columns) {
  auto targets = drawn(rows * columns, 6);
  for (auto& y : targets) y = y > 0;
  return tensor_from(fovea::xtensor_backend<T>{}, std::array{rows, columns}, targets);
}
template <class T> auto draw(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  return tensor_from(fovea::xtensor_backend<T>{}, std::array{rows, columns}, drawn(rows * columns, seed));
}

constexpr fovea::sequential published{linear<29, 16>{}, relu{}, linear<16, 8>{}, relu{}, linear<8, 1>{}};
constexpr fovea::sigmoid_focal_loss loss{.gamma = 2, .alpha = 0.25};

/// Trains on batches of 128 rows; with the default number of rows, the last batch has 84.
template <class T, class Net> void allocates_nothing(std::size_t threads, Net const& net, std::size_t rows = 1108) {
  INFO((sizeof(T) == 4 ? "float, " : "double, ") << threads << " threads, " << net.sample().size() << " inputs");
  fovea::xtensor_backend<T> const b{{.threads = threads}};
  auto const x = draw<T>(rows, net.sample().size(), 1), y = draw_targets<T>(rows, net.output(net.sample()).size());
  auto const batch_x = draw<T>(128, net.sample().size(), 2),
             batch_y = draw_targets<T>(128, net.output(net.sample()).size());
  auto into = draw<T>(rows, net.output(net.sample()).size(), 3), gradient = into;
  fovea::dataset const data{b, x, y};
  fovea::trainer trainer{b, net, loss, fovea::adam{}, {.batch_size = 128}};
  double read = 0;
  auto const step = [&] { read += trainer.step(batch_x, batch_y); };
  auto const epoch = [&] { read += trainer.epoch(data); };
  auto const watched = [&] { read += trainer.epoch(data, [&](std::size_t, double value) { read += value; }); };
  auto const predict = [&] { trainer.predict(x, into); };
  step();
  CHECK(allocations_of(step) == 0);
  epoch();
  CHECK(allocations_of(epoch) == 0);
  CHECK(allocations_of(watched) == 0);
  CHECK(allocations_of(step) == 0);
  predict();
  CHECK(allocations_of(predict) == 0);
  CHECK(allocations_of([&] { trainer.outputs(x, into); }) == 0);

  auto const& model = trainer.model();
  fovea::workspace<fovea::xtensor_backend<T>> workspace;
  model.predict(x, workspace, into);
  CHECK(allocations_of([&] { model.predict(x, workspace, into); }) == 0);
  CHECK(allocations_of([&] { read += fovea::value_and_gradient(b, loss, into, y, gradient); }) == 0);
  CHECK(allocations_of([&] { read += fovea::value(b, loss, into, y); }) == 0);
  CHECK(std::isfinite(read));
}

}  // namespace

TEST_CASE("allocations are counted") {
  void* volatile p = nullptr;
  auto const take = [&](auto const& f) {
    auto const n = allocations_of([&] { p = f(); });
    std::free(p);
    return n;
  };
  CHECK(take([] { return std::malloc(64); }) == 1);
  CHECK(take([] { return std::calloc(8, 8); }) == 1);
  CHECK(take([] { return std::realloc(nullptr, 64); }) == 1);
  CHECK(take([] { return std::aligned_alloc(64, 64); }) == 1);
  CHECK(take([] { return memalign(64, 64); }) == 1);
  CHECK(take([] {
          void* to = nullptr;
          return posix_memalign(&to, 64, 64) == 0 ? to : nullptr;
        }) == 1);
  CHECK(allocations_of([&] {
          auto* const one = new std::vector<int>(100);
          p = one;
          delete one;
        }) == 2);
  CHECK(allocations_of([&] {
          auto tensor = fovea::xtensor_backend<>{}.empty<float>(std::array<std::size_t, 2>{9, 9});
          p = tensor.data();
        }) == 1);
  CHECK(allocations_of([&] { p = nullptr; }) == 0);

  fovea::trainer trainer{fovea::xtensor_backend{}, published, loss, fovea::adam{}};
  auto const x = draw<float>(10, 29, 1);
  CHECK(allocations_of([&] { trainer.predict(x); }) != 0);  // creates a tensor and a workspace
}

TEST_CASE("the published network allocates nothing after the first call") {
  for (std::size_t const threads : {1, 2}) {
    allocates_nothing<float>(threads, published);
    allocates_nothing<double>(threads, published);
    allocates_nothing<float>(threads, published, 20 * 128 + 1);
  }
}

TEST_CASE("a frozen model allocates nothing, and the calls for tensors nothing after the first") {
  auto const check = [](auto const& b, auto const& net) {
    using T = typename std::remove_cvref_t<decltype(b)>::value_type;
    auto const f = fovea::freeze(fovea::model{b, net, 0, fovea::sigmoid{}});
    auto const width = net.sample().size(), outputs = net.output(net.sample()).size();
    auto const numbers = drawn(300 * width, 1);
    auto const x = tensor_from(b, std::array<std::size_t, 2>{300, width}, numbers);
    auto y = tensor_from(b, std::array<std::size_t, 2>{300, outputs}, std::vector<double>(300 * outputs));
    T const* const row = fovea::data(x);
    CHECK(allocations_of([&] { f.predict(row, fovea::data(y)); }) == 0);
    f.predict(x, y);
    CHECK(allocations_of([&] { f.predict(x, y); }) == 0);
  };
  fovea::sequential const wide{linear{64, 300}, fovea::tanh{}, linear{300, 100}, relu{}, linear{100, 2}};
  check(fovea::xtensor_backend<float>{{.threads = 2}}, published);
  check(fovea::xtensor_backend<float>{{.threads = 2}}, wide);
  check(fovea::host_backend<double>{}, wide);
  check(fovea::xtensor_backend<float>{},
        fovea::sequential{fovea::input<11, 8>{}, fovea::multi_head_attention<8>{.heads = 2}, fovea::flatten{}});
}

TEST_CASE("a chain and accumulation allocate nothing after the first step") {
  fovea::xtensor_backend<float> const b;
  auto const x = draw<float>(300, 29, 1), y = draw_targets<float>(300, 1);
  fovea::dataset const data{b, x, y};
  fovea::chain const rule{fovea::clip_by_value{1}, fovea::clip_by_global_norm{1}, fovea::adam{}, fovea::ema{}};
  fovea::trainer trainer{b, published, loss, rule, {.batch_size = 32, .accumulate = 3}};
  double read = 0;
  auto const epoch = [&] { read += trainer.epoch(data); };
  auto const parts = [&] { trainer.gradients(x, y), trainer.gradients(x, y), trainer.update(); };
  epoch(), parts();
  CHECK(allocations_of(epoch) == 0);
  CHECK(allocations_of(parts) == 0);
}

TEST_CASE("a network of large products allocates nothing after the first call") {
  for (std::size_t const threads : {1, 2}) {
    allocates_nothing<float>(threads, fovea::sequential{linear<64, 300>{}, relu{}, linear<300, 10>{}});
    allocates_nothing<float>(threads, fovea::sequential{linear{64, 300}, fovea::tanh{}, linear{300, 10}});
  }
}

#endif
