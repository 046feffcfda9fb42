// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/optimizers/optimizer.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Moves each parameter by a step of its own size, which grows while the gradient keeps its sign and shrinks when the sign changes:
/// PyTorch's Rprop, whose lr is `initial_step`. For gradients of the whole data set. Riedmiller and Braun (1993).
///
///     fovea::trainer trainer{backend, net, loss, fovea::rprop{}};
struct rprop {
  double initial_step = 1e-2, eta_minus = 0.5, eta_plus = 1.2, smallest_step = 1e-6, largest_step = 50;

  static constexpr std::size_t state_count = 2;
  struct coefficients {
    double first_size;  // at the first step, else 0
  };
  FOVEA_HD constexpr coefficients coefficients_at(double step) const { return {step == 1 ? initial_step : 0}; }

  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T const& slope, T& last, T& size) const {
    T const kept = math::sign(slope) * math::sign(last);
    T const factor = math::select(kept > T(0), math::constant<T>(eta_plus),
                                  math::select(kept < T(0), math::constant<T>(eta_minus), T(1)));
    size = (math::max)((math::min)((size + math::constant<T>(c.first_size)) * factor, math::constant<T>(largest_step)),
                       math::constant<T>(smallest_step));
    last = math::select(kept < T(0), T(0), slope);
    parameter = parameter - math::sign(last) * size;
  }
  void validate() const {
    require(smallest_step > 0 && smallest_step <= initial_step && initial_step <= largest_step && largest_step <= 1e30,
            "rprop: initial_step must lie between smallest_step, above 0, and largest_step", initial_step);
    require(eta_minus > 0 && eta_minus < 1, "rprop: eta_minus must be in (0, 1)", eta_minus);
    require(eta_plus > 1 && eta_plus <= 1e30, "rprop: eta_plus must be finite and above 1", eta_plus);
  }
  template <class T> void validate_in() const { detail::require_in<T>("rprop", "smallest_step", smallest_step); }
};
static_assert(optimizer<rprop>);

}  // namespace fovea
