// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/places.hpp>

namespace fovea {

/// The layer y = x + body(x); its parameters are called "body.…". The body keeps its input's sample. He et al., "Deep residual
/// learning for image recognition" (2015).
///
///     fovea::residual{fovea::sequential{fovea::linear<32, 32>{}, fovea::relu{}, fovea::linear<32, 32>{}}}
template <class Body> class residual {
 public:
  static constexpr bool keeps_sample = true, takes_frozen = true;

  constexpr explicit residual(Body layer) : body(layer) {}

  constexpr auto sample() const
    requires knows_sample<Body>
  {
    return body.sample();
  }
  template <class S> constexpr S output(S const& sample) const {
    static_assert(layer<Body, S>, "residual: the body is no layer for its input: see `fovea::layer`");
    auto const made = body.output(sample);
    constexpr bool same_rank = [] {
      if constexpr (requires { output_of<Body, S>::rank; }) return output_of<Body, S>::rank == S::rank;
      else return false;
    }();
    static_assert(same_rank, "residual: the body changes the shape of a sample");
    if constexpr (same_rank) {
      constexpr std::size_t given = static_size_of<S>, size = static_size_of<output_of<Body, S>>;
      constexpr bool may_fit = given == size || given == dynamic || size == dynamic;
      static_assert(may_fit, "residual: the body changes the shape of a sample");
      if (may_fit && made.to_array() != sample.to_array())
        throw shape_error("residual: the body changes the shape of a sample");
    }
    return sample;
  }
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    detail::check_input(body, b, who, x);
  }
  template <class S, class F> constexpr void for_each_child(S const& sample, F const& f) const {
    f(child_name{0, "body"}, body, sample);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const of_body = fovea::needs_of<P>(body, sample, rows);
    auto const own = fovea::batch_bytes<P>(sample, rows);
    return {P::differentiates ? own + of_body.kept : 0, own + of_body.scratch};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    auto const own = own_bytes<P>(x);
    auto const made =
        fovea::batch_at<P>(P::differentiates ? p.kept : p.scratch, fovea::sample_of(x), fovea::rows_of(x));
    body.forward(p.child(0, body, p.kept + (P::differentiates ? own : 0), p.scratch + own), x, made);
    p.backend.for_each(fovea::as_last_axis(y).extents, formulas::sum_of_two{}, each{fovea::read_only(x).elements},
                       each{fovea::read_only(made).elements}, out{y.elements});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    auto const own = own_bytes<P>(x);
    auto const made = fovea::read_only(fovea::batch_at<P>(p.kept, fovea::sample_of(x), fovea::rows_of(x)));
    auto const child = p.child(0, p.kept + own, p.scratch + own);
    if constexpr (std::same_as<DX, nothing>) {
      body.backward(child, x, made, dy, dx);
    } else {  // the body may overwrite dy, so its own is a copy
      auto const slopes = fovea::batch_at<P>(p.scratch, fovea::sample_of(x), fovea::rows_of(x));
      p.backend.copy(fovea::read_only(dy).elements, slopes.elements, slopes.size());
      body.backward(child, x, made, slopes, dx);
      fovea::add_to(p, dx.size(), fovea::read_only(dy).elements, dx.elements);
    }
  }

  Body body;

 private:
  template <class P, class X> static std::size_t own_bytes(X const& x) {
    return fovea::batch_bytes<P>(fovea::sample_of(x), fovea::rows_of(x));
  }
};
template <class Body> residual(Body) -> residual<Body>;
/// A residual of a residual, not a copy of it.
template <class Body> residual(residual<Body>) -> residual<residual<Body>>;

}  // namespace fovea
