// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/places.hpp>
#include <fovea/layers/views.hpp>
#include <fovea/tensor/for_input.hpp>

namespace fovea {

/// Gives each layer an input of its own: a tuple in, a tuple out. Integers that go through a view, such as the lengths of sequences,
/// reach the next layer of a `sequential` as integers.
template <class... L> class parallel {
 public:
  static constexpr bool is_view = sizeof...(L) != 0 && (detail::view_layer<L> && ...), takes_frozen = true;

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
  /// Returns the outputs as the next layer takes them: integers that a view passes on are the input's own.
  template <class... X, class... Y> static constexpr auto passed(std::tuple<X...> const& x, std::tuple<Y...> const& y) {
    return over([&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
      if constexpr (passes<K, X...>) return fovea::reshaped(std::get<K>(x), fovea::sample_of(std::get<K>(y)));
      else return std::get<K>(y);
    });
  }
  /// Returns their slopes, `nothing` for such integers.
  template <class... X, class... D>
  static constexpr auto passed_slopes(std::tuple<X...> const&, std::tuple<D...> const& slopes) {
    return over([&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
      if constexpr (passes<K, X...>) return nothing{};
      else return std::get<K>(slopes);
    });
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
      ((forward_part<K>(p.child(K, std::get<K>(layers_), kept, p.scratch), std::get<K>(x), std::get<K>(y)),
        kept += need<K, P>(fovea::sample_of(x), fovea::rows_of(x)).kept),
       ...);
    }(std::index_sequence_for<L...>{});
  }
  template <class P, class... X, class Y, class DY, class DX>
  void backward(P const& p, std::tuple<X...> const& x, Y const& y, DY const& dy, DX const& dx) const {
    auto kept = p.kept;
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      ((backward_part<K>(p.child(K, kept, p.scratch), std::get<K>(x), std::get<K>(y), std::get<K>(dy), part<K>(dx)),
        kept += need<K, P>(fovea::sample_of(x), fovea::rows_of(x)).kept),
       ...);
    }(std::index_sequence_for<L...>{});
  }

 private:
  template <class X> static constexpr bool are_integers = std::integral<detail::element_of_batch<X>>;
  template <std::size_t K, class... X>
  static constexpr bool passes = detail::view_layer<std::tuple_element_t<K, std::tuple<L...>>> &&
                                 are_integers<std::tuple_element_t<K, std::tuple<X...>>>;
  template <std::size_t K, class P, class X, class Y> void forward_part(P const& p, X const& x, Y const& y) const {
    if constexpr (!are_integers<Y>) std::get<K>(layers_).forward(p, x, y);
  }
  template <std::size_t K, class P, class X, class Y, class DY, class DX>
  void backward_part(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx) const {
    if constexpr (!are_integers<Y>) std::get<K>(layers_).backward(p, x, y, dy, dx);
  }
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
