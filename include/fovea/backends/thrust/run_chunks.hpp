// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/backends/thrust/elements.hpp>
#include <fovea/tensor/chunks.hpp>
#include <fovea/tensor/extents.hpp>

/// The verbs on Thrust's host systems. The size of a domain alone divides it into at most 16 chunks; each chunk's sums are in
/// double, and the chunks' sums are folded in order, so that the number of threads changes no bit.
namespace fovea::thrust_detail {

using detail::chunks, detail::max_chunks;

inline constexpr std::size_t chunk_elements = 8192, sweep_columns = 512;

inline std::size_t chunks_for(std::size_t elements) { return detail::chunk_count(elements, chunk_elements); }

/// Calls f(i) for each i of a chunk.
template <class F> struct each_of_chunk {
  F f;
  std::size_t n, length;
  void operator()(std::size_t chunk) const {
    for (auto i = chunk * length; i < (std::min)(n, (chunk + 1) * length); ++i) f(i);
  }
};

/// The columns of one sweep.
struct sweep {
  std::size_t first, last;
};
template <class Result> struct accumulator;

template <class Fold> struct accumulator<overall<Fold>> {
  double sum;
  void begin(sweep const&) { sum = Fold::template identity<double>(); }
  void take(std::size_t, double term) { sum = Fold{}(sum, term); }
  void end_row(overall<Fold>, std::size_t, sweep const&) {}
  void merge(accumulator const& later) { sum = Fold{}(sum, later.sum); }
  void write(overall<Fold> to, sweep const& s) const { *to.elements = s.first == 0 ? sum : Fold{}(*to.elements, sum); }
};
template <class T, class Fold> struct accumulator<by_column<T, Fold>> {
  double sums[sweep_columns];
  std::size_t used;
  void begin(sweep const& s) {
    used = s.last - s.first;
    std::fill_n(sums, used, Fold::template identity<double>());
  }
  void take(std::size_t slot, double term) { sums[slot] = Fold{}(sums[slot], term); }
  void end_row(by_column<T, Fold>, std::size_t, sweep const&) {}
  void merge(accumulator const& later) {
    for (std::size_t i = 0; i != used; ++i) sums[i] = Fold{}(sums[i], later.sums[i]);
  }
  void write(by_column<T, Fold> to, sweep const& s) const {
    for (std::size_t i = 0; i != used; ++i) to.elements[s.first + i] = static_cast<T>(sums[i]);
  }
};
/// A chunk holds whole rows of its sweep, so a row's result is written at the end of the row.
template <class T, class Fold> struct accumulator<by_row<T, Fold>> {
  double sum;
  void begin(sweep const&) { sum = Fold::template identity<double>(); }
  void take(std::size_t, double term) { sum = Fold{}(sum, term); }
  void end_row(by_row<T, Fold> to, std::size_t row, sweep const& s) {
    to.elements[row] = static_cast<T>(s.first == 0 ? sum : Fold{}(static_cast<double>(to.elements[row]), sum));
    sum = Fold::template identity<double>();
  }
  void merge(accumulator const&) {}
  void write(by_row<T, Fold>, sweep const&) const {}
};

/// Runs a chunk of a sweep, given its index.
template <class V, class F, class Results, class Columns, class... O> struct chunk_run;

template <class V, class F, class... R, class Columns, class... O>
struct chunk_run<V, F, std::tuple<R...>, Columns, O...> {
  using parts = std::tuple<accumulator<R>...>;
  F f;
  pack<O...> operands;
  std::tuple<R...> results;
  parts* into;
  Columns columns;
  std::size_t rows, length;  // rows of the domain and of a chunk, or, flat, elements
  sweep range;

  void operator()(std::size_t chunk) const {
    auto const begin = chunk * length;
    if constexpr (!needs_row_or_column<O..., R...>)
      run(chunk, 0, 1, begin, std::min<std::size_t>(columns, begin + length));
    else run(chunk, begin, (std::min)(rows, begin + length), range.first, std::min<std::size_t>(columns, range.last));
  }

 private:
  void run(std::size_t chunk, std::size_t row, std::size_t last_row, std::size_t first, std::size_t last) const {
    parts mine;
    std::apply([&](auto&... one) { (one.begin(range), ...); }, mine);
    for (; row < last_row; ++row) {
      for (auto c = first; c < last; ++c) {
        at_place<V, F> const here{f, {row * columns + c, row, c}};
        if constexpr (sizeof...(R) == 0) operands.apply(here);
        else take(std::index_sequence_for<R...>{}, mine, c - first, operands.apply(here));
      }
      if constexpr (sizeof...(R) != 0) end_row(std::index_sequence_for<R...>{}, mine, row);
    }
    if constexpr (sizeof...(R) != 0) into[chunk] = mine;
  }
  template <std::size_t... K, class Term>
  static void take(std::index_sequence<K...>, parts& mine, std::size_t slot, Term const& term) {
    (std::get<K>(mine).take(slot, static_cast<double>(detail::term<K>(term))), ...);
  }
  template <std::size_t... K> void end_row(std::index_sequence<K...>, parts& mine, std::size_t row) const {
    (std::get<K>(mine).end_row(std::get<K>(results), row, range), ...);
  }
};

/// Runs the chunks of one sweep and merges their accumulators in order.
template <class System, class Run, class... R>
void run_sweep(System const& system, Run run, std::size_t chunks, std::tuple<R...> const& results) {
  using parts = typename Run::parts;
  std::array<parts, max_chunks> all;
  run.into = all.data();
  if constexpr (sizeof...(R) != 0)
    if (chunks == 0) std::apply([&](auto&... one) { (one.begin(run.range), ...); }, all[0]);
  system.for_each_n(chunks, run);
  if constexpr (sizeof...(R) != 0)
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      for (std::size_t c = 1; c < chunks; ++c) (std::get<K>(all[0]).merge(std::get<K>(all[c])), ...);
      (std::get<K>(all[0]).write(std::get<K>(results), run.range), ...);
    }(std::index_sequence_for<R...>{});
}

/// Calls f at each place of the domain and folds its return value into the results.
template <class V, class System, class Domain, class F, class... R, class... O>
void run_domain(System const& system, Domain const& d, F const& f, std::tuple<R...> const& results,
                O const&... operands) {
  constexpr bool flat = !needs_row_or_column<O..., R...>;
  constexpr std::size_t fixed = flat ? dynamic : Domain::static_extent(1);
  using columns_type = extent<fixed>;
  auto const rows = flat ? 1 : d.template get<0>(), columns = flat ? d.size() : d.template get<1>();
  auto const width = [&] {
    if constexpr (fixed == dynamic) return columns_type{columns};
    else return columns_type{};
  }();
  std::size_t const step = has_axis<axis::column, R...> ? sweep_columns : std::max<std::size_t>(1, columns);
  for (std::size_t first = 0; first < columns || first == 0; first += step) {
    sweep const s{first, (std::min)(columns, first + step)};
    chunks const c(flat ? columns : rows, chunks_for(flat ? columns : rows * (s.last - s.first)));
    run_sweep(system,
              chunk_run<V, F, std::tuple<R...>, columns_type, O...>{f, thrust_detail::packed(operands...), results,
                                                                    nullptr, width, rows, c.length, s},
              c.count, results);
  }
}

}  // namespace fovea::thrust_detail
