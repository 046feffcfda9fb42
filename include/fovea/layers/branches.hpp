// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/fusion.hpp>
#include <fovea/layers/places.hpp>

/// Layers of several branches: `add`, `multiply` and `concatenate` give each branch the same input and join what they make; without
/// branches they join a tuple of inputs. A branch is called by its number in the names of parameters.
namespace fovea {

namespace formulas {

struct product_of_two {
  template <class T> FOVEA_HD constexpr void operator()(T const& a, T const& b, T& y) const { y = a * b; }
};
/// Copies row i of a part of wider rows, from or to them.
template <class T> struct copy_part {
  T const* source;
  T* destination;
  std::size_t count, from_stride, to_stride;
  FOVEA_HD void operator()(std::size_t i) const {
    std::memcpy(destination + i * to_stride, source + i * from_stride, count * sizeof(T));
  }
};

}  // namespace formulas

namespace detail {

/// y = a (f) b (f) ...
template <class P, class F, class Y, class First, class Second, class... Rest>
void fold_batches(P const& p, F const& f, Y const& y, First const& a, Second const& b, Rest const&... rest) {
  auto const places = fovea::as_last_axis(y).extents;
  p.backend.for_each(places, f, each{fovea::read_only(a).elements}, each{fovea::read_only(b).elements},
                     out{y.elements});
  (p.backend.for_each(places, f, each{fovea::read_only(rest).elements}, each{fovea::read_only(y).elements},
                      out{y.elements}),
   ...);
}

/// Returns the one sample of all branches.
template <class First, class... S> constexpr First require_same_samples(First const& first, S const&... rest) {
  constexpr bool same_rank = ((First::rank == S::rank) && ...);
  static_assert(same_rank, "add and multiply: the branches make samples of different shapes");
  if constexpr (same_rank) {
    constexpr bool may_fit = ((static_size_of<First> == static_size_of<S> || static_size_of<First> == dynamic ||
                               static_size_of<S> == dynamic) &&
                              ...);
    static_assert(may_fit, "add and multiply: the branches make samples of different shapes");
    if (may_fit && ((first.to_array() != rest.to_array()) || ...))
      throw shape_error("add and multiply: the branches make samples of different shapes");
  }
  return first;
}

/// y = a (F) b (F) ..., element by element.
template <class F> struct join_elements {
  template <class... S> static constexpr auto output(S const&... made) { return detail::require_same_samples(made...); }
  template <class P, class Y, class... M> static void forward(P const& p, Y const& y, M const&... made) {
    detail::fold_batches(p, F{}, y, made...);
  }
};
struct join_by_adding : join_elements<formulas::sum_of_two> {
  /// Writes the slopes of part K; true if they are dy itself.
  static constexpr bool passes_slopes = true;
  template <std::size_t K, class P, class DY, class D, class... M>
  static void backward(P const& p, DY const& dy, D const& slopes, std::tuple<M...> const&) {
    p.backend.copy(fovea::read_only(dy).elements, slopes.elements, slopes.size());
  }
};
struct join_by_multiplying : join_elements<formulas::product_of_two> {
  static constexpr bool passes_slopes = false;
  template <std::size_t K, class P, class DY, class D, class... M>
  static void backward(P const& p, DY const& dy, D const& slopes, std::tuple<M...> const& made) {
    auto const others = [&]<std::size_t... J>(std::index_sequence<J...>) {
      return std::tuple_cat([&] {
        if constexpr (J == K) return std::tuple<>{};
        else return std::tuple{std::get<J>(made)};
      }()...);
    }(std::index_sequence_for<M...>{});
    std::apply([&](auto const&... o) { detail::fold_batches(p, formulas::product_of_two{}, slopes, dy, o...); },
               others);
  }
};
struct join_by_concatenating {
  static constexpr bool passes_slopes = false;
  template <std::size_t... E, class... S> static constexpr auto output(extents<E...> const& first, S const&... rest) {
    constexpr std::size_t fixed = [] {
      std::size_t n = static_shape<E...>::all[0];
      ((n = n == dynamic || sample_traits<S>::all[0] == dynamic ? dynamic : n + sample_traits<S>::all[0]), ...);
      return n;
    }();
    bool fits = true;
    auto all = first.to_array();
    auto const take = [&](auto const& one) {
      static_assert(std::remove_cvref_t<decltype(one)>::rank == sizeof...(E),
                    "concatenate: the branches make samples of different numbers of dimensions");
      for (std::size_t i = 1; i != sizeof...(E); ++i) fits = fits && one.extent(i) == all[i];
      all[0] += one.extent(0);
    };
    (take(rest), ...);
    if (!fits) throw shape_error("concatenate: the branches make samples that differ in more than the first extent");
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      return extents<(J == 0 ? fixed : static_shape<E...>::all[J])...>(all);
    }(std::make_index_sequence<sizeof...(E)>{});
  }
  template <class P, class Y, class... M> static void forward(P const& p, Y const& y, M const&... made) {
    using T = typename P::value_type;
    auto const rows = fovea::rows_of(y), width = y.size() / (std::max<std::size_t>)(rows, 1);
    std::size_t at = 0;
    auto const put = [&](auto const& one) {
      auto const own = fovea::sample_of(one).size();
      p.backend.for_each_index(rows, formulas::copy_part<T>{one.elements, y.elements + at, own, own, width});
      at += own;
    };
    (put(made), ...);
  }
  template <std::size_t K, class P, class DY, class D, class... M>
  static void backward(P const& p, DY const& dy, D const& slopes, std::tuple<M...> const& made) {
    using T = typename P::value_type;
    auto const rows = fovea::rows_of(dy), width = fovea::sample_of(dy).size(), own = fovea::sample_of(slopes).size();
    std::size_t at = 0;
    [&]<std::size_t... J>(std::index_sequence<J...>) {
      ((at += J < K ? fovea::sample_of(std::get<J>(made)).size() : 0), ...);
    }(std::index_sequence_for<M...>{});
    p.backend.for_each_index(rows, formulas::copy_part<T>{dy.elements + at, slopes.elements, own, width, own});
  }
};

/// Adds the gradient of an input to that of another branch.
template <class P, class T, class E, class B>
void add_batches(P const& p, tensor_span<T, E, B> const& from, tensor_span<T, E, B> const& to) {
  fovea::add_to(p, to.size(), fovea::read_only(from).elements, to.elements);
}
template <class P, class... D> void add_batches(P const& p, std::tuple<D...> const& from, std::tuple<D...> const& to) {
  [&]<std::size_t... J>(std::index_sequence<J...>) {
    (detail::add_batches(p, std::get<J>(from), std::get<J>(to)), ...);
  }(std::index_sequence_for<D...>{});
}
template <class P> void add_batches(P const&, nothing, nothing) {}

/// A join of branches.
template <class Join, class... L> class joined {
 public:
  static constexpr bool takes_frozen = true;

  constexpr explicit joined(L... branches) : branches_(branches...) {}

  constexpr auto sample() const
    requires((knows_sample<L> || ...))
  {
    constexpr std::size_t k = [] {
      std::size_t first = sizeof...(L), i = 0;
      ((first = first == sizeof...(L) && knows_sample<L> ? i : first, ++i), ...);
      return first;
    }();
    return std::get<k>(branches_).sample();
  }
  template <class S> constexpr auto output(S const& sample) const {
    return std::apply([&](L const&... l) { return Join::output(l.output(sample)...); }, branches_);
  }
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    std::apply([&](L const&... l) { (detail::check_input(l, b, who, x), ...); }, branches_);
  }
  template <class S, class F> constexpr void for_each_child(S const& sample, F const& f) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (f(child_name{K}, std::get<K>(branches_), sample), ...);
    }(std::index_sequence_for<L...>{});
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    memory all;
    std::size_t made = 0, widest = 0;
    auto const take = [&](auto const& branch) {
      auto const need = fovea::needs_of<P>(branch, sample, rows);
      auto const own = fovea::batch_bytes<P>(branch.output(sample), rows);
      all.kept += need.kept;
      all.scratch = (std::max)(all.scratch, need.scratch);
      made += own;
      widest = (std::max)(widest, own);
    };
    std::apply([&](L const&... l) { (take(l), ...); }, branches_);
    if constexpr (P::differentiates)
      return {all.kept + made, all.scratch + widest + fovea::batch_bytes<P>(sample, rows)};
    else return {0, all.scratch + made};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    auto const samples = made_of(fovea::sample_of(x));
    auto const own = fovea::batch_bytes<P>(samples, fovea::rows_of(x));
    auto const made = fovea::batch_at<P>(P::differentiates ? p.kept : p.scratch, samples, fovea::rows_of(x));
    auto* const scratch = P::differentiates ? p.scratch : p.scratch + own;
    auto* kept = P::differentiates ? p.kept + own : p.kept;
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      ((std::get<K>(branches_).forward(p.child(K, std::get<K>(branches_), kept, scratch), x, std::get<K>(made)),
        kept += kept_by<K, P>(x)),
       ...);
      Join::forward(p, y, std::get<K>(made)...);
    }(std::index_sequence_for<L...>{});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    auto const samples = made_of(fovea::sample_of(x));
    auto const made = fovea::read_only(fovea::batch_at<P>(p.kept, samples, fovea::rows_of(x)));
    backward_from<0>(p, x, made, dy, dx, p.kept + fovea::batch_bytes<P>(samples, fovea::rows_of(x)));
  }

 private:
  /// Returns the samples that the branches make of one.
  template <class S> constexpr auto made_of(S const& sample) const {
    return std::apply([&](L const&... l) { return std::tuple<output_of<L, S>...>{l.output(sample)...}; }, branches_);
  }
  template <std::size_t K, class P, class X> std::size_t kept_by(X const& x) const {
    if constexpr (!P::differentiates) return 0;
    else return fovea::needs_of<P>(std::get<K>(branches_), fovea::sample_of(x), fovea::rows_of(x)).kept;
  }
  template <std::size_t K, class P, class X, class M, class DY, class DX>
  void backward_from(P const& p, X const& x, M const& made, DY const& dy, DX const& dx, std::byte* kept) const {
    auto const& branch = std::get<K>(branches_);
    auto const& y = std::get<K>(made);
    constexpr bool is_last = K + 1 == sizeof...(L);
    auto* scratch = p.scratch;
    auto const slopes = [&] {
      if constexpr (is_last && Join::passes_slopes) {
        return dy;  // no other branch reads it after this one, which may overwrite it
      } else {
        auto const own = fovea::batch_at<P>(scratch, fovea::sample_of(y), fovea::rows_of(x));
        scratch += fovea::batch_bytes<P>(fovea::sample_of(y), fovea::rows_of(x));
        Join::template backward<K>(p, dy, own, made);
        return own;
      }
    }();
    if constexpr (K == 0 || std::same_as<DX, nothing>) {
      branch.backward(p.child(K, kept, scratch), x, y, slopes, dx);
    } else {  // the other branches' gradient of x is added to the first one's
      auto const own = fovea::batch_at<P>(scratch, fovea::sample_of(dx), fovea::rows_of(x));
      scratch += fovea::batch_bytes<P>(fovea::sample_of(dx), fovea::rows_of(x));
      branch.backward(p.child(K, kept, scratch), x, y, slopes, own);
      detail::add_batches(p, own, dx);
    }
    if constexpr (!is_last) backward_from<K + 1>(p, x, made, dy, dx, kept + kept_by<K, P>(x));
  }

  std::tuple<L...> branches_;
};

/// A join of a tuple of inputs.
template <class Join> class joined<Join> {
 public:
  template <class... S> constexpr auto output(std::tuple<S...> const& samples) const {
    static_assert(sizeof...(S) > 1, "a join without branches takes several inputs");
    return std::apply([](S const&... s) { return Join::output(s...); }, samples);
  }
  template <std::size_t... E> constexpr auto output(extents<E...> const& sample) const {
    static_assert(
        sizeof...(E) == 0 && sizeof...(E) == 1,
        "add, multiply, concatenate: without branches they join a tuple of inputs, and the layer before gives one");
    return sample;
  }
  template <class P, class... X, class Y> void forward(P const& p, std::tuple<X...> const& x, Y const& y) const {
    std::apply([&](X const&... one) { Join::forward(p, y, one...); }, x);
  }
  template <class P, class... X, class Y, class DY, class DX>
  void backward(P const& p, std::tuple<X...> const& x, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, nothing>)
      [&]<std::size_t... K>(std::index_sequence<K...>) {
        (part<K>(p, dy, std::get<K>(dx), x), ...);
      }(std::index_sequence_for<X...>{});
  }

 private:
  template <std::size_t K, class P, class DY, class D, class X>
  static void part(P const& p, DY const& dy, D const& slopes, X const& x) {
    if constexpr (!std::same_as<D, nothing>) Join::template backward<K>(p, dy, slopes, x);
  }
};

}  // namespace detail

/// The layer y = a(x) + b(x) + ...
template <class... L> struct add : detail::joined<detail::join_by_adding, L...> {
  constexpr explicit add(L... branches) : detail::joined<detail::join_by_adding, L...>(branches...) {}
};
template <> struct add<> : detail::joined<detail::join_by_adding> {};
template <class... L> add(L...) -> add<L...>;

/// The layer y = a(x) b(x) ..., element by element: a gate.
///
///     fovea::multiply{fovea::linear<8, 4>{}, fovea::sequential{fovea::linear<8, 4>{}, fovea::sigmoid{}}}
template <class... L> struct multiply : detail::joined<detail::join_by_multiplying, L...> {
  constexpr explicit multiply(L... branches) : detail::joined<detail::join_by_multiplying, L...>(branches...) {}
};
template <> struct multiply<> : detail::joined<detail::join_by_multiplying> {};
template <class... L> multiply(L...) -> multiply<L...>;

/// Joins along the first axis of a sample: its features or channels.
///
///     fovea::sequential{fovea::parallel{fovea::sequential{fovea::input<1>{}, fovea::embedding<7, 4>{}, fovea::flatten{}},
///                                       fovea::input<3>{}},
///                       fovea::concatenate{}, fovea::linear<7, 1>{}}
template <class... L> struct concatenate : detail::joined<detail::join_by_concatenating, L...> {
  constexpr explicit concatenate(L... branches) : detail::joined<detail::join_by_concatenating, L...>(branches...) {}
};
template <> struct concatenate<> : detail::joined<detail::join_by_concatenating> {};
template <class... L> concatenate(L...) -> concatenate<L...>;

}  // namespace fovea
