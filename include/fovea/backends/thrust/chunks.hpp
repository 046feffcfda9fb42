// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/backends/thrust/elements.hpp>
#include <fovea/tensor/extents.hpp>

/// How the verbs walk on Thrust's host systems. The domain is cut into at most 16 chunks by its size alone; a chunk's sums
/// are in double and the chunks' are folded in order, so that the number of threads changes no bit.
namespace fovea::thrust_detail {

inline constexpr std::size_t most_chunks = 16, chunk_elements = 8192, sweep_columns = 64;

/// n cut into pieces: how many, and how long.
struct cut {
  std::size_t length, pieces;
  cut(std::size_t n, std::size_t wanted)
      : length(std::max<std::size_t>(1, (n + wanted - 1) / wanted)), pieces((n + length - 1) / length) {}
};
inline std::size_t chunks_for(std::size_t elements) {
  return std::clamp<std::size_t>(elements / chunk_elements, 1, most_chunks);
}

/// f(i) for each i of a chunk.
template <class F> struct each_of_chunk {
  F f;
  std::size_t n, length;
  void operator()(std::size_t chunk) const {
    for (auto i = chunk * length; i < std::min(n, (chunk + 1) * length); ++i) f(i);
  }
};

/// One chunk's part of one result. `first` and `last` are the columns of the sweep.
struct sweep {
  std::size_t first, last;
};
template <class Result> struct partial;

template <class Fold> struct partial<total<Fold>> {
  double sum;
  void begin(sweep const&) { sum = Fold::template identity<double>(); }
  void take(std::size_t, double term) { sum = Fold{}(sum, term); }
  void end_row(total<Fold>, std::size_t, sweep const&) {}
  void merge(partial const& later) { sum = Fold{}(sum, later.sum); }
  void write(total<Fold> to, sweep const& s) const { *to.at = s.first == 0 ? sum : Fold{}(*to.at, sum); }
};
template <class T, class Fold> struct partial<down_columns<T, Fold>> {
  double sums[sweep_columns];
  std::size_t used;
  void begin(sweep const& s) {
    used = s.last - s.first;
    std::fill_n(sums, used, Fold::template identity<double>());
  }
  void take(std::size_t slot, double term) { sums[slot] = Fold{}(sums[slot], term); }
  void end_row(down_columns<T, Fold>, std::size_t, sweep const&) {}
  void merge(partial const& later) {
    for (std::size_t i = 0; i != used; ++i) sums[i] = Fold{}(sums[i], later.sums[i]);
  }
  void write(down_columns<T, Fold> to, sweep const& s) const {
    for (std::size_t i = 0; i != used; ++i) to.at[s.first + i] = static_cast<T>(sums[i]);
  }
};
/// A chunk has whole rows of its sweep, so a row's result is written when the row ends.
template <class T, class Fold> struct partial<along_rows<T, Fold>> {
  double sum;
  void begin(sweep const&) { sum = Fold::template identity<double>(); }
  void take(std::size_t, double term) { sum = Fold{}(sum, term); }
  void end_row(along_rows<T, Fold> to, std::size_t row, sweep const& s) {
    to.at[row] = static_cast<T>(s.first == 0 ? sum : Fold{}(static_cast<double>(to.at[row]), sum));
    sum = Fold::template identity<double>();
  }
  void merge(partial const&) {}
  void write(along_rows<T, Fold>, sweep const&) const {}
};

/// The chunks of a sweep, called with their numbers.
template <class V, class F, class Results, class Columns, class... O> struct chunk_walk;

template <class V, class F, class... R, class Columns, class... O>
struct chunk_walk<V, F, std::tuple<R...>, Columns, O...> {
  using parts = std::tuple<partial<R>...>;
  F f;
  pack<O...> operands;
  std::tuple<R...> results;
  parts* into;
  Columns columns;
  std::size_t rows, length;  // rows of the domain and of a chunk, or, flat, elements
  sweep of;

  void operator()(std::size_t chunk) const {
    auto const begin = chunk * length;
    if constexpr (!(by_row_or_column<O> || ...) && !(by_row_or_column<R> || ...))
      run(chunk, 0, 1, begin, std::min<std::size_t>(columns, begin + length));
    else run(chunk, begin, std::min(rows, begin + length), of.first, std::min<std::size_t>(columns, of.last));
  }

 private:
  void run(std::size_t chunk, std::size_t row, std::size_t last_row, std::size_t first, std::size_t last) const {
    parts mine;
    std::apply([&](auto&... one) { (one.begin(of), ...); }, mine);
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
  template <std::size_t... I, class Term>
  static void take(std::index_sequence<I...>, parts& mine, std::size_t slot, Term const& term) {
    (std::get<I>(mine).take(slot, thrust_detail::term_at<I>(term)), ...);
  }
  template <std::size_t... I> void end_row(std::index_sequence<I...>, parts& mine, std::size_t row) const {
    (std::get<I>(mine).end_row(std::get<I>(results), row, of), ...);
  }
};

/// Runs the chunks of one sweep and brings their parts together, in order.
template <class System, class Walk, class... R>
void run_sweep(System const& system, Walk walk, std::size_t chunks, std::tuple<R...> const& results) {
  using parts = typename Walk::parts;
  std::array<parts, most_chunks> all;
  walk.into = all.data();
  if constexpr (sizeof...(R) != 0)
    if (chunks == 0) std::apply([&](auto&... one) { (one.begin(walk.of), ...); }, all[0]);
  system.for_each_n(chunks, walk);
  if constexpr (sizeof...(R) != 0)
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      for (std::size_t c = 1; c < chunks; ++c) (std::get<I>(all[0]).merge(std::get<I>(all[c])), ...);
      (std::get<I>(all[0]).write(std::get<I>(results), walk.of), ...);
    }(std::index_sequence_for<R...>{});
}

/// Calls f at each place of the domain, and folds what it returns into the results.
template <class V, class System, class Domain, class F, class... R, class... O>
void walk_chunks(System const& system, Domain const& d, F const& f, std::tuple<R...> const& results,
                 O const&... operands) {
  constexpr bool flat = !(by_row_or_column<O> || ...) && !(by_row_or_column<R> || ...);
  constexpr std::size_t fixed = flat ? dynamic : Domain::fixed[1];
  using columns_type = extent<fixed>;
  auto const rows = flat ? 1 : d.template get<0>(), columns = flat ? d.size() : d.template get<1>();
  auto const width = [&] {
    if constexpr (fixed == dynamic) return columns_type{columns};
    else return columns_type{};
  }();
  std::size_t const step = (is_down_columns<R> || ...) ? sweep_columns : std::max<std::size_t>(1, columns);
  for (std::size_t first = 0; first < columns || first == 0; first += step) {
    sweep const s{first, std::min(columns, first + step)};
    cut const c(flat ? columns : rows, chunks_for(flat ? columns : rows * (s.last - s.first)));
    run_sweep(system,
              chunk_walk<V, F, std::tuple<R...>, columns_type, O...>{f, thrust_detail::packed(operands...), results,
                                                                     nullptr, width, rows, c.length, s},
              c.pieces, results);
  }
}

}  // namespace fovea::thrust_detail
