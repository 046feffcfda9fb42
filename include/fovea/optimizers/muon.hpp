// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/domains.hpp>
#include <fovea/optimizers/sgd.hpp>
#include <fovea/optimizers/trust_ratio.hpp>
#include <fovea/optimizers/weight_decay.hpp>
#include <fovea/tensor/product_options.hpp>
#include <fovea/tensor/tensor.hpp>

namespace fovea {

/// Replaces the gradient of each matrix by its momentum, orthogonalized by steps of Newton and Schulz, and that of a vector, and of a
/// matrix of one row or column, by the direction of Adam's step. A kernel of a convolution is a matrix of its outputs' rows. A link
/// of a chain. Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024).
struct scale_by_muon {
  double momentum = 0.95;
  bool nesterov = true;
  int newton_schulz_steps = 5;
  double epsilon = 1e-7;
  scale_by_adam vectors = {};

  static constexpr std::size_t state_count = 3;  // the direction, both moments; for a matrix, the second one is scratch
  static constexpr bool per_tensor = true;
  struct coefficients {};
  FOVEA_HD constexpr coefficients coefficients_at(double) const { return {}; }
  template <real T>
  FOVEA_HD constexpr void operator()(coefficients const&, T&, T& slope, T const& direction, T const&, T const&) const {
    slope = direction;
  }

  std::size_t scratch_numbers(std::size_t rows, std::size_t columns) const {
    auto const least = (std::min)(rows, columns);
    return 2 * least * least;
  }
  template <class B, class T> void precondition(B const& b, matrix_to_precondition<T> const& of) const {
    auto const all = domain<1, dynamic>({1, of.rows * of.columns});
    auto *const direction = of.state[0], *const average = of.state[1], *const second = of.state[2];
    if ((std::min)(of.rows, of.columns) < 2) {
      auto* const c = reinterpret_cast<adam::coefficients*>(of.numbers);
      b.for_each_index(1, adam_coefficients{vectors, of.step, c});
      return b.for_each(all, adam_direction{vectors}, out{direction}, broadcast{std::as_const(c)}, each{of.gradients},
                        each{average}, each{second});
    }
    b.for_each(all, nesterov_momentum{momentum, nesterov}, out{direction}, each{of.gradients}, each{average});
    b.reduce(all, square{}, std::tuple{overall{of.numbers}}, each{std::as_const(direction)});
    b.for_each(all, normalize{epsilon}, each{direction}, broadcast{std::as_const(of.numbers)});
    auto const least = (std::min)(of.rows, of.columns);
    auto const as_matrix = [](T* elements, std::size_t rows, std::size_t columns) {
      return matrix_span<B, T>{elements, extents<dynamic, dynamic>({rows, columns})};
    };
    auto const read = [](matrix_span<B, T> const& m) { return matrix_span<B, T const>{m.elements, m.extents}; };
    auto const gram = as_matrix(of.scratch, least, least), powers = as_matrix(of.scratch + least * least, least, least);
    auto x = as_matrix(direction, of.rows, of.columns), next = as_matrix(second, of.rows, of.columns);
    auto const square_of = domain<1, dynamic>({1, least * least});
    for (int i = 0; i != newton_schulz_steps; ++i) {  // X := a X + (b G + c G G) X with G = X X^T, or on the other side
      bool const wide = of.rows <= of.columns;
      if (wide) b.multiply(gram, read(x), fovea::transposed(read(x)), {}, no_epilogue{});
      else b.multiply(gram, fovea::transposed(read(x)), read(x), {}, no_epilogue{});
      b.multiply(powers, read(gram), read(gram), {}, no_epilogue{});
      b.for_each(square_of, polynomial{}, each{powers.elements}, each{std::as_const(gram).elements});
      if (wide) b.multiply(next, read(powers), read(x), {}, no_epilogue{});
      else b.multiply(next, read(x), read(powers), {}, no_epilogue{});
      b.for_each(all, add_scaled{}, each{next.elements}, each{std::as_const(x).elements});
      std::swap(x, next);
    }
    double const ratio = static_cast<double>(of.rows) / static_cast<double>(of.columns);
    b.for_each(all, scaled{std::sqrt((std::max)(1., ratio))}, each{std::as_const(x).elements}, out{next.elements});
    if (next.elements != direction) b.copy(std::as_const(next).elements, direction, of.rows * of.columns);
  }
  void validate() const {
    detail::require_share("scale_by_muon", "momentum", momentum);
    require(newton_schulz_steps > 0 && newton_schulz_steps < 100,
            "scale_by_muon: newton_schulz_steps must be from 1 to 99", newton_schulz_steps);
    require(epsilon > 0 && epsilon <= 1e30, "scale_by_muon: epsilon must be finite and above 0", epsilon);
    vectors.validate();
  }
  template <class T> void validate_in() const {
    detail::require_in<T>("scale_by_muon", "epsilon", epsilon);
    vectors.template validate_in<T>();
  }

  struct adam_coefficients {
    scale_by_adam rule;
    double const* step;
    adam::coefficients* to;
    FOVEA_HD void operator()(std::size_t) const { *to = rule.coefficients_at(*step); }
  };
  struct adam_direction {
    scale_by_adam rule;
    template <class T, class C>
    FOVEA_HD constexpr void operator()(T& to, C const& c, T const& slope, T& first, T& second) const {
      T unused = T(0);
      to = slope;
      rule(c, unused, to, first, second);
    }
  };
  struct nesterov_momentum {
    double momentum;
    bool nesterov;
    template <class T> FOVEA_HD constexpr void operator()(T& to, T const& slope, T& average) const {
      average = math::without_denormals(average + math::constant<T>(1 - momentum) * (slope - average));
      to = nesterov ? slope + math::constant<T>(momentum) * (average - slope) : average;
    }
  };
  struct square {
    template <class T> FOVEA_HD constexpr T operator()(T const& x) const { return x * x; }
  };
  struct normalize {
    double epsilon;
    template <class T, class S> FOVEA_HD constexpr void operator()(T& x, S const& squares) const {
      x = x / (math::max)(math::sqrt(T(squares)), math::constant<T>(epsilon));
    }
  };
  struct polynomial {
    template <class T> FOVEA_HD constexpr void operator()(T& squared, T const& gram) const {
      squared = math::constant<T>(-4.775) * gram + math::constant<T>(2.0315) * squared;
    }
  };
  struct add_scaled {
    template <class T> FOVEA_HD constexpr void operator()(T& next, T const& x) const {
      next = math::constant<T>(3.4445) * x + next;
    }
  };
  struct scaled {
    double factor;
    template <class T> FOVEA_HD constexpr void operator()(T const& x, T& y) const { y = math::constant<T>(factor) * x; }
  };
};
static_assert(optimizer<scale_by_muon> && preconditioning<scale_by_muon>);

/// The options of `muon`, with PyTorch's defaults.
struct muon_options {
  double learning_rate = 1e-3, weight_decay = 0.1, momentum = 0.95;
  bool nesterov = true;
  int newton_schulz_steps = 5;
};
/// Returns the chain that is Muon, with decoupled weight decay: PyTorch's Muon in the backend's value type.
///
///     fovea::trainer trainer{backend, net, loss, fovea::muon({.learning_rate = 0.02})};
constexpr auto muon(muon_options const& o = {}) {
  return chain{
      scale_by_muon{.momentum = o.momentum, .nesterov = o.nesterov, .newton_schulz_steps = o.newton_schulz_steps},
      add_decayed_weights{o.weight_decay}, sgd{.learning_rate = o.learning_rate}};
}

}  // namespace fovea
