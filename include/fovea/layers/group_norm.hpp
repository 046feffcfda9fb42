// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>

#include <fovea/layers/channels.hpp>
#include <fovea/layers/normalization.hpp>
#include <fovea/layers/require_real.hpp>

namespace fovea {

namespace formulas {

struct multiply_slope {
  template <class Z> FOVEA_HD constexpr void operator()(Z& dy, Z const& weight) const { dy = dy * weight; }
};

}  // namespace formulas

namespace detail {

/// What `group_norm` and `instance_norm` share: in each row, the elements of each group of channels are normalized together; then
/// each channel is scaled and shifted.
struct group_normalization {
  std::size_t groups;
  double epsilon;
  bool affine;

  template <class S> static constexpr parameter_list<2> parameters(S const& sample, bool affine) {
    shape const each(std::array<std::size_t, 1>{sample.extent(0)});
    return {{{{"weight", each}, {"bias", each}}}, affine ? 2u : 0u};
  }
  template <class B, class S> static void initialize(initialization<B> const& to, S const& sample, bool affine) {
    if (affine) to.fill(0, sample.extent(0), 1), to.fill(1, sample.extent(0), 0);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const statistics = 2 * P::bytes(rows * groups), own = scratch_of_channels<P>(sample.extent(0), rows);
    return P::differentiates ? memory{statistics, own} : memory{0, own + statistics};
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>()) {
      using T = typename P::value_type;
      auto const places = places_of(x);
      auto* const means = statistics<T>(p, x, 0);
      auto* const rates = statistics<T>(p, x, 1);
      auto const inputs = each{fovea::read_only(x).elements};
      p.backend.for_each_row(
          places, formulas::row_statistics<T, true>{epsilon, 1 / static_cast<double>(places.extent(1)), means, rates},
          inputs);
      verbs_of(p, x).for_each(formulas::normalize{}, std::tuple{inputs, out{y.elements}}, of_channel_group(means, x),
                              of_channel_group(rates, x), parameter(p, x, 0), parameter(p, x, 1));
    }
  }
  template <class P, class X, class DY, class DX>
  void backward(P const& p, X const& x, DY const& dy, DX const& dx) const {
    using T = typename P::value_type;
    T const *const means = statistics<T>(p, x, 0), *const rates = statistics<T>(p, x, 1);
    auto verbs = verbs_of(p, x);
    auto const inputs = each{fovea::read_only(x).elements}, slopes = each{fovea::read_only(dy).elements};
    if (affine) {
      auto const fold = [&](T* weight, T* bias) {
        verbs.sum(formulas::normalized_slope{}, {weight, bias}, std::tuple{inputs, slopes}, of_channel_group(means, x),
                  of_channel_group(rates, x));
      };
      fovea::sum_gradients<0, 1>(p, fovea::sample_of(x).extent(0), fold);
    }
    if constexpr (!std::same_as<DX, nothing>) {
      if (affine) verbs.for_each(formulas::multiply_slope{}, std::tuple{each{dy.elements}}, parameter(p, x, 0));
      auto const places = places_of(x);
      p.backend.for_each_row(
          places, formulas::normalized_row_slope<T, true>{1 / static_cast<double>(places.extent(1)), means, rates},
          inputs, slopes, out{dx.elements});
    }
  }

 private:
  /// A row is a group of a row of the batch.
  template <class X> domain<> places_of(X const& x) const {
    return domain<>({fovea::rows_of(x) * groups, fovea::sample_of(x).size() / groups});
  }
  template <class T, class X> detail::of_channel_group<T> of_channel_group(T const* numbers, X const& x) const {
    return {numbers, fovea::sample_of(x).extent(0) / groups};
  }
  /// Scratch: summed gradients, the channels' repeated numbers, constants for weight and bias, and, unless they are kept, the
  /// statistics.
  template <class P> constexpr std::size_t constants_at(std::size_t channels, std::size_t rows) const {
    return fovea::summed_bytes<P>(channels, 2) + channel_verbs<P, true>::scratch_bytes(rows, channels, 4);
  }
  template <class P> constexpr std::size_t scratch_of_channels(std::size_t channels, std::size_t rows) const {
    return constants_at<P>(channels, rows) + (affine ? 0 : 2 * P::bytes(channels));
  }
  template <class T, class P, class X> T* statistics(P const& p, X const& x, std::size_t i) const {
    auto const rows = fovea::rows_of(x), channels = fovea::sample_of(x).extent(0);
    auto* const at = P::differentiates ? p.kept : p.scratch + scratch_of_channels<P>(channels, rows);
    return reinterpret_cast<T*>(at + i * P::bytes(rows * groups));
  }
  template <class P, class X> auto const* parameter(P const& p, X const& x, std::size_t i) const {
    auto const channels = fovea::sample_of(x).extent(0);
    auto* const at = p.scratch + constants_at<P>(channels, fovea::rows_of(x)) + i * P::bytes(channels);
    return fovea::parameter_or(p, affine, i, channels, i == 0 ? 1 : 0, at);
  }
  template <class P, class X> static auto verbs_of(P const& p, X const& x) {
    auto const sample = fovea::sample_of(x);
    auto const channels = sample.extent(0);
    return channel_verbs<P, true>{p, fovea::rows_of(x), channels, sample.size() / channels,
                                  p.scratch + fovea::summed_bytes<P>(channels, 2)};
  }
};

}  // namespace detail

/// Normalizes each of `num_groups` groups of neighbouring channels, the first axis of a sample, to mean 0 and variance 1 in each row,
/// then scales and shifts each channel: PyTorch's GroupNorm; `affine = false` leaves scale and shift out. Wu and He, "Group
/// normalization" (2018). A number of channels that `num_groups` does not divide is a `shape_error`. `validate()` throws
/// `argument_error` for an epsilon that is negative or infinite, and for no group.
///
///     fovea::sequential{fovea::conv2d<3, 8>{.kernel_size = 3}, fovea::group_norm{.num_groups = 4}, fovea::relu{}}
struct group_norm {
  std::size_t num_groups = 1;
  double epsilon = 1e-5;
  bool affine = true;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const {
    if (num_groups == 0 || sample.extent(0) % num_groups != 0)
      throw shape_error("group_norm: num_groups must divide the channels, " + std::to_string(sample.extent(0)) +
                        ", got " + std::to_string(num_groups));
    return sample;
  }
  template <class S> constexpr parameter_list<2> parameters(S const& sample) const {
    return detail::group_normalization::parameters(sample, affine);
  }
  void validate() const {
    require(num_groups > 0, "group_norm: num_groups must be at least 1", static_cast<double>(num_groups));
    require(epsilon >= 0 && epsilon <= 1e30, "group_norm: epsilon must be finite and not negative", epsilon);
  }
  template <class T> void validate_in() const { detail::require_in<T>("group_norm", "epsilon", epsilon); }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    detail::group_normalization::initialize(to, sample, affine);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    return shared().template needs<P>(sample, rows);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    shared().forward(p, x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    shared().backward(p, x, dy, dx);
  }

 private:
  constexpr detail::group_normalization shared() const { return {num_groups, epsilon, affine}; }
};

/// Normalizes each channel, the first axis of a sample, to mean 0 and variance 1 in each row: PyTorch's InstanceNorm1d and
/// InstanceNorm2d without running statistics; `affine = true` then scales and shifts it. Ulyanov et al., "Instance
/// normalization" (2016). A channel of one element, which has no variance, is a `shape_error`. `validate()` throws
/// `argument_error` for an epsilon that is negative or infinite.
struct instance_norm {
  double epsilon = 1e-5;
  bool affine = false;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const {
    static_assert(S::rank > 1, "instance_norm: takes samples of (channels, ...)");
    if (sample.size() < 2 * sample.extent(0))
      throw shape_error("instance_norm: a channel of one element has no variance");
    return sample;
  }
  template <class S> constexpr parameter_list<2> parameters(S const& sample) const {
    return detail::group_normalization::parameters(sample, affine);
  }
  void validate() const {
    require(epsilon >= 0 && epsilon <= 1e30, "instance_norm: epsilon must be finite and not negative", epsilon);
  }
  template <class T> void validate_in() const { detail::require_in<T>("instance_norm", "epsilon", epsilon); }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    detail::group_normalization::initialize(to, sample, affine);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    return shared(sample).template needs<P>(sample, rows);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    shared(fovea::sample_of(x)).forward(p, x, y);
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    shared(fovea::sample_of(x)).backward(p, x, dy, dx);
  }

 private:
  template <class S> constexpr detail::group_normalization shared(S const& sample) const {
    return {sample.extent(0), epsilon, affine};
  }
};

}  // namespace fovea
