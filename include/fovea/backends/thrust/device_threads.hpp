// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>

#include <fovea/backends/thrust/elements.hpp>
#include <fovea/tensor/extents.hpp>

/// The verbs on a device: one thread per element, or, in a reduction, threads that stride over the elements, neighbors beside
/// each other. The size of the domain alone decides the number of threads; each sums in double, and the sums are folded in a
/// fixed order, so that every run gives the same bits. Nothing here depends on CUDA, so that the host can test it.
namespace fovea::thrust_detail {

inline constexpr std::size_t max_threads = std::size_t{1} << 18, max_groups = 256;
/// The number of sums that one thread folds: 4,096 threads fold 2^18 sums, 64 threads fold theirs, and one thread the rest.
inline constexpr std::size_t folded_by_one = 64;

/// True if a type's name contains that of a closure. nvcc compiles a lambda that is not marked for the device into an empty
/// kernel.
template <class F> consteval bool spells_out_a_closure() {
  std::string_view const name = __PRETTY_FUNCTION__;
  return name.find("<lambda(") != name.npos || name.find("(lambda at") != name.npos ||  // g++, clang
         name.find("lambda [") != name.npos;                                            // nvcc
}

/// Calls f(i) for each i below n, one thread per i.
template <class System, class F> void launch(System const& system, std::size_t n, F const& f) {
  constexpr bool named = !spells_out_a_closure<F>();
  static_assert(named, "thrust_backend: a device runs named function objects with FOVEA_HD, not lambdas");
  if constexpr (named) system.for_each_n(n, f);
}

/// Calls f at one place.
template <class V, class F, class Columns, class... O> struct thread_of_place {
  F f;
  pack<O...> operands;
  Columns columns;

  FOVEA_HD void operator()(std::size_t i) const {
    if constexpr (needs_row_or_column<O...>)
      static_cast<void>(operands.apply(at_place<V, F>{f, {i, i / columns, i % columns}}));
    else static_cast<void>(operands.apply(at_place<V, F>{f, {i, 0, i}}));
  }
};

/// The places that a thread visits: from its first place on, `step` apart; or the places of one row.
struct stride {
  std::size_t rows, columns, threads;
  bool by_row;
  std::size_t step, step_rows, step_columns;

  stride(std::size_t r, std::size_t c, std::size_t l, bool along)
      : rows(r), columns(c), threads(l), by_row(along), step(along ? 1 : l),
        step_rows(step / std::max<std::size_t>(1, c)), step_columns(step % std::max<std::size_t>(1, c)) {}
  FOVEA_HD place first(std::size_t thread) const {
    if (columns == 0) return {0, 0, 0};
    return by_row ? place{thread * columns, thread, 0} : place{thread, thread / columns, thread % columns};
  }
  FOVEA_HD std::size_t end(std::size_t thread) const { return by_row ? (thread + 1) * columns : rows * columns; }
  FOVEA_HD void advance(place& p) const {
    p.flat += step, p.row += step_rows, p.column += step_columns;
    if (p.column >= columns) p.column -= columns, ++p.row;
  }
};

/// Accumulates one thread's part of each result into `sums`, one array of threads per result. A thread that visits a row writes
/// that row's result; if threads go down columns, the terms of by_row results are kept for a second pass.
template <class V, class F, class Results, class... O> struct reducing_thread;

template <class V, class F, class... R, class... O> struct reducing_thread<V, F, pack<R...>, O...> {
  F f;
  pack<O...> operands;
  pack<R...> results;
  stride strides;
  double *sums, *terms;

  FOVEA_HD void operator()(std::size_t thread) const { run(std::index_sequence_for<R...>{}, thread); }

  /// Returns the index of this result's array of kept terms.
  template <std::size_t K> FOVEA_HD static constexpr std::size_t kept() {
    bool const rows[] = {has_axis<axis::row, R>...};
    std::size_t n = 0;
    for (std::size_t i = 0; i != K; ++i) n += rows[i] ? 1 : 0;
    return n;
  }

 private:
  template <std::size_t... K> FOVEA_HD void run(std::index_sequence<K...>, std::size_t thread) const {
    double mine[] = {R::fold::template identity<double>()...};
    auto const end = strides.end(thread);
    for (place p = strides.first(thread); p.flat < end; strides.advance(p)) {
      auto const term = operands.apply(at_place<V, F>{f, p});
      (take<K, R>(mine[K], static_cast<double>(detail::term<K>(term)), p.flat), ...);
    }
    (finish<K, R>(mine[K], thread), ...);
  }
  template <std::size_t K, class Result> FOVEA_HD void take(double& sum, double term, std::size_t i) const {
    if constexpr (has_axis<axis::row, Result>)
      if (!strides.by_row) terms[kept<K>() * strides.rows * strides.columns + i] = term;
    sum = typename Result::fold{}(sum, term);
  }
  template <std::size_t K, class Result> FOVEA_HD void finish(double sum, std::size_t thread) const {
    if constexpr (has_axis<axis::row, Result>) {
      using T = std::remove_reference_t<decltype(*thrust_detail::get<K>(results).elements)>;
      if (strides.by_row) thrust_detail::get<K>(results).elements[thread] = static_cast<T>(sum);
    } else {
      sums[K * strides.threads + thread] = sum;
    }
  }
};

/// Folds every `step`-th of n numbers, starting at the thread's index; with `of_rows`, the thread's own row of n numbers.
template <class Fold, class T> struct folding_thread {
  double const* source;
  T* destination;
  std::size_t step, n;
  bool of_rows = false;

  FOVEA_HD void operator()(std::size_t thread) const {
    double const* const mine = of_rows ? source + thread * n : source;
    double sum = Fold::template identity<double>();
    for (auto i = of_rows ? 0 : thread; i < n; i += step) sum = Fold{}(sum, mine[i]);
    destination[thread] = static_cast<T>(sum);
  }
};

/// Folds the threads' sums into one in rounds, which write to `folded` and back in turn.
template <class System, class Fold>
void finish(System const& system, overall<Fold> to, double* sums, double* folded, double const*,
            stride const& strides) {
  auto n = strides.threads;
  while (n > 4 * folded_by_one) {
    auto const next = (n + folded_by_one - 1) / folded_by_one;
    thrust_detail::launch(system, next, folding_thread<Fold, double>{sums, folded, next, n});
    std::swap(sums, folded);
    n = next;
  }
  thrust_detail::launch(system, 1, folding_thread<Fold, double>{sums, to.elements, 1, n});
}
template <class System, class T, class Fold>
void finish(System const& system, by_column<T, Fold> to, double* sums, double*, double const*, stride const& strides) {
  thrust_detail::launch(system, strides.columns,
                        folding_thread<Fold, T>{sums, to.elements, strides.columns, strides.threads});
}
template <class System, class T, class Fold>
void finish(System const& system, by_row<T, Fold> to, double*, double*, double const* terms, stride const& strides) {
  if (!strides.by_row)
    thrust_detail::launch(system, strides.rows, folding_thread<Fold, T>{terms, to.elements, 1, strides.columns, true});
}

template <class V, class System, class Domain, class F, class... O>
void run_places(System const& system, Domain const& d, F const& f, O const&... operands) {
  using columns_type = extent<Domain::static_extent(1)>;
  auto const columns = [&] {
    if constexpr (Domain::static_extent(1) == dynamic) return columns_type{d.extent(1)};
    else return columns_type{};
  }();
  thrust_detail::launch(system, d.size(),
                        thread_of_place<V, F, columns_type, O...>{f, thrust_detail::packed(operands...), columns});
}

/// Calls f at each place of the domain and folds its return value into the results.
template <class V, class System, class Domain, class F, class... R, class... O>
void run_threads(System const& system, Domain const& d, F const& f, std::tuple<R...> const& results,
                 O const&... operands) {
  constexpr bool down = has_axis<axis::column, R...>, along = !down && has_axis<axis::row, R...>;
  constexpr std::size_t kept = down ? (std::size_t{has_axis<axis::row, R>} + ... + 0) : 0;
  auto const rows = d.extent(0), columns = d.extent(1);
  auto const groups =
      (std::min)(rows, std::clamp<std::size_t>(max_threads / std::max<std::size_t>(1, columns), 1, max_groups));
  stride const strides(rows, columns,
                       down    ? groups * columns
                       : along ? rows
                               : (std::min)(rows * columns, max_threads),
                       along);
  auto const sums = sizeof...(R) * strides.threads,
             folded = sizeof...(R) * ((strides.threads + folded_by_one - 1) / folded_by_one);
  system.with_workspace(sums + folded + kept * rows * columns, [&](double* room) {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      using thread = reducing_thread<V, F, pack<R...>, O...>;
      auto* const terms = room + sums + folded;
      thrust_detail::launch(system, strides.threads,
                            thread{f, thrust_detail::packed(operands...),
                                   thrust_detail::packed(std::get<K>(results)...), strides, room, terms});
      (thrust_detail::finish(system, std::get<K>(results), room + K * strides.threads,
                             room + sums + K * (folded / sizeof...(R)),
                             terms + thread::template kept<K>() * rows * columns, strides),
       ...);
    }(std::index_sequence_for<R...>{});
  });
}

}  // namespace fovea::thrust_detail
