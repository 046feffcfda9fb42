// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>

#include <fovea/config.hpp>
#include <fovea/scalar/real.hpp>
#include <fovea/validate.hpp>

/// Schedules: the factor of the learning rate as a function of the steps taken before, which is 0 at the first step, as
/// PyTorch's `last_epoch` and optax's `count`. Lengths are in steps. Past its end, a schedule stays at its last value.
///
///     fovea::scheduled rule{fovea::warmup_cosine{.warmup_steps = 500, .steps = 10000}, fovea::adamw{.learning_rate = 1e-3}};
namespace fovea {

/// A schedule: `double operator()(double step) const` with FOVEA_HD, a formula that reads nothing but its members.
/// Counter-example: an object that counts its own calls.
template <class S>
concept schedule = copyable_value<S> && requires(S const s, double step) {
  { s(step) } -> std::convertible_to<double>;
};

namespace detail {
/// Returns `from` at 0 and `to` at 1, by a line or by half a cosine; x outside [0, 1] counts as the nearer end.
FOVEA_HD constexpr double within_unit(double x) { return x < 0 ? 0 : x < 1 ? x : 1; }
FOVEA_HD constexpr double line(double from, double to, double x) { return from + (to - from) * within_unit(x); }
FOVEA_HD inline double half_cosine(double from, double to, double x) {
  return to + (from - to) * (0.5 * (1 + std::cos(3.14159265358979323846 * within_unit(x))));
}
inline void require_factor(double factor, char const* sentence) {
  require(factor >= 0 && factor <= 1e30, sentence, factor);
}
inline void require_length(bool holds, double steps, char const* sentence) {
  require(holds && steps <= 1e18, sentence, steps);
}
}  // namespace detail

/// The same factor at every step. optax's constant_schedule.
struct constant_rate {
  double factor = 1;
  FOVEA_HD constexpr double operator()(double) const { return factor; }
  void validate() const { detail::require_factor(factor, "constant_rate: factor must be finite and not negative"); }
};

/// Times gamma after every `step_size` steps. PyTorch's StepLR.
struct step_decay {
  double step_size, gamma = 0.1;
  FOVEA_HD double operator()(double step) const { return std::pow(gamma, std::floor(step / step_size)); }
  void validate() const {
    detail::require_length(step_size > 0, step_size, "step_decay: step_size must be finite and above 0");
    detail::require_factor(gamma, "step_decay: gamma must be finite and not negative");
  }
};

/// Times gamma at each milestone. PyTorch's MultiStepLR.
///
///     fovea::multi_step_decay{{3000, 8000}, 0.1};
template <std::size_t N> struct multi_step_decay {
  double milestones[N];
  double gamma = 0.1;
  FOVEA_HD constexpr double operator()(double step) const {
    double factor = 1;
    for (double const m : milestones) factor *= step >= m ? gamma : 1;
    return factor;
  }
  void validate() const {
    for (double before = 0; double const m : milestones) {
      detail::require_length(m >= before, m, "multi_step_decay: milestones must not be negative and must ascend");
      before = m;
    }
    detail::require_factor(gamma, "multi_step_decay: gamma must be finite and not negative");
  }
};
template <class T, std::size_t N> multi_step_decay(T const (&)[N]) -> multi_step_decay<N>;
template <class T, std::size_t N> multi_step_decay(T const (&)[N], double) -> multi_step_decay<N>;

/// gamma^(step / steps). PyTorch's ExponentialLR, for which `steps` is 1; optax's exponential_decay.
struct exponential_decay {
  double gamma, steps = 1;
  FOVEA_HD double operator()(double step) const { return std::pow(gamma, step / steps); }
  void validate() const {
    detail::require_factor(gamma, "exponential_decay: gamma must be finite and not negative");
    detail::require_length(steps > 0, steps, "exponential_decay: steps must be finite and above 0");
  }
};

/// From 1 to `end` by a power of what is left. PyTorch's PolynomialLR, optax's polynomial_schedule; a line by default.
struct polynomial_decay {
  double steps, power = 1, end = 0;
  FOVEA_HD double operator()(double step) const {
    return end + (1 - end) * std::pow(1 - detail::within_unit(step / steps), power);
  }
  void validate() const {
    detail::require_length(steps > 0, steps, "polynomial_decay: steps must be finite and above 0");
    require(power > 0 && power <= 1e30, "polynomial_decay: power must be finite and above 0", power);
    detail::require_factor(end, "polynomial_decay: end must be finite and not negative");
  }
};

/// From 1 to `end` along half a cosine. optax's cosine_decay_schedule, PyTorch's CosineAnnealingLR up to T_max.
struct cosine_decay {
  double steps, end = 0;
  FOVEA_HD double operator()(double step) const { return detail::half_cosine(1, end, step / steps); }
  void validate() const {
    detail::require_length(steps > 0, steps, "cosine_decay: steps must be finite and above 0");
    detail::require_factor(end, "cosine_decay: end must be finite and not negative");
  }
};

/// `cosine_decay` that starts again after `steps` steps, each time for `growth` times as many: PyTorch's
/// CosineAnnealingWarmRestarts. Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).
struct cosine_restarts {
  double steps, growth = 1, end = 0;
  FOVEA_HD double operator()(double step) const {
    double length = steps;
    if (growth == 1) step -= length * std::floor(step / length);
    else
      for (; step >= length; length *= growth) step -= length;
    return detail::half_cosine(1, end, step / length);
  }
  void validate() const {
    detail::require_length(steps > 0, steps, "cosine_restarts: steps must be finite and above 0");
    require(growth >= 1 && growth <= 1e30, "cosine_restarts: growth must be finite and at least 1", growth);
    detail::require_factor(end, "cosine_restarts: end must be finite and not negative");
  }
};

/// From `start` to 1 along a line. PyTorch's LinearLR.
struct linear_warmup {
  double steps, start = 0;
  FOVEA_HD constexpr double operator()(double step) const {
    return step < steps ? detail::line(start, 1, step / steps) : 1;
  }
  void validate() const {
    detail::require_length(steps >= 0, steps, "linear_warmup: steps must be finite and not negative");
    detail::require_factor(start, "linear_warmup: start must be finite and not negative");
  }
};

/// From `start` to 1 along half a cosine.
struct cosine_warmup {
  double steps, start = 0;
  FOVEA_HD double operator()(double step) const {
    return step < steps ? detail::half_cosine(start, 1, step / steps) : 1;
  }
  void validate() const {
    detail::require_length(steps >= 0, steps, "cosine_warmup: steps must be finite and not negative");
    detail::require_factor(start, "cosine_warmup: start must be finite and not negative");
  }
};

/// `linear_warmup`, then `cosine_decay`, of `steps` steps together. optax's warmup_cosine_decay_schedule.
struct warmup_cosine {
  double warmup_steps, steps, start = 0, end = 0;
  FOVEA_HD double operator()(double step) const {
    if (step < warmup_steps) return linear_warmup{warmup_steps, start}(step);
    return cosine_decay{steps - warmup_steps, end}(step - warmup_steps);
  }
  void validate() const {
    detail::require_length(warmup_steps >= 0, warmup_steps,
                           "warmup_cosine: warmup_steps must be finite and not negative");
    detail::require_length(steps > warmup_steps, steps, "warmup_cosine: steps must be finite and above warmup_steps");
    detail::require_factor(start, "warmup_cosine: start must be finite and not negative");
    detail::require_factor(end, "warmup_cosine: end must be finite and not negative");
  }
};

/// `linear_warmup`, then 1, then a line to `end`. Hu et al., "MiniCPM" (2024), section 4.
struct warmup_stable_decay {
  double warmup_steps, stable_steps, decay_steps, start = 0, end = 0;
  FOVEA_HD constexpr double operator()(double step) const {
    double const left = step - warmup_steps - stable_steps;
    return left < 0 ? linear_warmup{warmup_steps, start}(step) : detail::line(1, end, left / decay_steps);
  }
  void validate() const {
    detail::require_length(warmup_steps >= 0, warmup_steps,
                           "warmup_stable_decay: warmup_steps must be finite and not negative");
    detail::require_length(stable_steps >= 0, stable_steps,
                           "warmup_stable_decay: stable_steps must be finite and not negative");
    detail::require_length(decay_steps > 0, decay_steps, "warmup_stable_decay: decay_steps must be finite and above 0");
    detail::require_factor(start, "warmup_stable_decay: start must be finite and not negative");
    detail::require_factor(end, "warmup_stable_decay: end must be finite and not negative");
  }
};

/// A line to 1 at step `warmup_steps`, counted from 1, then the inverse square root. Vaswani et al., "Attention is all you
/// need" (2017), section 5.3.
struct inverse_square_root {
  double warmup_steps;
  FOVEA_HD double operator()(double step) const {
    double const share = (step + 1) / warmup_steps;
    return share < 1 ? share : 1 / std::sqrt(share);
  }
  void validate() const {
    detail::require_length(warmup_steps >= 1, warmup_steps,
                           "inverse_square_root: warmup_steps must be finite and at least 1");
  }
};

/// Half a cosine up from 1 / div_factor to 1, and one down to 1 / (div_factor final_div_factor). PyTorch's OneCycleLR, whose
/// max_lr is the learning rate. Smith and Topin, "Super-convergence" (2018).
struct one_cycle {
  double steps, pct_start = 0.3, div_factor = 25, final_div_factor = 1e4;
  FOVEA_HD double operator()(double step) const {
    double const top = pct_start * steps - 1, bottom = 1 / div_factor;
    if (step <= top) return detail::half_cosine(bottom, 1, step / top);
    return detail::half_cosine(1, bottom / final_div_factor, (step - top) / (steps - 1 - top));
  }
  /// From 0 to 1 and back to 0: of the momentum, if it cycles, too.
  FOVEA_HD double height(double step) const {
    double const top = pct_start * steps - 1;
    return step <= top ? detail::half_cosine(0, 1, step / top)
                       : detail::half_cosine(1, 0, (step - top) / (steps - 1 - top));
  }
  void validate() const {
    detail::require_length(steps > 1, steps, "one_cycle: steps must be finite and above 1");
    require(pct_start > 0 && pct_start < 1 && pct_start * steps > 1,
            "one_cycle: pct_start must be in (0, 1), and more than one step; pct_start", pct_start);
    require(div_factor >= 1 && div_factor <= 1e30, "one_cycle: div_factor must be finite and at least 1", div_factor);
    require(final_div_factor >= 1 && final_div_factor <= 1e30,
            "one_cycle: final_div_factor must be finite and at least 1", final_div_factor);
  }
};

/// Lines from `base` to 1 and back, again and again; each cycle is `decay` times as high as the one before. PyTorch's CyclicLR,
/// whose max_lr is the learning rate: "triangular", and with a decay of 0.5 "triangular2".
struct cyclic {
  double step_size_up, step_size_down, base = 0, decay = 1;
  FOVEA_HD double operator()(double step) const { return base + (1 - base) * height(step); }
  /// From 0 to 1 in the first cycle, less in later ones: of the momentum, if it cycles, too.
  FOVEA_HD double height(double step) const {
    double const length = step_size_up + step_size_down, cycle = std::floor(step / length);
    double const within = step - cycle * length;
    double const line = within < step_size_up ? within / step_size_up : (length - within) / step_size_down;
    return line * std::pow(decay, cycle);
  }
  void validate() const {
    detail::require_length(step_size_up > 0, step_size_up, "cyclic: step_size_up must be finite and above 0");
    detail::require_length(step_size_down > 0, step_size_down, "cyclic: step_size_down must be finite and above 0");
    detail::require_factor(base, "cyclic: base must be finite and not negative");
    detail::require_factor(decay, "cyclic: decay must be finite and not negative");
  }
};

/// One schedule, and from step `boundary` on another one, which begins at its own step 0. optax's join_schedules, PyTorch's
/// SequentialLR; three are joined{a, 100, joined{b, 50, c}}.
template <schedule First, schedule Second> struct joined {
  static_assert(
      !requires(First const& s) { s.momentum_at(0.); } && !requires(Second const& s) { s.momentum_at(0.); },
      "joined: a schedule that cycles the momentum stands alone");
  First first;
  double boundary;
  Second second;
  FOVEA_HD double operator()(double step) const {
    return step < boundary ? static_cast<double>(first(step)) : static_cast<double>(second(step - boundary));
  }
  void validate() const {
    detail::require_length(boundary >= 0, boundary, "joined: boundary must be finite and not negative");
    fovea::validate(first), fovea::validate(second);
  }
};
template <class First, class Second> joined(First, double, Second) -> joined<First, Second>;

static_assert(schedule<constant_rate> && schedule<multi_step_decay<2>> &&
              schedule<joined<linear_warmup, cosine_decay>>);

}  // namespace fovea
