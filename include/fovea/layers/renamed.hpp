// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/places.hpp>

namespace fovea {

/// The beginning of a parameter's name, and what stands there instead.
struct renaming_rule {
  std::string_view beginning, replacement;
};

/// The same layer, whose parameters have other names: the first rule that begins a name changes it. A parameter that is tied to one
/// in it calls it by its new name. It does not say which samples the layer takes: a network that begins with it begins with `input<...>`.
///
///     fovea::renamed{fovea::sequential{fovea::linear<4, 8>{}, fovea::relu{}, fovea::linear<8, 2>{}},
///                    std::array{fovea::renaming_rule{"0.", "hidden."}, fovea::renaming_rule{"2.", "head."}}}
template <class L, std::size_t N> struct renamed {
  L layer;
  std::array<renaming_rule, N> rules;

  static constexpr bool mixes_rows = fovea::mixes_rows<L>, ties_parameters = fovea::ties_parameters<L>;
  static constexpr bool keeps_sample = detail::keeps_sample<L>;

  template <class S> constexpr auto output(S const& sample) const { return layer.output(sample); }
  template <class S, class F> constexpr void for_each_child(S const& sample, F const& f) const {
    f(child_name{0}, layer, sample);
  }
  std::string renamed_parameter(std::string const& whole) const {
    auto name = whole.substr(2);  // without "0."
    for (auto const& r : rules)
      if (name.starts_with(r.beginning)) return std::string(r.replacement) + name.substr(r.beginning.size());
    return name;
  }
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    detail::check_input(layer, b, who, x);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    return fovea::needs_of<P>(layer, sample, rows);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    layer.forward(p.child(0, p.kept, p.scratch), x, y);
  }
  template <class P, class X, class Y, class DY, class DX, class Prologue = no_prologue>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx, Prologue const& prologue = {}) const {
    detail::backward_after(layer, p.child(0, p.kept, p.scratch), x, y, dy, dx, prologue);
  }
};
template <class L, std::size_t N> renamed(L, std::array<renaming_rule, N>) -> renamed<L, N>;

}  // namespace fovea
