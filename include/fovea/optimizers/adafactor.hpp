// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/optimizer.hpp>
#include <fovea/tensor/product_options.hpp>
#include <fovea/tensor/tensor.hpp>

namespace fovea {

/// A step relative to the size of each tensor's parameters, along the gradient divided by the root of its second moment, of which a
/// matrix keeps row and column means. PyTorch's Adafactor; Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory
/// cost" (2018). Here, the direction of the step is kept besides, so it needs Adam's memory. A vector, and a matrix of one row
/// or column, keeps its whole second moment. Alone, or in the outermost chain.
///
///     fovea::trainer trainer{backend, net, loss, fovea::adafactor{.learning_rate = 1e-3}};
struct adafactor {
  double learning_rate = 1e-2, beta2_decay = -0.8, epsilon2 = 1e-3, clip_threshold = 1, weight_decay = 0;

  static constexpr std::size_t state_count = 2;  // the direction, and the second moments
  static constexpr bool per_tensor = true;
  struct coefficients {
    double rate;
  };
  FOVEA_HD coefficients coefficients_at(double step) const {
    double const root = 1 / std::sqrt(step);
    return {learning_rate < root ? learning_rate : root};
  }
  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const& c, T& parameter, T&, T const& direction, T const&) const {
    parameter = parameter - math::constant<T>(learning_rate * weight_decay) * parameter;
    parameter = parameter - math::constant<T>(c.rate) * direction;
  }

  std::size_t scratch_numbers(std::size_t rows, std::size_t columns) const { return rows + columns; }
  template <class B, class T> void precondition(B const& b, matrix_to_precondition<T> const& of) const {
    auto const n = of.rows * of.columns;
    auto const all = domain<1, dynamic>({1, n});
    auto *const direction = of.state[0], *const moments = of.state[1];
    auto* const numbers = of.numbers;
    b.for_each_index(1, share_of_step{beta2_decay, of.step, numbers});
    if (of.rows < 2 || of.columns < 2) {
      b.for_each(all, whole{}, each{of.gradients}, broadcast{std::as_const(numbers)}, each{moments}, out{direction});
    } else {
      domain<> const places({of.rows, of.columns});
      auto *const by_rows = of.scratch, *const by_columns = of.scratch + of.rows;
      b.reduce(places, squares{}, std::tuple{by_row{by_rows}, by_column{by_columns}}, each{of.gradients});
      auto const average = [&](T const* sums, T* means, std::size_t count, std::size_t of_each) {
        b.for_each(domain<1, dynamic>({1, count}), mean{1 / static_cast<double>(of_each)}, each{sums},
                   broadcast{std::as_const(numbers)}, each{means});
      };
      average(by_rows, moments, of.rows, of.columns);
      average(by_columns, moments + of.rows, of.columns, of.rows);
      b.reduce(domain<1, dynamic>({1, of.rows}), itself{}, std::tuple{overall{numbers + 1}},
               each{std::as_const(moments)});
      b.for_each_index(1, divide{numbers + 1, static_cast<double>(of.rows)});
      b.for_each(places, factored{}, each{of.gradients}, broadcast{std::as_const(numbers) + 1},
                 per_row{std::as_const(moments)}, per_column{std::as_const(moments) + of.rows}, out{direction});
    }
    b.reduce(all, both_squares{}, std::tuple{overall{numbers + 2}, overall{numbers + 3}}, each{of.parameters},
             each{std::as_const(direction)});
    b.for_each_index(1, step_length{epsilon2, clip_threshold, static_cast<double>(n), numbers + 2});
    b.for_each(all, times{}, each{direction}, broadcast{std::as_const(numbers) + 2});
  }
  void validate() const {
    detail::require_not_negative("adafactor", "learning_rate", learning_rate);
    require(beta2_decay <= 0 && beta2_decay >= -1e30, "adafactor: beta2_decay must be finite and not positive",
            beta2_decay);
    detail::require_not_negative("adafactor", "epsilon2", epsilon2);
    require(clip_threshold >= 1 && clip_threshold <= 1e30, "adafactor: clip_threshold must be finite and at least 1",
            clip_threshold);
    detail::require_not_negative("adafactor", "weight_decay", weight_decay);
  }

  /// The machine epsilon, PyTorch's default of the first epsilon.
  template <class T> static constexpr double epsilon1 = 4 * math::half_rounding<scalar_of<T>>;
  struct share_of_step {
    double decay;
    double const* step;
    double* to;
    FOVEA_HD void operator()(std::size_t) const { *to = std::pow(*step, decay); }
  };
  template <class T> FOVEA_HD static constexpr T inverse_root(T const& moment) {
    return T(1) / math::sqrt((math::max)(moment, math::constant<T>(epsilon1<T> * epsilon1<T>)));
  }
  struct whole {
    template <class T, class S>
    FOVEA_HD constexpr void operator()(T const& slope, S const& share, T& moment, T& direction) const {
      moment = math::without_denormals(moment + T(share) * (slope * slope - moment));
      direction = slope * inverse_root(moment);
    }
  };
  struct squares {
    template <class T> FOVEA_HD constexpr terms<T, 2> operator()(T const& slope) const {
      return {slope * slope, slope * slope};
    }
  };
  struct mean {
    double factor;
    template <class T, class S> FOVEA_HD constexpr void operator()(T const& sum, S const& share, T& to) const {
      to = math::without_denormals(to + T(share) * (math::constant<T>(factor) * sum - to));
    }
  };
  struct itself {
    template <class T> FOVEA_HD constexpr T operator()(T const& x) const { return x; }
  };
  struct divide {
    double* to;
    double by;
    FOVEA_HD void operator()(std::size_t) const { *to = *to / by; }
  };
  struct factored {
    template <class T, class S>
    FOVEA_HD constexpr void operator()(T const& slope, S const& mean_of_rows, T const& row, T const& column,
                                       T& direction) const {
      T const scale = (math::max)(T(mean_of_rows), math::constant<T>(epsilon1<T>));
      direction = slope * inverse_root(row * column / scale);
    }
  };
  struct both_squares {
    template <class T> FOVEA_HD constexpr terms<T, 2> operator()(T const& parameter, T const& direction) const {
      return {parameter * parameter, direction * direction};
    }
  };
  /// From the sums of squares of n parameters and of their direction, how long the direction is to be.
  struct step_length {
    double least, clip, n;
    double* sums;
    FOVEA_HD void operator()(std::size_t) const {
      double const size = std::sqrt(sums[0] / n), length = std::sqrt(sums[1] / n) / clip;
      sums[0] = (size > least ? size : least) / (length > 1 ? length : 1);
    }
  };
  struct times {
    template <class T, class S> FOVEA_HD constexpr void operator()(T& x, S const& factor) const { x = x * T(factor); }
  };
};
static_assert(optimizer<adafactor> && preconditioning<adafactor>);

}  // namespace fovea
