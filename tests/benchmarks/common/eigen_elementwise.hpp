// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <memory>
#include <span>

#include "eigen_network.hpp"
#include "inputs.hpp"
#include "timing.hpp"

namespace with_eigen {

/// Evaluates a loss in blocks that fit into the cache together with their temporaries; `loss(z, y, gradient)` evaluates
/// one block and returns its sum.
template <class Loss> timing::row elementwise(char const* name, Loss const& loss) {
  auto const n = static_cast<Eigen::Index>(sizes::elements);
  struct arrays {
    array z, y, gradient;
  };
  auto const a = std::make_shared<arrays>(array(n), array(n), array(n));
  inputs::logits(std::span(a->z.data(), sizes::elements));
  inputs::targets(std::span(a->y.data(), sizes::elements));
  return {.name = name, .run = [a, n, loss] {
            constexpr Eigen::Index block = 4096;
            double sum = 0;
            for (Eigen::Index i = 0; i < n; i += block) {
              auto const size = std::min(block, n - i);
              auto gradient = a->gradient.segment(i, size);
              sum += loss(a->z.segment(i, size), a->y.segment(i, size), gradient);
              gradient /= static_cast<float>(n);
            }
            timing::keep(sum), timing::keep(a->gradient);
          }};
}

}  // namespace with_eigen
