// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/adam.hpp>

namespace fovea {

/// Adam whose second moment is of the gradient's distance from its moving mean: optax's adabelief. Zhuang et al., "AdaBelief optimizer"
/// (2020). In float, the default epsilons vanish beside most gradients.
///
///     fovea::trainer trainer{backend, net, loss, fovea::adabelief{.learning_rate = 1e-3}};
struct adabelief {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-16, epsilon_root = 1e-16, weight_decay = 0;

  static constexpr std::size_t state_count = 2;
  using coefficients = adam::coefficients;
  FOVEA_HD coefficients coefficients_at(double step) const { return plain().coefficients_at(step); }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& first, T& second) const {
    T const g = slope + math::constant<T>(weight_decay) * parameter;
    first = math::without_denormals(first + math::constant<T>(1 - beta1) * (g - first));
    T const surprise = g - first;
    second =
        math::without_denormals(math::constant<T>(beta2) * second +
                                math::constant<T>(1 - beta2) * (surprise * surprise) + math::constant<T>(epsilon_root));
    plain().move(c, parameter, first, second);
  }
  void validate() const {
    detail::validate_moments("adabelief", *this);
    detail::require_not_negative("adabelief", "epsilon_root", epsilon_root);
  }
  template <class T> void validate_in() const {
    detail::require_in<T>("adabelief", "epsilon", epsilon);
    detail::require_in<T>("adabelief", "epsilon_root", epsilon_root);
  }

 private:
  FOVEA_HD constexpr adam plain() const { return {learning_rate, beta1, beta2, epsilon, 0}; }
};
static_assert(optimizer<adabelief>);

}  // namespace fovea
