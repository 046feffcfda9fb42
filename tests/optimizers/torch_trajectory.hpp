// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fovea/io/npy.hpp>
#include <fovea/optimizers/optimizer.hpp>

#include "../backends.hpp"

/// Compares an optimizer with torch.optim on every backend, calling the optimizer like `fovea::trainer`: over 50 steps, or over the
/// 200 steps of a file of chains/, which holds every 20th.
template <fovea::optimizer O> void follows_torch(std::string const& name, O const& rule) {
  bool const chain = name.starts_with("chains/");
  std::size_t const every = chain ? 20 : 1;
  auto const expected =
      fovea::read_npy<double>(FOVEA_FIXTURES_DIR "/torch/" + std::string(chain ? "" : "optimizers/") + name + ".npy");
  auto const n = expected.shape.at(1);
  for_each_backend([&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    std::vector<double> const start(expected.values.begin(), expected.values.begin() + static_cast<std::ptrdiff_t>(n));
    auto x = tensor_from(b, std::array{n}, start);
    auto moments = tensor_from(b, std::array{O::state_count * n}, std::vector<T>(O::state_count * n));
    double farthest = 0;
    for (std::size_t step = 1; step <= every * (expected.shape.at(0) - 1); ++step) {
      std::vector<double> slopes;
      for (std::size_t i = 0; double const v : to_vector(x))
        slopes.push_back((0.1 + 0.05 * static_cast<double>(i++)) * v + std::sin(v));
      auto const gradient = tensor_from(b, std::array{n}, slopes);
      auto const coefficients = rule.coefficients_at(static_cast<double>(step));
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        b.for_each(fovea::domain<1, fovea::dynamic>({1, n}), fovea::optimizer_step<O>{rule},
                   fovea::each{fovea::data(x)}, fovea::broadcast{&coefficients}, fovea::each{fovea::data(gradient)},
                   fovea::each{fovea::data(moments) + I * n}...);
      }(std::make_index_sequence<O::state_count>{});
      if (step % every != 0) continue;
      auto const found = to_vector(x);
      for (std::size_t i = 0; i != n; ++i)
        farthest = std::max(farthest, std::abs(found[i] - expected.values[step / every * n + i]));
    }
    INFO(name);
    CHECK(farthest < by_precision(b, 1e-6, 1e-12));
  });
}
