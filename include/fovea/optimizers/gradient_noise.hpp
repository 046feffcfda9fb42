// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Adds normal noise of variance `eta` / step^`gamma` to the gradient; steps count from 1. A link of a chain. The noise is a function
/// of the seed, the step and the parameter's place, so every backend and a resumed run has the same. optax's add_noise;
/// Neelakantan et al., "Adding gradient noise improves learning for very deep networks" (2015).
///
///     fovea::chain{fovea::gradient_noise{.eta = 0.3}, fovea::adam{.learning_rate = 1e-3}};
struct gradient_noise {
  double eta = 0.01, gamma = 0.55;
  std::uint64_t seed = 0;

  static constexpr std::size_t state_count = 1;  // the number drawn for this step
  struct coefficients {
    double deviation;
  };
  FOVEA_HD coefficients coefficients_at(double step) const { return {std::sqrt(eta / std::pow(step, gamma))}; }
  FOVEA_HD double draw(double step, std::uint64_t index) const {
    // `normal` may use several draws, so each step has 64 of them.
    auto const count = static_cast<std::uint64_t>(step);
    return fovea::normal<double>(seed, random_stream::gradient_noise, static_cast<std::uint32_t>(count << 6),
                                 index | (count >> 26) << 48);
  }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const& c, T&, T& slope, T const& noise) const {
    slope = slope + math::constant<T>(c.deviation) * noise;
  }
  void validate() const {
    require(eta >= 0 && eta <= 1e30, "gradient_noise: eta must be finite and not negative", eta);
    require(gamma >= 0 && gamma <= 1e30, "gradient_noise: gamma must be finite and not negative", gamma);
  }
};
static_assert(optimizer<gradient_noise> && drawing<gradient_noise>);

}  // namespace fovea
