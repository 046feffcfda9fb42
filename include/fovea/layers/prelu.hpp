// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>

#include <fovea/layers/channels.hpp>
#include <fovea/layers/fusion.hpp>

namespace fovea {

namespace formulas {

struct prelu {
  template <class T> FOVEA_HD constexpr void operator()(T const& x, T& y, T const& weight) const {
    y = math::select(x > T(0), x, weight * x);
  }
  template <class T> FOVEA_HD constexpr void operator()(T const& x, T const& dy, T& dx, T const& weight) const {
    dx = math::select(x > T(0), dy, weight * dy);
  }
};
struct prelu_weight_slope {
  template <class T> FOVEA_HD constexpr T operator()(T const& x, T const& dy) const {
    return math::select(x > T(0), T(0), x * dy);
  }
};

}  // namespace formulas

/// x, or `weight` x below 0; one weight for all elements or, with `num_parameters` channels, one for each channel: PyTorch's PReLU. The
/// weights start at `init`. He et al., "Delving deep into rectifiers" (2015).
struct prelu {
  std::size_t num_parameters = 1;
  double init = 0.25;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const {
    if (num_parameters != 1 && num_parameters != sample.extent(0))
      throw shape_error("prelu: there are " + std::to_string(num_parameters) + " weights and " +
                        std::to_string(sample.extent(0)) + " channels");
    return sample;
  }
  template <class S> constexpr std::array<parameter_spec, 1> parameters(S const&) const {
    return {{{"weight", shape(std::array<std::size_t, 1>{num_parameters})}}};
  }
  void validate() const {
    require(num_parameters > 0, "prelu: num_parameters must be at least 1", static_cast<double>(num_parameters));
    require(init >= -1e30 && init <= 1e30, "prelu: init must be finite", init);
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const&) const {
    to.fill(0, num_parameters, init);
  }
  template <class P, class S> constexpr memory needs(S const&, std::size_t rows) const {
    auto const all = num_parameters == 1 ? 1 : rows;
    return {0, fovea::summed_bytes<P>(num_parameters, 1) +
                   detail::channel_verbs<P, true>::scratch_bytes(all, num_parameters, 2)};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    verbs_of(p, x).for_each(formulas::prelu{}, std::tuple{each{fovea::read_only(x).elements}, out{y.elements}},
                            p.parameter(0));
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    using T = typename P::value_type;
    auto verbs = verbs_of(p, x);
    auto const inputs = each{fovea::read_only(x).elements}, slopes = each{fovea::read_only(dy).elements};
    auto const fold = [&](T* weight) {
      verbs.sum(formulas::prelu_weight_slope{}, {weight, nullptr}, std::tuple{inputs, slopes});
    };
    fovea::sum_gradients<0>(p, num_parameters, fold);
    if constexpr (!std::same_as<DX, nothing>)
      verbs.for_each(formulas::prelu{}, std::tuple{inputs, slopes, out{dx.elements}}, p.parameter(0));
  }

 private:
  /// One weight: all elements are one row's channel.
  template <class P, class X> auto verbs_of(P const& p, X const& x) const {
    auto const n = x.extents.size(), rows = num_parameters == 1 ? std::size_t{1} : fovea::rows_of(x);
    return detail::channel_verbs<P, true>{p, rows, num_parameters,
                                          n == 0 ? std::size_t{0} : n / (rows * num_parameters),
                                          p.scratch + fovea::summed_bytes<P>(num_parameters, 1)};
  }
};
static_assert(layer<prelu>);

}  // namespace fovea
