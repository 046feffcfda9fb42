// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>

#include <fovea/layers/fusion.hpp>

namespace fovea {

namespace formulas {

struct scale_and_shift {
  template <class T> FOVEA_HD constexpr void operator()(T const& x, T const& scale, T const& shift, T& y) const {
    y = x * scale + shift;
  }
};
struct scale_slope {
  template <class T> FOVEA_HD constexpr T operator()(T const& x, T const& dy) const { return x * dy; }
};
struct times_factor {
  template <class T> FOVEA_HD constexpr void operator()(T const& dy, T const& factor, T& dx) const { dx = dy * factor; }
};

}  // namespace formulas

/// y = x scale + shift of three inputs: samples (channels, ...), and a scale and a shift of each channel, (channels), which other
/// layers make of a condition. Perez et al., "FiLM: visual reasoning with a general conditioning layer" (2018).
///
///     fovea::sequential{fovea::parallel{fovea::conv2d<3, 8>{.kernel_size = 3}, fovea::linear<5, 8>{}, fovea::linear<5, 8>{}}, fovea::film{}}
struct film {
  template <class S, class A, class B> constexpr S output(std::tuple<S, A, B> const& samples) const {
    static_assert(A::rank == 1 && B::rank == 1, "film: the scale and the shift are one number for each channel");
    auto const channels = std::get<0>(samples).extent(0), scales = std::get<1>(samples).extent(0),
               shifts = std::get<2>(samples).extent(0);
    if (scales != channels || shifts != channels)
      throw shape_error("film: there are " + std::to_string(channels) + " channels, " + std::to_string(scales) +
                        " scales and " + std::to_string(shifts) + " shifts");
    return std::get<0>(samples);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    auto const all = fovea::read_only(x);
    p.backend.for_each(places(std::get<0>(x)), formulas::scale_and_shift{}, each{std::get<0>(all).elements},
                       per_row{std::get<1>(all).elements}, per_row{std::get<2>(all).elements}, out{y.elements});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>) {
      auto const all = fovea::read_only(x);
      auto const slopes = each{fovea::read_only(dy).elements};
      auto const where = places(std::get<0>(x));
      if constexpr (wanted<1, DX>)
        p.backend.reduce(where, formulas::scale_slope{}, std::tuple{by_row{std::get<1>(dx).elements}},
                         each{std::get<0>(all).elements}, slopes);
      if constexpr (wanted<2, DX>)
        p.backend.reduce(where, identity_formula{}, std::tuple{by_row{std::get<2>(dx).elements}}, slopes);
      if constexpr (wanted<0, DX>)
        p.backend.for_each(where, formulas::times_factor{}, slopes, per_row{std::get<1>(all).elements},
                           out{std::get<0>(dx).elements});
    }
  }

 private:
  template <std::size_t K, class DX> static constexpr bool wanted = !std::same_as<std::tuple_element_t<K, DX>, nothing>;
  template <class X> static domain<> places(X const& x) {
    auto const rows = fovea::rows_of(x) * fovea::sample_of(x).extent(0);
    return domain<>({rows, rows == 0 ? 0 : x.size() / rows});
  }
};

}  // namespace fovea
