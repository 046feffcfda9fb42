// SPDX-License-Identifier: MIT
#pragma once

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
template <class T> struct step_totals {
  T loss, divisor, counted, parts;
};
template <class T> struct pack_totals {
  double const *loss, *divisor;
  double known;  // the divisor, if `divisor` is null
  bool counted;
  step_totals<T>* destination;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    *destination = {static_cast<T>(*loss), static_cast<T>(divisor ? *divisor : known), T(counted), T(1)};
  }
};
template <class T> struct unpack_totals {
  step_totals<T> const* source;
  bool sums;
  double *loss, *divisor, *counted;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    *loss = static_cast<double>(source->loss);
    *divisor = sums ? 1 : static_cast<double>(source->divisor);
    *counted = static_cast<double>(source->counted);
  }
};

/// Writes how a part has changed the network's state: numbers, or counts.
template <class T, class N> struct change_of_state {
  N const *now, *before;
  T* change;
  FOVEA_HD constexpr void operator()(std::size_t i) const { change[i] = static_cast<T>(now[i] - before[i]); }
};
/// Changes the state by the mean of the parts' changes.
template <class T, class N> struct apply_change {
  step_totals<T> const* totals;
  N const* before;
  T const* change;
  N* now;
  FOVEA_HD constexpr void operator()(std::size_t i) const {
    T const mean = change[i] / totals->parts;
    if constexpr (std::is_integral_v<N>) now[i] = before[i] + static_cast<N>(mean + T(0.5));
    else now[i] = before[i] + mean;
  }
};

}  // namespace fovea::formulas
