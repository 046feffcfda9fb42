// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/places.hpp>
#include <fovea/layers/views.hpp>
#include <fovea/tensor/for_input.hpp>

namespace fovea {

/// Gives each layer an input of its own: a tuple in, a tuple out.
template <class... L> class parallel {
 public:
  static constexpr bool mixes_rows = (fovea::mixes_rows<L> || ...);
  static constexpr bool ties_parameters = (fovea::ties_parameters<L> || ...);

  static constexpr bool is_view = sizeof...(L) != 0 && (detail::view_layer<L> && ...);

  constexpr explicit parallel(L... layers) : layers_(layers...) {}

  constexpr auto sample() const
    requires(knows_sample<L> && ...)
  {
    return std::apply([](L const&... l) { return std::tuple{l.sample()...}; }, layers_);
  }
  template <class... S> constexpr auto output(std::tuple<S...> const& samples) const {
    static_assert(sizeof...(S) == sizeof...(L), "parallel: the number of inputs is not that of layers");
    return over([&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
      return std::get<K>(layers_).output(std::get<K>(samples));
    });
  }
  template <std::size_t... E> constexpr auto output(extents<E...> const& sample) const {
    static_assert(sizeof...(L) == 0, "parallel: takes a tuple of inputs, and the layer before it gives one");
    return sample;
  }
  template <class B, class... X> void check_input(B const& b, char const* who, std::tuple<X...> const& x) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (detail::for_input(K, [&] { detail::check_input(std::get<K>(layers_), b, who, std::get<K>(x)); }), ...);
    }(std::index_sequence_for<L...>{});
  }
  template <class... S, class F> constexpr void for_each_child(std::tuple<S...> const& samples, F const& f) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (f(child_name{K}, std::get<K>(layers_), std::get<K>(samples)), ...);
    }(std::index_sequence_for<L...>{});
  }
  template <class P, class... S> constexpr memory needs(std::tuple<S...> const& samples, std::size_t rows) const {
    memory all;
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      ((all.kept += need<K, P>(samples, rows).kept,
        all.scratch = (std::max)(all.scratch, need<K, P>(samples, rows).scratch)),
       ...);
    }(std::index_sequence_for<L...>{});
    return all;
  }
  template <class P, class... X, class Y> void forward(P const& p, std::tuple<X...> const& x, Y const& y) const {
    auto kept = p.kept;
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      ((std::get<K>(layers_).forward(p.child(K, kept, p.scratch), std::get<K>(x), std::get<K>(y)),
        kept += need<K, P>(fovea::sample_of(x), fovea::rows_of(x)).kept),
       ...);
    }(std::index_sequence_for<L...>{});
  }
  template <class P, class... X, class Y, class DY, class DX>
  void backward(P const& p, std::tuple<X...> const& x, Y const& y, DY const& dy, DX const& dx) const {
    auto kept = p.kept;
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      ((std::get<K>(layers_).backward(p.child(K, kept, p.scratch), std::get<K>(x), std::get<K>(y), std::get<K>(dy),
                                      part<K>(dx)),
        kept += need<K, P>(fovea::sample_of(x), fovea::rows_of(x)).kept),
       ...);
    }(std::index_sequence_for<L...>{});
  }

 private:
  template <class F> static constexpr auto over(F const& f) {
    return [&]<std::size_t... K>(std::index_sequence<K...>) {
      return std::tuple<decltype(f(std::integral_constant<std::size_t, K>{}))...>{
          f(std::integral_constant<std::size_t, K>{})...};
    }(std::index_sequence_for<L...>{});
  }
  template <std::size_t K, class P, class S> constexpr memory need(S const& samples, std::size_t rows) const {
    return fovea::needs_of<P>(std::get<K>(layers_), std::get<K>(samples), rows);
  }
  template <std::size_t K> static constexpr nothing part(nothing) { return {}; }
  template <std::size_t K, class... D> static constexpr auto part(std::tuple<D...> const& dx) {
    return std::get<K>(dx);
  }

  std::tuple<L...> layers_;
};
template <class... L> parallel(L...) -> parallel<L...>;

}  // namespace fovea
