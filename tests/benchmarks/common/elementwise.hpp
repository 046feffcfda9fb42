// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <vector>

#include "inputs.hpp"
#include "streams.hpp"
#include "timing.hpp"

/// Logits, targets and a gradient in plain vectors, with a multithreaded pass over them.
struct three_arrays {
  timing::options o;
  std::vector<float> z = std::vector<float>(sizes::elements), y = z, gradient = z;

  explicit three_arrays(timing::options const& options) : o(options) {
    inputs::logits(std::span(z));
    inputs::targets(std::span(y));
  }

  timing::row stream_add() {
    return {.name = "a stream add", .run = [this] {
              in_parts(z.size(), o.threads, [this](std::size_t first, std::size_t last) {
                streams::add(z.data() + first, y.data() + first, gradient.data() + first, last - first);
              });
              timing::keep(gradient);
            }};
  }

  /// `loss(z, y)` returns the loss of one element and its slope.
  template <class Loss> timing::row row(char const* name, Loss const& loss) {
    return {.name = name, .run = [this, loss] {
              double sum = 0;
              in_parts(z.size(), o.threads, [&](std::size_t first, std::size_t last) {
                double part = 0;
                auto const scale = 1 / static_cast<float>(z.size());
                for (auto i = first; i != last; ++i) {
                  auto const [value, slope] = loss(z[i], y[i]);
                  part += value;
                  gradient[i] = slope * scale;
                }
#pragma omp atomic
                sum += part;
              });
              timing::keep(sum), timing::keep(gradient);
            }};
  }
};
