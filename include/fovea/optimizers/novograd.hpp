// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>

namespace fovea {

/// The moving sum of gradients, each divided by the moving norm of its tensor. optax's novograd; Ginsburg et al., "Stochastic gradient methods with
/// layer-wise adaptive moments for training of deep networks" (2019). The norm of a tensor is kept with each of its parameters.
///
///     fovea::trainer trainer{backend, net, loss, fovea::novograd{.learning_rate = 1e-3}};
struct novograd {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.25, epsilon = 1e-6, epsilon_root = 0, weight_decay = 0;

  static constexpr std::size_t state_count = 2;
  static constexpr bool per_tensor = true;
  struct coefficients {
    double kept, squares;  // the share of the last norm that remains, and what is added to it
  };
  template <class T> FOVEA_HD constexpr T measure(T const&, T const& slope) const { return slope * slope; }
  FOVEA_HD constexpr coefficients coefficients_at(double step, double sum) const {
    return step == 1 ? coefficients{0, sum} : coefficients{beta2, (1 - beta2) * sum};
  }
  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& first, T& norm) const {
    norm = math::without_denormals(math::constant<T>(c.kept) * norm + math::constant<T>(c.squares));
    T const scaled = slope / (math::sqrt(norm + math::constant<T>(epsilon_root)) + math::constant<T>(epsilon));
    first = math::constant<T>(beta1) * first + (scaled + math::constant<T>(weight_decay) * parameter);
    first = math::without_denormals(first);
    parameter = parameter - math::constant<T>(learning_rate) * first;
  }
  void validate() const {
    detail::validate_moments("novograd", *this);
    detail::require_not_negative("novograd", "epsilon_root", epsilon_root);
  }
  template <class T> void validate_in() const {
    detail::require_in<T>("novograd", "epsilon", epsilon);
    detail::require_in<T>("novograd", "epsilon_root", epsilon_root);
  }
};
static_assert(optimizer<novograd>);

}  // namespace fovea
