// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <fovea/layers/sequential.hpp>
#include <fovea/losses/loss.hpp>
#include <fovea/scalar/dual.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/tensor/operands.hpp>

namespace fovea {

namespace formulas {

/// Writes the gradient of the loss with respect to the last activation's input. Returns the loss, to be summed over all
/// elements, and that gradient, to be summed by column for the bias.
template <class F, class Activation> struct loss_prologue {
  F loss;
  Activation activation;
  template <class Z, class Y>
  FOVEA_HD constexpr terms<Z, 2> operator()(Z const& output, Z& gradient, Y const& target) const {
    auto const d = fovea::value_and_slope(loss, output, target);
    gradient = d.slope * loss.share(target) * activation.slope_from_output(output);
    return terms<Z, 2>{{d.value, gradient}};
  }
};
/// Copies row `order(first + i)` of a data set to row i of a batch. `Features` and `Targets` are static widths or `dynamic`.
template <class T, std::size_t Features, std::size_t Targets> struct gather {
  permutation order;
  T const *features, *targets;
  T *x, *y;
  std::size_t first, feature_count, target_count;
  FOVEA_HD void operator()(std::size_t i) const { copy_row(order(first + i), i); }
  FOVEA_HD void copy_row(std::size_t row, std::size_t i) const {
    auto const f = Features == dynamic ? feature_count : Features, t = Targets == dynamic ? target_count : Targets;
    std::memcpy(x + i * f, features + row * f, f * sizeof(T));
    std::memcpy(y + i * t, targets + row * t, t * sizeof(T));
  }
};
/// Like `gather`, for `at_once` rows per call: `permutation` computes their indices together, which vectorizes on a CPU. A
/// device runs `gather` with one row per thread.
template <class Gather> struct gather_rows {
  Gather gather;
  std::size_t rows;
  static constexpr std::size_t at_once = 32;
  void operator()(std::size_t block) const {
    auto const first = block * at_once;
    std::uint64_t numbers[at_once];
    gather.order(gather.first + first, numbers);
    for (std::size_t i = 0; i != at_once && first + i < rows; ++i)
      gather.copy_row(static_cast<std::size_t>(numbers[i]), first + i);
  }
};
/// An epoch's order and the position of its next batch in that order; stored in the backend's memory.
struct batch_position {
  permutation order{1, 0, 0};
  std::size_t first = 0;
};
struct set_position {
  batch_position value, *position;
  FOVEA_HD void operator()(std::size_t) const { *position = value; }
};
struct advance {
  batch_position* position;
  std::size_t rows;
  FOVEA_HD void operator()(std::size_t) const { position->first += rows; }
};
/// Like `gather`, but reads the position from memory: it is unknown when the step is recorded.
template <class Gather> struct gather_from_position {
  Gather gather;
  batch_position const* position;
  bool shuffle;
  FOVEA_HD void operator()(std::size_t i) const {
    auto here = gather;
    here.order = position->order;
    if (shuffle) here.first = position->first, here(i);
    else here.copy_row(position->first + i, i);
  }
};
/// Increments the optimizer's step count and computes the coefficients of that step, both in the backend's memory, so that a
/// device needs no data from the host at each step.
template <class O> struct advance_optimizer {
  O rule;
  double* step;
  typename O::coefficients* coefficients;
  FOVEA_HD constexpr void operator()(std::size_t) const {
    *step = *step + 1;
    *coefficients = rule.coefficients_at(*step);
  }
};
struct add_weighted {
  double weight;
  template <class T> FOVEA_HD constexpr void operator()(T& sum, T const& x) const { sum = sum + T(weight) * x; }
};

struct store {
  template <class T> FOVEA_HD constexpr void operator()(T& to, T const& x) const { to = x; }
};

}  // namespace formulas

}  // namespace fovea
