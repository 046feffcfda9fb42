// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include <fovea/layers/layer.hpp>
#include <fovea/layers/require_real.hpp>

/// Layers whose output is their input, perhaps as another sample. Between two layers of a `sequential` they cost nothing.
namespace fovea {

/// What the layers below share: a copy, where one stands last or alone.
struct view {
  static constexpr bool is_view = true;

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    if constexpr (detail::require_real<X>()) p.backend.copy(fovea::read_only(x).elements, y.elements, y.extents.size());
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const&, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>)
      p.backend.copy(fovea::read_only(dy).elements, dx.elements, dy.extents.size());
  }
};

namespace detail {
/// True for a layer whose output is its input's elements: between two other layers, nothing is copied.
template <class L>
concept view_layer = L::is_view;
/// True for a layer that only sets elements to a constant, and scales the others.
template <class L>
concept dropping_layer = L::is_dropout;
}  // namespace detail

/// The layer y = x.
struct identity : view {
  static constexpr bool keeps_sample = true;
  template <class S> constexpr S output(S const& sample) const { return sample; }
};

/// Says what a sample of a network's input is: `input<29>`, `input<3, 28, 28>`; with run-time extents,
/// `input{channels, height, width}`.
template <std::size_t... E> struct input : view {
  extents<E...> each{};

  constexpr input()
    requires(((E != dynamic) && ...))
  = default;
  template <class... N>
    requires(sizeof...(N) == sizeof...(E))
  constexpr explicit input(N... all) : each(std::array<std::size_t, sizeof...(E)>{static_cast<std::size_t>(all)...}) {}

  constexpr extents<E...> sample() const { return each; }
  template <std::size_t... G> constexpr extents<E...> output(extents<G...> const& given) const {
    static_assert(sizeof...(G) == sizeof...(E), "input: a sample has another number of dimensions");
    if (given.to_array() != each.to_array()) throw shape_error("input: a sample has other extents");
    return each;
  }
};
template <class... N> input(N...) -> input<(static_cast<void>(sizeof(N)), dynamic)...>;

/// Makes a sample a vector of its elements: PyTorch's Flatten.
struct flatten : view {
  template <std::size_t... E> constexpr auto output(extents<E...> const& sample) const {
    return extents<detail::static_shape<E...>::size>({sample.size()});
  }
};

/// Makes a sample one of other extents and as many elements: `reshape<1, 28, 28>`. PyTorch's Unflatten.
template <std::size_t... To> struct reshape : view {
  template <std::size_t... E> constexpr extents<To...> output(extents<E...> const& sample) const {
    constexpr std::size_t given = detail::static_shape<E...>::size, made = detail::static_shape<To...>::size;
    static_assert(made != dynamic, "reshape: takes extents that are known at compile time");
    static_assert(given == made || given == dynamic, "reshape: the sample has another number of elements");
    if (sample.size() != made)
      throw shape_error("reshape makes a sample of " + std::to_string(made) + " elements, the layer before it gives " +
                        std::to_string(sample.size()));
    return {};
  }
};

}  // namespace fovea
