// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/adam.hpp>

namespace fovea {

/// Adam that divides by the largest second moment so far: PyTorch's Adam(amsgrad=True). Reddi et al., "On the convergence of Adam and
/// beyond" (2018).
///
///     fovea::trainer trainer{backend, net, loss, fovea::amsgrad{.learning_rate = 1e-3}};
struct amsgrad {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;

  static constexpr std::size_t state_count = 3;
  using coefficients = adam::coefficients;
  FOVEA_HD coefficients coefficients_at(double step) const { return plain().coefficients_at(step); }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& first, T& second,
                                     T& largest) const {
    plain().average(parameter, slope, first, second);
    largest = (math::max)(largest, second);
    plain().move(c, parameter, first, largest);
  }
  void validate() const { detail::validate_moments("amsgrad", *this); }
  template <class T> void validate_in() const { detail::require_in<T>("amsgrad", "epsilon", epsilon); }

 private:
  FOVEA_HD constexpr adam plain() const { return {learning_rate, beta1, beta2, epsilon, weight_decay}; }
};
static_assert(optimizer<amsgrad>);

}  // namespace fovea
