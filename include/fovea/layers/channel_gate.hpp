// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>

#include <fovea/layers/activation.hpp>
#include <fovea/layers/adaptive_pooling.hpp>
#include <fovea/layers/convolution.hpp>
#include <fovea/layers/fusion.hpp>
#include <fovea/layers/places.hpp>
#include <fovea/layers/renamed.hpp>
#include <fovea/layers/sequential.hpp>

namespace fovea {

namespace formulas {

struct add_product {
  template <class T> FOVEA_HD constexpr void operator()(T const& slope, T const& factor, T& to) const {
    to = to + slope * factor;
  }
};
struct set_product {
  template <class T> FOVEA_HD constexpr void operator()(T const& x, T const& factor, T& to) const { to = x * factor; }
};
struct product_of_elements {
  template <class T> FOVEA_HD constexpr T operator()(T const& a, T const& b) const { return a * b; }
};

}  // namespace formulas

/// Multiplies each channel of a sample (channels, ...) by the number that `body` makes of the sample for it: attention over channels.
/// The body's parameters are called "body.…".
template <class Body> struct channel_gate {
  Body body;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const {
    if (body.output(sample).size() != sample.extent(0))
      throw shape_error("channel_gate: the body makes " + std::to_string(body.output(sample).size()) +
                        " numbers for the " + std::to_string(sample.extent(0)) + " channels of a sample");
    return sample;
  }
  template <class S, class F> constexpr void for_each_child(S const& sample, F const& f) const {
    f(child_name{0, "body"}, body, sample);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const of_body = fovea::needs_of<P>(body, sample, rows);
    auto const gates = fovea::batch_bytes<P>(body.output(sample), rows);
    if constexpr (P::differentiates)
      return {of_body.kept + gates, of_body.scratch + gates + fovea::batch_bytes<P>(sample, rows)};
    else return {0, of_body.scratch + gates};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    auto const gates = batch<P>(P::differentiates ? p.kept : p.scratch, x);
    auto const own = bytes<P>(x);
    body.forward(P::differentiates ? p.child(0, p.kept + own, p.scratch) : p.child(0, p.kept, p.scratch + own), x,
                 gates);
    p.backend.for_each(places(x), formulas::set_product{}, each{fovea::read_only(x).elements},
                       per_row{fovea::read_only(gates).elements}, out{y.elements});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    auto const own = bytes<P>(x);
    auto const gates = fovea::read_only(batch<P>(p.kept, x));
    auto const slopes = batch<P>(p.scratch, x);
    auto const from = fovea::read_only(dy).elements;
    p.backend.reduce(places(x), formulas::product_of_elements{}, std::tuple{by_row{slopes.elements}}, each{from},
                     each{fovea::read_only(x).elements});
    body.backward(p.child(0, p.kept + own, p.scratch + own), x, gates, slopes, dx);
    if constexpr (!std::same_as<DX, nothing>)
      p.backend.for_each(places(x), formulas::add_product{}, each{from}, per_row{gates.elements}, each{dx.elements});
  }

 private:
  template <class P, class X> auto batch(std::byte* at, X const& x) const {
    return fovea::batch_at<P>(at, body.output(fovea::sample_of(x)), fovea::rows_of(x));
  }
  template <class P, class X> std::size_t bytes(X const& x) const {
    return fovea::batch_bytes<P>(body.output(fovea::sample_of(x)), fovea::rows_of(x));
  }
  template <class X> static domain<> places(X const& x) {
    auto const rows = fovea::rows_of(x) * fovea::sample_of(x).extent(0);
    return domain<>({rows, rows == 0 ? 0 : x.size() / rows});
  }
};
template <class Body> channel_gate(Body) -> channel_gate<Body>;

/// Returns the squeeze and excitation of images (channels, height, width): a `channel_gate` of the channels' means, by two convolutions
/// of one place. torchvision's SqueezeExcitation, its names of parameters too. Hu et al., "Squeeze-and-excitation networks" (2018).
///
///     fovea::sequential{fovea::input<3, 32, 32>{}, fovea::conv2d<3, 16>{.kernel_size = 3}, fovea::squeeze_excite(16, 4)}
template <class Activation = relu, class Scale = sigmoid>
constexpr auto squeeze_excite(std::size_t channels, std::size_t squeezed, Activation const& activation = {},
                              Scale const& scale = {}) {
  conv2d<> const fc1{.in_channels = channels, .out_channels = squeezed, .kernel_size = 1},
      fc2{.in_channels = squeezed, .out_channels = channels, .kernel_size = 1};
  return renamed{channel_gate{sequential{adaptive_avg_pool2d{1}, fc1, activation, fc2, scale}},
                 std::array<renaming_rule, 2>{{{"body.1.", "fc1."}, {"body.3.", "fc2."}}}};
}

}  // namespace fovea
