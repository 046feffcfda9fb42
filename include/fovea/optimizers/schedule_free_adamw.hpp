// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>

namespace fovea {

/// AdamW that needs no decay of its learning rate: gradients are taken between a fast iterate and the mean of all its places, and
/// `trainer::averaged()` is the model at the mean, to be used after training. `warmup_steps` raise the rate in a line. schedulefree's
/// AdamWScheduleFree; Defazio et al., "The road less scheduled" (2024).
///
///     fovea::trainer trainer{backend, net, loss, fovea::schedule_free_adamw{.learning_rate = 1e-3}};
struct schedule_free_adamw {
  double learning_rate = 2.5e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0, warmup_steps = 0;

  static constexpr std::size_t state_count = 3;
  static constexpr bool averages = true;
  struct coefficients {
    double rate, root, share;  // of this step; the second moment's bias correction; the iterate's share in the mean
    bool first;
  };
  FOVEA_HD coefficients coefficients_at(double step) const {
    double const warm = step < warmup_steps ? step / warmup_steps : 1, n = step < warmup_steps ? step : warmup_steps;
    // The weights of the mean are squares of the rate: their sum up to this step, in units of the last one's.
    double const rising = warmup_steps == 0 ? 0 : n * (n + 1) * (2 * n + 1) / (6 * warmup_steps * warmup_steps);
    return {learning_rate * warm, 1 / std::sqrt(detail::bias_correction(beta2, step)),
            warm * warm / (rising + step - n), step == 1};
  }
  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& mean, T& fast,
                                     T& second) const {
    if (c.first) mean = fast = parameter;
    second = math::constant<T>(beta2) * second + math::constant<T>(1 - beta2) * (slope * slope);
    second = math::without_denormals(second, detail::least_square<scalar_of<T>>(epsilon));
    T const scale = math::sqrt(second) * math::constant<T>(c.root) + math::constant<T>(epsilon);
    T const direction = slope / scale + math::constant<T>(weight_decay) * parameter;
    fast = math::without_denormals(fast - math::constant<T>(c.rate) * direction);
    mean = math::without_denormals(mean + math::constant<T>(c.share) * (fast - mean));
    parameter = fast + math::constant<T>(beta1) * (mean - fast);
  }
  void validate() const {
    detail::validate_moments("schedule_free_adamw", *this);
    detail::require_not_negative("schedule_free_adamw", "warmup_steps", warmup_steps);
  }
  template <class T> void validate_in() const { detail::require_in<T>("schedule_free_adamw", "epsilon", epsilon); }
};
static_assert(optimizer<schedule_free_adamw>);

}  // namespace fovea
