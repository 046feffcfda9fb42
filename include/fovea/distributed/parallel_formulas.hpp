// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fovea/config.hpp>
#include <fovea/scalar/math.hpp>

/// What a step on several ranks computes besides, in the backend's memory.
namespace fovea::formulas {

struct times_divisor {
  template <class T> FOVEA_HD constexpr void operator()(T& x, T const& factor) const { x = x * factor; }
};
/// Divides a sum by what was counted; nothing left is 0.
struct over_divisor {
  template <class T> FOVEA_HD constexpr void operator()(T& x, T const& divisor) const {
    x = math::select(divisor == T(0), T(0), x / divisor);
  }
};
/// Adds what comes before: x = before + x.
struct add_before {
  template <class T> FOVEA_HD constexpr void operator()(T& x, T const& before) const { x = before + x; }
};

/// What travels beside a gradient: the sum of the losses, its divisor, whether that was counted, and the number of parts that had
/// rows. Changes of the network's state follow.
struct step_totals {
  double loss, divisor, counted, parts;
};
struct pack_totals {
  double const *loss, *divisor;
  double known;  // the divisor, if `divisor` is null
  bool counted;
  step_totals* destination;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    *destination = {*loss, divisor ? *divisor : known, counted ? 1. : 0., 1};
  }
};
struct unpack_totals {
  step_totals const* source;
  bool sums;
  double *loss, *divisor, *counted;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    *loss = source->loss;
    *divisor = sums ? 1 : source->divisor;
    *counted = source->counted;
  }
};
/// Converts numbers: a float gradient travels as doubles where the totals travel with it.
template <class From, class To> struct convert {
  From const* source;
  To* destination;
  FOVEA_HD constexpr void operator()(std::size_t i) const { destination[i] = static_cast<To>(source[i]); }
};
/// Keeps what a batch's divisor is, and divides its gradient by 1.
struct keep_divisor {
  double *divisor, *kept;
  FOVEA_HD constexpr void operator()(std::size_t) const { *kept = *divisor, *divisor = 1; }
};

/// Writes how a part has changed the network's state: numbers, or counts.
template <class N> struct change_of_state {
  N const *now, *before;
  double* change;
  FOVEA_HD constexpr void operator()(std::size_t i) const {
    change[i] = static_cast<double>(now[i]) - static_cast<double>(before[i]);
  }
};
/// Changes the state by the mean of the parts' changes.
template <class N> struct apply_change {
  step_totals const* totals;
  N const* before;
  double const* change;
  N* now;
  FOVEA_HD constexpr void operator()(std::size_t i) const {
    double const mean = change[i] / totals->parts;
    if constexpr (std::is_integral_v<N>) now[i] = before[i] + static_cast<N>(std::round(mean));
    else now[i] = static_cast<N>(static_cast<double>(before[i]) + mean);
  }
};

}  // namespace fovea::formulas
