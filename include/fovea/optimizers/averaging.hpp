// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/validate.hpp>

/// Averages of the parameters, which stand after the rule in a `chain`: `trainer::averaged()` is the model with the averaged ones.
namespace fovea {

/// The exponential moving average of the parameters, which begins with those after the first step. PyTorch's get_ema_avg_fn.
struct ema {
  double decay = 0.999;

  static constexpr std::size_t state_count = 1;
  static constexpr bool averages = true;
  struct coefficients {
    double share;  // of the parameter in the average
  };
  FOVEA_HD constexpr coefficients coefficients_at(double step) const { return {step == 1 ? 1 : 1 - decay}; }
  template <real T> FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T&, T& average) const {
    average = math::without_denormals(average + math::constant<T>(c.share) * (parameter - average));
  }
  void validate() const { require(decay >= 0 && decay <= 1, "ema: decay must be in [0, 1]", decay); }
};
static_assert(optimizer<ema>);

/// The mean of the parameters after step `start` and after every `every` steps from there. PyTorch's AveragedModel; Izmailov et
/// al., "Averaging weights leads to wider optima and better generalization" (2018).
struct stochastic_weight_averaging {
  double start = 1, every = 1;

  static constexpr std::size_t state_count = 1;
  static constexpr bool averages = true;
  using coefficients = ema::coefficients;
  FOVEA_HD coefficients coefficients_at(double step) const {
    double const count = (step - start) / every;
    return {count <= 0 ? 1 : count == std::floor(count) ? 1 / (count + 1) : 0};
  }
  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T& slope, T& average) const {
    ema{}(c, parameter, slope, average);
  }
  void validate() const {
    require(start >= 1 && start <= 1e18, "stochastic_weight_averaging: start must be finite and at least 1", start);
    require(every >= 1 && every <= 1e18, "stochastic_weight_averaging: every must be finite and at least 1", every);
  }
};
static_assert(optimizer<stochastic_weight_averaging>);

}  // namespace fovea
