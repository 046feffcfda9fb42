// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/linear.hpp>

namespace fovea {

namespace formulas {

/// Writes the products of all pairs of numbers of two rows.
template <class T> struct outer_product {
  T const *a, *b;
  T* to;
  std::size_t first, second;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i / (first * second), k = i % (first * second);
    to[i] = a[row * first + k / second] * b[row * second + k % second];
  }
};
/// Writes the slope of one of the two rows from those of the products: sums over the numbers of the other one.
template <class T> struct outer_slope {
  T const *slopes, *other;
  T* to;
  std::size_t own, others, stride, other_stride;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i / own, k = i % own;
    T sum(0);
    for (std::size_t j = 0; j != others; ++j)
      sum += slopes[row * own * others + k * stride + j * other_stride] * other[row * others + j];
    to[i] = sum;
  }
};

}  // namespace formulas

/// y = a^T weight_k b + bias_k for each output k, of two inputs (In1) and (In2), with weight of shape (Out, In1, In2): PyTorch's
/// Bilinear. `validate()` throws `argument_error` unless all widths are at least 1.
///
///     constexpr fovea::sequential net{fovea::parallel{fovea::input<3>{}, fovea::input<4>{}}, fovea::bilinear<3, 4, 2>{}};
template <std::size_t In1 = dynamic, std::size_t In2 = dynamic, std::size_t Out = dynamic> struct bilinear {
  [[no_unique_address]] extent<In1> in1 = {};
  [[no_unique_address]] extent<In2> in2 = {};
  [[no_unique_address]] extent<Out> out = {};
  bool bias = true;

  template <class A, class B> constexpr extents<Out> output(std::tuple<A, B> const& samples) const {
    static_assert(A::rank == 1 && B::rank == 1, "bilinear: takes two inputs of (features)");
    if (std::get<0>(samples).extent(0) != in1 || std::get<1>(samples).extent(0) != in2)
      throw shape_error("bilinear takes " + std::to_string(in1) + " and " + std::to_string(in2) +
                        " features, the layer before it gives " + std::to_string(std::get<0>(samples).extent(0)) +
                        " and " + std::to_string(std::get<1>(samples).extent(0)));
    return extents<Out>({out});
  }
  template <class S> constexpr parameter_list<2> parameters(S const&) const {
    return {{{{"weight", shape(std::array<std::size_t, 3>{out, in1, in2})},
              {"bias", shape(std::array<std::size_t, 1>{out})}}},
            bias ? 2u : 1u};
  }
  void validate() const {
    if (in1 == 0 || in2 == 0 || out == 0) throw argument_error("bilinear: widths must be at least 1");
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const&) const {
    double const bound = 1 / std::sqrt(static_cast<double>(in1));
    to.uniform(0, out * pairs(), bound);
    if (bias) to.uniform(1, out, bound);
  }
  template <class P, class S> constexpr memory needs(S const&, std::size_t rows) const {
    auto const products = P::bytes(rows * pairs());
    return {0, products + P::bytes(out) + fovea::summed_bytes<P>(out, 1, bias)};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    auto const* const biases =
        fovea::parameter_or(p, bias, 1, out, 0, p.scratch + P::bytes(fovea::rows_of(x) * pairs()));
    p.backend.multiply(fovea::as_rows(y), fovea::read_only(products(p, x)),
                       fovea::transposed(weight<P>(p.parameter(0))), {}, formulas::add_bias<identity_formula>{},
                       per_column{biases});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    auto const slopes = fovea::as_rows(fovea::read_only(dy));
    auto const rows = fovea::rows_of(x);
    auto own = p;
    own.scratch += P::bytes(rows * pairs());
    fovea::sum_gradients<1>(
        own, out,
        [&](auto* to) {
          p.backend.reduce(slopes.extents, identity_formula{}, std::tuple{by_column{to}}, each{slopes.elements});
        },
        bias);
    auto const all = products(p, x);
    p.backend.multiply(weight<P>(p.gradient_of(0)), fovea::transposed(slopes), fovea::read_only(all),
                       {.accumulate = P::accumulates});
    if constexpr (!std::same_as<DX, nothing>) {
      p.backend.multiply(all, slopes, weight<P>(p.parameter(0)));
      give<0>(p, rows, all.elements, x, std::get<0>(dx));
      give<1>(p, rows, all.elements, x, std::get<1>(dx));
    }
  }

 private:
  constexpr std::size_t pairs() const { return in1 * in2; }
  template <class P, class T> matrix_span<typename P::backend_type, T> weight(T* all) const {
    return {all, domain<>({out, pairs()})};
  }
  /// Returns the products of both inputs' numbers (rows, In1 In2), in scratch.
  template <class P, class X> auto products(P const& p, X const& x) const {
    using T = typename P::value_type;
    auto const rows = fovea::rows_of(x);
    auto* const to = reinterpret_cast<T*>(p.scratch);
    p.backend.for_each_index(rows * pairs(),
                             formulas::outer_product<T>{fovea::read_only(std::get<0>(x)).elements,
                                                        fovea::read_only(std::get<1>(x)).elements, to, in1, in2});
    return matrix_span<typename P::backend_type, T>{to, domain<>({rows, pairs()})};
  }
  template <std::size_t K, class P, class T, class X, class D>
  void give(P const& p, std::size_t rows, T const* slopes, X const& x, D const& to) const {
    if constexpr (!std::same_as<D, nothing>) {
      std::size_t const own = K == 0 ? std::size_t{in1} : std::size_t{in2}, others = K == 0 ? in2 : in1;
      p.backend.for_each_index(
          rows * own, formulas::outer_slope<T>{slopes, fovea::read_only(std::get<1 - K>(x)).elements, to.elements, own,
                                               others, K == 0 ? std::size_t{in2} : 1, K == 0 ? 1 : std::size_t{in2}});
    }
  }
};
bilinear(std::size_t, std::size_t, std::size_t) -> bilinear<dynamic, dynamic, dynamic>;

}  // namespace fovea
