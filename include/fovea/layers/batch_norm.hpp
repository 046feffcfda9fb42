// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>

#include <fovea/layers/channels.hpp>
#include <fovea/layers/normalization.hpp>
#include <fovea/scalar/without_denormals.hpp>

namespace fovea {

namespace formulas {

template <class T> struct multiply_by {
  T* destination;
  double factor;
  FOVEA_HD void operator()(std::size_t i) const {
    destination[i] = static_cast<T>(static_cast<double>(destination[i]) * factor);
  }
};
struct squared_difference {
  template <class Z> FOVEA_HD constexpr Z operator()(Z const& x, Z const& mean) const {
    return (x - mean) * (x - mean);
  }
};
/// Makes the sums of squares rates, and updates the running statistics.
template <class T> struct finish_statistics {
  T const* means;
  T* rates;  // sums of squared differences, until here
  T *running_mean, *running_var;
  std::int64_t const* batches;  // before this one
  double n, epsilon, momentum;  // momentum below 0: the mean of all batches
  FOVEA_HD void operator()(std::size_t c) const {
    double const sum = static_cast<double>(rates[c]), mean = static_cast<double>(means[c]);
    double const share = momentum < 0 ? 1 / (static_cast<double>(*batches) + 1) : momentum;
    double const old_mean = static_cast<double>(running_mean[c]), old_var = static_cast<double>(running_var[c]);
    running_mean[c] = math::without_denormals(static_cast<T>(old_mean + share * (mean - old_mean)));
    running_var[c] = math::without_denormals(static_cast<T>(old_var + share * (sum / (n - 1) - old_var)));
    rates[c] = static_cast<T>(1 / std::sqrt(sum / n + epsilon));
  }
};
struct increment {
  std::int64_t* count;
  FOVEA_HD void operator()(std::size_t) const { ++*count; }
};
/// The rates and means of prediction.
template <class T> struct running_rates {
  T const *running_mean, *running_var;
  T *means, *rates;
  double epsilon;
  FOVEA_HD void operator()(std::size_t c) const {
    means[c] = running_mean[c];
    rates[c] = static_cast<T>(1 / std::sqrt(static_cast<double>(running_var[c]) + epsilon));
  }
};
/// The normalized x, and an activation of it.
template <class F> struct normalize_and {
  F f;
  template <class Z>
  FOVEA_HD constexpr void operator()(Z const& x, Z& y, Z const& mean, Z const& rate, Z const& weight,
                                     Z const& bias) const {
    normalize{}(x, y, mean, rate, weight, bias);
    y = f(y);
  }
};
/// Makes dy the gradient before that activation; returns what `normalized_slope` returns.
template <class F> struct normalized_slope_before {
  F f;
  template <class Z>
  FOVEA_HD constexpr terms<Z, 2> operator()(Z const& x, Z const& y, Z& dy, Z const& mean, Z const& rate) const {
    dy = dy * f.slope_from_output(y);
    return normalized_slope{}(x, dy, mean, rate);
  }
};
/// dx = weight rate (dy - sum(dy) / n - x^ sum(dy x^) / n), where x^ is the normalized x; the sums are 0 in prediction mode.
struct channel_slope {
  double share;  // 1 / n
  template <class Z>
  FOVEA_HD constexpr void operator()(Z const& x, Z const& dy, Z& dx, Z const& mean, Z const& rate, Z const& weight,
                                     Z const& along, Z const& level) const {
    Z const part = math::constant<Z>(share);
    dx = weight * rate * (dy - level * part - (x - mean) * rate * (along * part));
  }
  template <class Z>
  FOVEA_HD constexpr void operator()(Z const&, Z const& dy, Z& dx, Z const&, Z const& rate, Z const& weight) const {
    dx = weight * rate * dy;
  }
};

}  // namespace formulas

/// Normalizes each channel, the first axis of a sample, to mean 0 and variance 1 over the batch, then scales and shifts it: PyTorch's
/// BatchNorm1d of features and BatchNorm2d of images. Ioffe and Szegedy, "Batch normalization" (2015).
///
/// In training it takes the batch's mean and variance, and moves `running_mean` and `running_var` (unbiased) towards them by the
/// share `momentum`; without a momentum they become the mean of all batches. In prediction it takes the running ones. `affine =
/// false` leaves scale and shift out. Training on one value per channel is a `shape_error`. `validate()` throws `argument_error` for an
/// epsilon that is negative or infinite and a momentum outside [0, 1]. On several ranks, the batch is a rank's, or that of all ranks by the
/// trainer's option `synchronize_statistics`.
///
/// In training, `forward` passes three times over the batch (mean, variance, result) and `backward` twice; the activation after it is
/// computed in these passes.
///
///     constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::batch_norm{}, fovea::relu{}, fovea::linear<16, 1>{}};
struct batch_norm {
  double epsilon = 1e-5;
  std::optional<double> momentum = 0.1;
  bool affine = true;

  static constexpr bool keeps_sample = true, mixes_rows = true, takes_epilogue = true;
  template <class S> constexpr S output(S const& sample) const { return sample; }
  template <class S> constexpr parameter_list<2> parameters(S const& sample) const {
    return {{{{"weight", channels(sample)}, {"bias", channels(sample)}}}, affine ? 2u : 0u};
  }
  template <class S> constexpr std::array<state_spec, 3> state(S const& sample) const {
    return {{{"running_mean", channels(sample)},
             {"running_var", channels(sample)},
             {"num_batches_tracked", shape(), state_kind::count}}};
  }
  void validate() const {
    require(epsilon >= 0 && epsilon <= 1e30, "batch_norm: epsilon must be finite and not negative", epsilon);
    require(!momentum || (*momentum >= 0 && *momentum <= 1), "batch_norm: momentum must be in [0, 1]",
            momentum.value_or(0));
  }
  template <class T> void validate_in() const { detail::require_in<T>("batch_norm", "epsilon", epsilon); }
  template <class S> void check_batch(S const& sample, std::size_t rows) const {
    if (rows * sample.size() / sample.extent(0) < 2)
      throw shape_error(
          "batch_norm: a batch of " + std::to_string(rows) +
          " row has one value for each channel, which has no variance; choose another batch size, or drop_last");
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    using T = typename B::value_type;
    if (affine) to.fill(0, sample.extent(0), 1), to.fill(1, sample.extent(0), 0);
    to.fill_state(0, sample.extent(0), T(0));
    to.fill_state(1, sample.extent(0), T(1));
    to.fill_state(2, 1, std::int64_t{0});
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const numbers = 2 * P::bytes(sample.extent(0));
    return {P::differentiates ? numbers : 0, sums_at<P>(sample, rows) + numbers};
  }

  template <class P, class X, class Y, class F = identity_formula>
  void forward(P const& p, X const& x, Y const& y, F const& f = {}) const {
    using T = typename P::value_type;
    auto const sample = fovea::sample_of(x);
    auto const n = sample.extent(0);
    auto* const statistics = P::differentiates ? p.kept : p.scratch;
    auto *const means = reinterpret_cast<T*>(statistics), *const rates = reinterpret_cast<T*>(statistics + P::bytes(n));
    auto verbs = verbs_of(p, x);
    std::tuple const input{each{fovea::read_only(x).elements}};
    if constexpr (P::training) {
      double const count = numbers_of_channel(p, x);
      verbs.sum(identity_formula{}, {means, nullptr}, input);
      p.sum_over_ranks(means, n);
      p.backend.for_each_index(n, formulas::multiply_by<T>{means, 1 / count});
      verbs.sum(formulas::squared_difference{}, {rates, nullptr}, input, static_cast<T const*>(means));
      p.sum_over_ranks(rates, n);
      auto* const batches = p.template state_of<std::int64_t>(2);
      p.backend.for_each_index(n, formulas::finish_statistics<T>{means, rates, p.state_of(0), p.state_of(1), batches,
                                                                 count, epsilon, momentum.value_or(-1)});
      p.backend.for_each_index(1, formulas::increment{batches});
    } else {
      p.backend.for_each_index(n, formulas::running_rates<T>{p.state_of(0), p.state_of(1), means, rates, epsilon});
    }
    verbs.for_each(formulas::normalize_and<F>{f}, std::tuple{each{fovea::read_only(x).elements}, out{y.elements}},
                   static_cast<T const*>(means), static_cast<T const*>(rates), weight(p, x), bias(p, x));
  }
  template <class P, class X, class Y, class DY, class DX, class Prologue = no_prologue>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx, Prologue const& prologue = {}) const {
    using T = typename P::value_type;
    auto const n = fovea::sample_of(x).extent(0);
    auto const *const means = reinterpret_cast<T const*>(p.kept), *const rates =
                                                                      reinterpret_cast<T const*>(p.kept + P::bytes(n));
    auto verbs = verbs_of(p, x);
    auto const inputs = each{fovea::read_only(x).elements}, slopes = each{fovea::read_only(dy).elements};
    auto const run = [&](T* along, T* level) {
      if constexpr (requires { prologue.activation_alone(); }) {
        formulas::normalized_slope_before<std::remove_const_t<decltype(prologue.formula)>> const sums{prologue.formula};
        verbs.sum(sums, {along, level}, std::tuple{inputs, each{fovea::read_only(y).elements}, each{dy.elements}},
                  means, rates);
      } else {
        prologue(p.backend, fovea::as_last_axis(y), fovea::as_last_axis(dy), identity_formula{});
        verbs.sum(formulas::normalized_slope{}, {along, level}, std::tuple{inputs, slopes}, means, rates);
      }
      if constexpr (!std::same_as<DX, nothing>) {
        std::tuple const operands{inputs, slopes, out{dx.elements}};
        formulas::channel_slope const formula{1 / numbers_of_channel(p, x)};
        if constexpr (P::training) {
          auto const [all_along, all_level] = sums_over_ranks(p, x, along, level);
          verbs.for_each(formula, operands, means, rates, weight(p, x), all_along, all_level);
        } else {
          verbs.for_each(formula, operands, means, rates, weight(p, x));
        }
      }
    };
    fovea::sum_gradients<0, 1>(p, n, run, affine);
  }

 private:
  template <class S> static constexpr bool has_inner = S::rank > 1;
  template <class S> static constexpr shape channels(S const& sample) {
    return shape(std::array<std::size_t, 1>{sample.extent(0)});
  }
  /// Returns where in scratch the constants lie that stand for weight and bias.
  template <class P, class S> static constexpr std::size_t constants_at(S const& sample, std::size_t rows) {
    auto const n = sample.extent(0);
    return 2 * P::bytes(n) + detail::channel_verbs<P, has_inner<S>>::scratch_bytes(rows, n, 5);
  }
  /// Returns where in scratch the sums of all ranks lie.
  template <class P, class S> constexpr std::size_t sums_at(S const& sample, std::size_t rows) const {
    return constants_at<P>(sample, rows) + (affine ? 0 : 2 * P::bytes(sample.extent(0)));
  }
  /// The numbers of a channel in the batch, on all ranks that share it.
  template <class P, class X> static double numbers_of_channel(P const& p, X const& x) {
    auto const sample = fovea::sample_of(x);
    return static_cast<double>(p.rows_of_batch(fovea::rows_of(x)) * sample.size()) /
           static_cast<double>(sample.extent(0));
  }
  /// Returns both sums over the rows of all ranks; this rank's stay, for they are gradients.
  template <class P, class X, class T>
  std::array<T const*, 2> sums_over_ranks(P const& p, X const& x, T const* along, T const* level) const {
    if (!p.shared) return {along, level};
    auto const sample = fovea::sample_of(x);
    auto const n = sample.extent(0);
    auto* const sums = reinterpret_cast<T*>(p.scratch + sums_at<P>(sample, fovea::rows_of(x)));
    p.backend.copy(along, sums, n), p.backend.copy(level, sums + n, n);
    p.sum_over_ranks(sums, 2 * n);
    return {sums, sums + n};
  }
  template <class P, class X> auto const* weight(P const& p, X const& x) const { return constant(p, x, 0, 1); }
  template <class P, class X> auto const* bias(P const& p, X const& x) const { return constant(p, x, 1, 0); }
  template <class P, class X> auto const* constant(P const& p, X const& x, std::size_t i, double number) const {
    auto const sample = fovea::sample_of(x);
    auto const n = sample.extent(0);
    auto* const at = p.scratch + constants_at<P>(sample, fovea::rows_of(x)) + i * P::bytes(n);
    return fovea::parameter_or(p, affine, i, n, number, at);
  }
  template <class P, class X> static auto verbs_of(P const& p, X const& x) {
    auto const sample = fovea::sample_of(x);
    auto const n = sample.extent(0);
    return detail::channel_verbs<P, has_inner<std::remove_const_t<decltype(sample)>>>{
        p, fovea::rows_of(x), n, sample.size() / n, p.scratch + 2 * P::bytes(n)};
  }
};

}  // namespace fovea
