// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/require_real.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace formulas {

/// Turns one pair of features by an angle that grows with its step.
template <class T> struct rotate_pair {
  T const* from;
  T* to;
  std::size_t steps, width, head_width;
  double log_base, sign;
  bool interleaved;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const half = head_width / 2, pairs = width / 2, row = i / pairs, head = i % pairs / half, k = i % half;
    auto const begin = row * width + head * head_width;
    auto const first = begin + (interleaved ? 2 * k : k), second = begin + (interleaved ? 2 * k + 1 : half + k);
    double const angle = static_cast<double>(row % steps) *
                         std::exp(-log_base * static_cast<double>(2 * k) / static_cast<double>(head_width));
    T const c = static_cast<T>(std::cos(angle)), s = static_cast<T>(sign * std::sin(angle));
    T const a = from[first], b = from[second];
    to[first] = a * c - b * s;
    to[second] = a * s + b * c;
  }
};

}  // namespace formulas

/// Turns the pairs of features of step t of a sequence (steps, width), pair k by the angle t / base^(2 k / n) in each head of n = width /
/// `heads` features: rotary position embedding, of queries and keys. Pairs are neighbors, or with `interleaved = false` the features
/// of both halves of a head, as in LLaMA. Su et al., "RoFormer" (2021). `validate()` throws `argument_error` unless the base is above
/// 1; heads that do not divide the width into even parts are a `shape_error`.
///
///     fovea::sequential{fovea::input<12, 16>{}, fovea::linear<16, 16>{}, fovea::rotary_embedding{.heads = 4}}
struct rotary_embedding {
  std::size_t heads = 1;
  double base = 1e4;
  bool interleaved = true;

  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const {
    static_assert(S::rank == 2, "rotary_embedding: takes samples of (steps, width)");
    if (heads == 0 || sample.extent(1) % (2 * heads) != 0)
      throw shape_error("rotary_embedding: " + std::to_string(heads) + " heads must have even parts of the width " +
                        std::to_string(sample.extent(1)));
    return sample;
  }
  void validate() const {
    require(base > 1 && base <= 1e30, "rotary_embedding: base must be finite and above 1", base);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>()) rotate(p, fovea::read_only(x), y, 1);
  }
  /// The transpose of a rotation is that by the negative angle.
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const&, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>) rotate(p, fovea::read_only(dy), dx, -1);
  }

 private:
  template <class P, class X, class Y> void rotate(P const& p, X const& from, Y const& to, double sign) const {
    auto const steps = to.extents.extent(1), width = to.extents.extent(2);
    p.backend.for_each_index(to.extents.size() / 2, formulas::rotate_pair<typename P::value_type>{
                                                        from.elements, to.elements, steps, width, width / heads,
                                                        std::log(base), sign, interleaved});
  }
};
static_assert(layer<rotary_embedding, extents<2, 4>>);

}  // namespace fovea
