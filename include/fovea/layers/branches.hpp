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

/// Layers of several branches. `add`, `multiply` and `concatenate` give each branch the same input and join what they make;
/// without branches they join a tuple of inputs. `parallel` gives each branch an input of its own. A branch is called by its
/// number in the names of parameters.
namespace fovea {

namespace formulas {

struct product_of_two {
  template <class T> FOVEA_HD constexpr void operator()(T const& a, T const& b, T& y) const { y = a * b; }
};
/// Copies row i of a part of wider rows, from or to them.
template <class T> struct copy_part {
  T const* from;
  T* to;
  std::size_t count, from_stride, to_stride;
  FOVEA_HD void operator()(std::size_t i) const {
    std::memcpy(to + i * to_stride, from + i * from_stride, count * sizeof(T));
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

template <class First, class... S>
constexpr First require_same_samples(char const* who, First const& first, S const&... rest) {
  static_assert((std::same_as<First, S> && ...) || ((First::rank == S::rank) && ...),
                "add and multiply: the branches make samples of different shapes");
  auto const differs = [&](auto const& other) {
    if constexpr (First::rank == std::remove_cvref_t<decltype(other)>::rank) {
      static_assert(static_size_of<First> == static_size_of<std::remove_cvref_t<decltype(other)>> ||
                        static_size_of<First> == dynamic ||
                        static_size_of<std::remove_cvref_t<decltype(other)>> == dynamic,
                    "add and multiply: the branches make samples of different shapes");
      return first.to_array() != other.to_array();
    } else {
      return true;
    }
  };
  if ((differs(rest) || ...)) throw shape_error(std::string(who) + ": the branches make samples of different shapes");
  return first;
}

struct join_by_adding {
  template <class... S> static constexpr auto output(S const&... made) {
    return detail::require_same_samples("add", made...);
  }
  template <class P, class Y, class... M> static void forward(P const& p, Y const& y, M const&... made) {
    detail::fold_batches(p, formulas::sum_of_two{}, y, made...);
  }
  /// The slopes of part K.
  template <std::size_t K, class P, class DY, class D, class... M>
  static void backward(P const& p, DY const& dy, D const& slopes, std::tuple<M...> const&) {
    p.backend.copy(fovea::read_only(dy).elements, slopes.elements, slopes.size());
  }
};
struct join_by_multiplying {
  template <class... S> static constexpr auto output(S const&... made) {
    return detail::require_same_samples("multiply", made...);
  }
  template <class P, class Y, class... M> static void forward(P const& p, Y const& y, M const&... made) {
    detail::fold_batches(p, formulas::product_of_two{}, y, made...);
  }
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
  detail::add_to(p, to.size(), fovea::read_only(from).elements, to.elements);
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
  static constexpr bool mixes_rows = (fovea::mixes_rows<L> || ...);
  static constexpr bool ties_parameters = (fovea::ties_parameters<L> || ...);

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
      auto const own = detail::batch_bytes<P>(branch.output(sample), rows);
      all.kept += need.kept;
      all.scratch = (std::max)(all.scratch, need.scratch);
      made += own;
      widest = (std::max)(widest, own);
    };
    std::apply([&](L const&... l) { (take(l), ...); }, branches_);
    if constexpr (P::differentiates)
      return {all.kept + made, all.scratch + widest + detail::batch_bytes<P>(sample, rows)};
    else return {0, all.scratch + made};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    auto const made = outputs(p, x);
    auto const scratch = P::differentiates ? p.scratch : p.scratch + made_bytes<P>(x);
    auto kept = p.kept;
    if constexpr (P::differentiates) kept += made_bytes<P>(x);
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      ((std::get<K>(branches_).forward(p.child(K, kept, scratch), x, std::get<K>(made)), kept = after<K, P>(x, kept)),
       ...);
      Join::forward(p, y, std::get<K>(made)...);
    }(std::index_sequence_for<L...>{});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const& dx) const {
    backward_from<0>(p, x, fovea::read_only(outputs(p, x)), dy, dx, p.kept + made_bytes<P>(x));
  }

 private:
  template <class P, class X> auto outputs(P const& p, X const& x) const {
    auto const sample = fovea::sample_of(x);
    return detail::batch_at<P>(
        P::differentiates ? p.kept : p.scratch,
        std::apply(
            [&](L const&... l) {
              return std::tuple<output_of<L, std::remove_const_t<decltype(sample)>>...>{l.output(sample)...};
            },
            branches_),
        fovea::rows_of(x));
  }
  template <class P, class X> std::size_t made_bytes(X const& x) const {
    auto const sample = fovea::sample_of(x);
    return std::apply(
        [&](L const&... l) {
          return (std::size_t{0} + ... + detail::batch_bytes<P>(l.output(sample), fovea::rows_of(x)));
        },
        branches_);
  }
  template <std::size_t K, class P, class X> std::byte* after(X const& x, std::byte* kept) const {
    if constexpr (!P::differentiates) return kept;
    else return kept + fovea::needs_of<P>(std::get<K>(branches_), fovea::sample_of(x), fovea::rows_of(x)).kept;
  }
  template <std::size_t K, class P, class X, class M, class DY, class DX>
  void backward_from(P const& p, X const& x, M const& made, DY const& dy, DX const& dx, std::byte* kept) const {
    if constexpr (K != sizeof...(L)) {
      auto const& branch = std::get<K>(branches_);
      auto const slopes = detail::batch_at<P>(p.scratch, fovea::sample_of(std::get<K>(made)), fovea::rows_of(x));
      auto* const other = p.scratch + detail::batch_bytes<P>(fovea::sample_of(std::get<K>(made)), fovea::rows_of(x));
      Join::template backward<K>(p, dy, slopes, made);
      if constexpr (K == 0 || std::same_as<DX, nothing>) {
        branch.backward(p.child(K, kept, other), x, std::get<K>(made), slopes, dx);
      } else {  // the other branches' gradient of x is added to the first one's
        auto const own = detail::batch_at<P>(other, fovea::sample_of(dx), fovea::rows_of(x));
        auto* const scratch = other + detail::batch_bytes<P>(fovea::sample_of(dx), fovea::rows_of(x));
        branch.backward(p.child(K, kept, scratch), x, std::get<K>(made), slopes, own);
        detail::add_batches(p, own, dx);
      }
      backward_from<K + 1>(p, x, made, dy, dx, after<K, P>(x, kept));
    }
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

/// Gives each layer an input of its own: a tuple in, a tuple out.
template <class... L> class parallel {
 public:
  static constexpr bool mixes_rows = (fovea::mixes_rows<L> || ...);
  static constexpr bool ties_parameters = (fovea::ties_parameters<L> || ...);

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
      (detail::check_input(std::get<K>(layers_), b, who, std::get<K>(x)), ...);
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
