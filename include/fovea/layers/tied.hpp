// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/places.hpp>

namespace fovea {

/// A layer whose parameter `name` is the memory of another parameter of the same shape, of a layer before it, whose name in the
/// network is `same_as`. Both uses add to its gradient. A model throws `argument_error` if there is no such parameter. Press and
/// Wolf, "Using the output embedding to improve language models" (2017).
///
///     fovea::sequential{fovea::input<1>{}, fovea::embedding<1000, 16>{}, fovea::flatten{}, fovea::linear<16, 16>{}, fovea::tanh{},
///                       fovea::tied{fovea::linear<16, 1000>{}, "weight", "0.weight"}}
template <class L> struct tied {
  L layer;
  std::string_view name, same_as;

  static constexpr bool ties_parameters = true;
  static constexpr bool keeps_sample = detail::keeps_sample<L>;
  static constexpr bool takes_epilogue = fovea::takes_epilogue<L>;

  constexpr auto sample() const
    requires knows_sample<L>
  {
    return layer.sample();
  }
  template <class S> constexpr auto output(S const& s) const { return layer.output(s); }
  template <class S> constexpr auto parameters(S const& s) const {
    static_assert(!composite<L, S>, "tied: ties a parameter of one layer, not of a layer made of layers");
    auto all = fovea::parameters_of(layer, s);
    bool found = false;
    for (auto& p : all)
      if (p.name == name) p.same_as = same_as, found = true;
    if (!found) throw argument_error("tied: the layer has no parameter \"" + std::string(name) + "\"");
    return all;
  }
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    detail::check_input(layer, b, who, x);
  }
  template <class S> constexpr auto state(S const& s) const { return fovea::state_of(layer, s); }
  template <class S> void check_batch(S const& s, std::size_t rows) const { detail::check_batch(layer, s, rows); }
  void validate() const { fovea::validate(layer); }
  template <class T> void validate_in() const { fovea::validate_in<T>(layer); }
  template <class B, class S> void initialize(initialization<B> const& to, S const& s) const {
    detail::initialize(layer, s, to);
  }
  template <class P, class S> constexpr memory needs(S const& s, std::size_t rows) const {
    return fovea::needs_of<P>(layer, s, rows);
  }
  template <class P, class X, class Y, class... F>
  void forward(P const& p, X const& x, Y const& y, F const&... epilogue) const {
    layer.forward(p, x, y, epilogue...);
  }
  template <class P, class X, class Y, class DY, class DX, class Prologue = no_prologue>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx, Prologue const& prologue = {}) const {
    detail::backward_after(layer, p, x, y, dy, dx, prologue);
  }
};
template <class L> tied(L, std::string_view, std::string_view) -> tied<L>;

}  // namespace fovea
