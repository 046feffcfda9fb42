// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/layer.hpp>
#include <fovea/scalar/formulas.hpp>

/// The two places where neighbors fuse. An epilogue is a formula that a layer applies to each element of its result while that
/// is at hand. A prologue makes the gradient of a layer's result what it is to be and, in the same pass, folds what the layer
/// needs of it.
namespace fovea {

namespace formulas {
template <class F> struct times_slope {
  F f;
  template <class T> FOVEA_HD constexpr T operator()(T& dy, T const& y) const {
    return dy = dy * f.slope_from_output(y);
  }
};
struct sum_of_two {
  template <class T> FOVEA_HD constexpr void operator()(T const& a, T const& b, T& y) const { y = a + b; }
};
struct add_to {
  template <class T> FOVEA_HD constexpr void operator()(T const& x, T& sum) const { sum = sum + x; }
};
}  // namespace formulas

/// Adds n numbers to others.
template <class P, class T> void add_to(P const& p, std::size_t n, T const* from, std::type_identity_t<T>* to) {
  p.backend.for_each(domain<1, dynamic>({1, n}), formulas::add_to{}, each{from}, each{to});
}

/// Calls sum(pointers...), which writes n numbers of the gradient of each of these parameters (their indices). Where gradients
/// accumulate, it writes them to scratch, and they are added; where the layer does not have the parameters, they stay there.
/// `summed_bytes` is what that takes.
template <std::size_t... Parameter, class P, class Sum>
void sum_gradients(P const& p, std::size_t n, Sum const& sum, bool has = true) {
  using T = typename P::value_type;
  if (!P::accumulates && has) {
    sum(p.gradient_of(Parameter)...);
  } else {
    auto* at = p.scratch;
    auto const next = [&] { return reinterpret_cast<T*>(std::exchange(at, at + P::bytes(n))); };
    std::array<T*, sizeof...(Parameter)> const own{(static_cast<void>(Parameter), next())...};
    std::apply(sum, own);
    std::size_t i = 0;
    if constexpr (P::accumulates)
      if (has) (fovea::add_to(p, n, static_cast<T const*>(own[i++]), p.gradient_of(Parameter)), ...);
  }
}
/// Returns the bytes of scratch memory that the sums above need.
template <class P> constexpr std::size_t summed_bytes(std::size_t n, std::size_t parameters, bool has = true) {
  return P::accumulates || !has ? parameters * P::bytes(n) : 0;
}

/// Returns parameter i or, where an option leaves it out, n numbers that stand for it, which it writes to scratch.
template <class P>
auto const* parameter_or(P const& p, bool has, std::size_t i, std::size_t n, double number, std::byte* scratch) {
  using T = typename P::value_type;
  if (has) return p.parameter(i);
  auto* const own = reinterpret_cast<T*>(scratch);
  p.backend.for_each_index(n, formulas::fill<T>{own, static_cast<T>(number)});
  return static_cast<T const*>(own);
}

/// The prologue that leaves the gradient as it is. A prologue is called as
///
///   prologue(backend, y, dy, f, results...)    y and dy are matrices; f, a formula with `slope_from_output`, was applied to y
///                                              last; results are `by_column` and the like, of the gradient before f
struct no_prologue {
  template <class B, class Y, class DY, class F, class... R>
  void operator()(B const& b, Y const& y, DY const& dy, F const& f, R const&... results) const {
    using T = std::remove_reference_t<decltype(*dy.elements)>;
    auto const outputs = each{static_cast<T const*>(y.elements)};
    if constexpr (sizeof...(R) != 0 && std::same_as<F, identity_formula>)
      b.reduce(dy.extents, f, std::tuple{results...}, each{static_cast<T const*>(dy.elements)});
    else if constexpr (sizeof...(R) != 0)
      b.reduce(dy.extents, formulas::times_slope<F>{f}, std::tuple{results...}, each{dy.elements}, outputs);
    else if constexpr (!std::same_as<F, identity_formula>)
      b.for_each(dy.extents, formulas::times_slope<F>{f}, each{dy.elements}, outputs);
  }
};

/// A prologue for the gradient before a formula that was fused.
template <class Prologue, class F> struct prologue_before {
  Prologue prologue;
  F formula;
  template <class B, class Y, class DY, class... R>
  void operator()(B const& b, Y const& y, DY const& dy, identity_formula, R const&... results) const {
    prologue(b, y, dy, formula, results...);
  }
  /// What a layer may do itself: multiply dy by `formula.slope_from_output(y)`.
  void activation_alone() const
    requires std::same_as<Prologue, no_prologue>
  {}
};

/// True for a prologue that takes the elements of y and dy as a matrix of any rows and columns.
template <class Prologue> inline constexpr bool any_matrix = false;
template <> inline constexpr bool any_matrix<no_prologue> = true;
template <class Prologue, class F>
inline constexpr bool any_matrix<prologue_before<Prologue, F>> = any_matrix<Prologue>;

/// A layer whose `forward` takes an epilogue and whose `backward` takes a prologue.
template <class L>
concept takes_epilogue = requires { requires L::takes_epilogue; };

/// A layer and the activation after it, as one layer.
template <takes_epilogue L, class F> struct fused {
  L layer;
  F formula;

  template <class S> constexpr auto output(S const& sample) const { return layer.output(sample); }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    return fovea::needs_of<P>(layer, sample, rows);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    layer.forward(p, x, y, formula);
  }
  template <class P, class X, class Y, class DY, class DX, class Prologue = no_prologue>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx, Prologue const& prologue = {}) const {
    layer.backward(p, x, y, dy, dx, prologue_before<Prologue, F>{prologue, formula});
  }
};

namespace detail {

/// Calls the layer's `backward` with the prologue, or the prologue before it; of several outputs, it is that of the first.
template <class L, class P, class X, class Y, class DY, class DX, class Prologue>
void backward_after(L const& l, P const& p, X const& x, Y const& y, DY const& dy, DX const& dx,
                    Prologue const& prologue) {
  if constexpr (requires { l.backward(p, x, y, dy, dx, prologue); }) {
    l.backward(p, x, y, dy, dx, prologue);
  } else if constexpr (requires { l.backward(p, x, y, dy, dx); }) {
    if constexpr (!std::same_as<Prologue, no_prologue>)
      prologue(p.backend, fovea::as_last_axis(detail::first_of(y)), fovea::as_last_axis(detail::first_of(dy)),
               identity_formula{});
    l.backward(p, x, y, dy, dx);
  }
}

}  // namespace detail

}  // namespace fovea
