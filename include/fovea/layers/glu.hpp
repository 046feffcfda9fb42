// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <fovea/layers/activations.hpp>
#include <fovea/layers/require_real.hpp>

namespace fovea {

namespace formulas {

/// The two formulas of a gated unit, of its first half a and its second half b: f(a) g(b).
template <class T, class F, class G> struct gate {
  F f;
  G g;
  T const* x;
  T* y;
  std::size_t width;  // of a half
  FOVEA_HD void operator()(std::size_t i) const {
    auto const a = i / width * width + i;
    y[i] = f(x[a]) * g(x[a + width]);
  }
};
template <class T, class F, class G> struct gate_slope {
  F f;
  G g;
  T const *x, *dy;
  T* dx;
  std::size_t width;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const a = i / width * width + i;
    auto const first = fovea::value_and_slope(f, x[a]), second = fovea::value_and_slope(g, x[a + width]);
    T const slope = dy[i];
    dx[a] = slope * first.slope * second.value;
    dx[a + width] = slope * first.value * second.slope;
  }
};

}  // namespace formulas

/// Halves the last axis and multiplies the halves: y = f(first) g(second). Throws `shape_error` for an odd width. Shazeer, "GLU variants
/// improve transformer" (2020).
template <activation_formula F, activation_formula G> struct gated_linear_unit {
  F first{};
  G second{};

  template <std::size_t... E> constexpr auto output(extents<E...> const& sample) const {
    constexpr std::size_t width = detail::static_shape<E...>::last;
    static_assert(width == dynamic || width % 2 == 0, "a gated linear unit takes an even number of features");
    auto const given = sample.extent(sizeof...(E) - 1);
    if (given % 2 != 0)
      throw shape_error("a gated linear unit takes an even number of features, the layer before it gives " +
                        std::to_string(given));
    return detail::with_last < width == dynamic ? dynamic : width / 2 > (sample, given / 2);
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    using T = typename P::value_type;
    if constexpr (detail::require_real<X>())
      p.backend.for_each_index(
          y.extents.size(), formulas::gate<T, F, G>{first, second, fovea::read_only(x).elements, y.elements, half(y)});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    using T = typename P::value_type;
    if constexpr (!std::same_as<DX, nothing>)
      p.backend.for_each_index(dy.extents.size(),
                               formulas::gate_slope<T, F, G>{first, second, fovea::read_only(x).elements,
                                                             fovea::read_only(dy).elements, dx.elements, half(dy)});
  }

 private:
  template <class Y> static std::size_t half(Y const& y) { return fovea::as_last_axis(y).extents.extent(1); }
};

/// y = first sigmoid(second): PyTorch's GLU. Dauphin et al. (2017).
using glu = gated_linear_unit<identity_formula, sigmoid_formula>;
/// y = silu(first) second, as in LLaMA. The linear layer before it computes both halves.
using swiglu = gated_linear_unit<silu_formula, identity_formula>;
static_assert(layer<glu, extents<4>>);

}  // namespace fovea
