// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/backends/xtensor/accumulators.hpp>
#include <fovea/backends/xtensor/thread_pool.hpp>
#include <fovea/tensor/chunks.hpp>
#include <fovea/tensor/extents.hpp>
#include <fovea/tensor/operand_elements.hpp>

/// The execution rule of the verbs on a CPU. The size of a domain alone divides it into at most 16 chunks; the tail of a row runs
/// the same loop on a padded register. Therefore neither the number of threads nor an element's place changes a bit.
namespace fovea::xtensor_detail {

#if defined(__clang__)
#define FOVEA_ONE_COPY [[gnu::noinline]]
#else
#define FOVEA_ONE_COPY [[gnu::noipa]]
#endif

using detail::chunks, detail::max_chunks;

inline constexpr std::size_t chunk_elements = 32768, chunk_grain = 4096, block_rows = 32;

using pool_pointer = std::shared_ptr<thread_pool>;

inline std::size_t chunks_for(std::size_t elements) { return detail::chunk_count(elements, chunk_elements); }

template <class V, class F, class Results, class... O> struct runner;

template <class V, class F, class... R, class... O> struct runner<V, F, std::tuple<R...>, O...> {
  using accumulators = std::tuple<accumulator<V, R>...>;
  static constexpr std::size_t width = V::size;

  F const& f;
  std::tuple<R...> const& results;
  thread_pool* pool;
  std::size_t block_elements = folded_registers * width;  // that are added in the element type

  /// Runs the chunks and merges their accumulators in order.
  template <class Chunk> void sweep(layout const& l, std::size_t chunks, Chunk const& chunk) const {
    auto const arguments = std::apply(
        [&](R const&... r) {
          return std::tuple{accumulator_arguments<R>{r, l}...};
        },
        results);
    auto const run_in_order = [&](auto const&... b) {
      accumulators whole(b...);
      if (chunks != 0) chunk(0, whole);
      for (std::size_t i = 1; i < chunks; ++i) {
        accumulators later(b...);
        chunk(i, later);
        merge(whole, later);
      }
      write(whole, l);
    };
    if (pool && chunks > 1)
      return std::apply([&](auto const&... b) { concurrently(l, chunks, chunk, b...); }, arguments);
    std::apply(run_in_order, arguments);
  }
  template <class Chunk, class... B>
  void concurrently(layout const& l, std::size_t chunks, Chunk const& chunk, B const&... b) const {
    std::array<std::optional<accumulators>, max_chunks> parts;
    run_chunks(pool, chunks, [&](std::size_t i) { chunk(i, parts[i].emplace(b...)); });
    for (std::size_t i = 1; i != chunks; ++i) merge(*parts[0], *parts[i]);
    write(*parts[0], l);
  }

  // `sweep` calls its chunk function in three places; noinline keeps one copy of each of the loops below.

  /// Visits rows [begin, end) in the columns of this sweep.
  [[gnu::noinline]] void rows(layout const& l, accumulators& s, std::size_t begin, std::size_t end,
                              O const&... operands) const {
    std::size_t pending = 0, pending_rows = 0;
    for (std::size_t r = begin; r != end; ++r) {
      columns_of_row(l, s, r, l.first, l.last, pending, {}, operands...);
      for_accumulators(s, [&](auto& one) { one.finish_row(r); });
      if (++pending_rows == block_rows) for_accumulators(s, [](auto& one) { one.flush_columns(); }), pending_rows = 0;
    }
    for_accumulators(s, [](auto& one) { one.flush_elements(), one.flush_columns(); });
  }
  /// What a loop visits: whole registers of the operands, or one padded register of copies, which begin at that place and column.
  struct registers {
    std::size_t flat_base = 0, column_base = 0, lanes = width;
  };
  // A tail calls the function that it is in on padded copies: a compiler contracts products and sums differently where it finds the
  // formula twice, and the bits of an element would then depend on its place. FOVEA_ONE_COPY keeps it from making a second one.

  // Arguments by value: a register's store might change what is read by reference.

  /// Visits columns [first, last) of row r.
  FOVEA_ONE_COPY void columns_of_row(layout const l, accumulators& s, std::size_t r, std::size_t first,
                                     std::size_t last, std::size_t& pending_before, registers const from,
                                     O const... operands) const {
    lanes_kept const kept(from.lanes);
    auto const formula = f;
    auto const begin = r * l.columns;
    auto c = first, pending = pending_before;
    while (c + width <= last) {
      auto const stop =
          (std::min)(last, c + (block_elements - pending));  // a multiple of the register away, or the end
      for (; c + width <= stop; c += width, pending += width)
        run_batch(formula, s, {begin + c, r, c, from.lanes, l.columns, from.flat_base, from.column_base}, kept,
                  (c - l.first) / width, operands...);
      if (pending >= block_elements) for_accumulators(s, [](auto& one) { one.flush_elements(); }), pending = 0;
    }
    if (c < last) {
      place const p{begin + c, r, c, last - c, l.columns};
      on_padded(p, operands..., [&](auto const&... o) {
        columns_of_row(l, s, r, c, c + width, pending, {p.flat, c, p.lanes}, o...);
      });
    }
    pending_before = pending;
  }
  /// Visits elements [begin, end) of short rows, several of which share a register. The repeated pattern starts at `begin`, if
  /// `slot` is 0.
  FOVEA_ONE_COPY void short_rows(layout const l, accumulators& s, std::size_t begin, std::size_t end, std::size_t slot,
                                 registers const from, O const... operands) const {
    lanes_kept const kept(from.lanes);
    auto const formula = f;
    std::size_t patterns = 0, pending = 0;
    auto i = begin;
    for (; i + width <= end; i += width) {
      run_batch(formula, s, {i, many_rows, slot * width, from.lanes, l.columns, from.flat_base}, kept, slot,
                operands...);
      if ((pending += width) >= block_elements)
        for_accumulators(s, [](auto& one) { one.flush_elements(); }), pending = 0;
      if (++slot == l.slots) {
        slot = 0;
        if (++patterns == block_rows) for_accumulators(s, [](auto& one) { one.flush_columns(); }), patterns = 0;
      }
    }
    if (i < end) {
      place const p{i, many_rows, slot * width, end - i, l.columns};
      on_padded(p, operands..., [&](auto const&... o) { short_rows(l, s, i, i + width, slot, {i, 0, p.lanes}, o...); });
    }
    for_accumulators(s, [](auto& one) { one.flush_elements(), one.flush_columns(); });
  }

  template <class G> static void for_accumulators(accumulators& s, G const& g) {
    std::apply([&](auto&... one) { (g(one), ...); }, s);
  }

  /// Calls run with the operands of the padded register at p.
  template <class Run> static void on_padded(place const& p, O const&... operands, Run const& run) {
    [&](auto const&... o) {
      run(o.operand...);
      (o.finish(), ...);
    }(padded_operand<V, O>(operands, p)...);
  }

 private:
  /// Selects a term, or the fold's identity in the padding lanes.
  struct lanes_kept {
    typename V::batch_bool_type kept;
    explicit lanes_kept(std::size_t lanes) : kept(index_of_lane<V>() < V(static_cast<typename V::value_type>(lanes))) {}
    template <class Fold> V terms(V const& all) const {
      return xsimd::select(kept, all, V(Fold::template identity<typename V::value_type>()));
    }
  };
  static void run_batch(F const& f, accumulators& s, place const& p, lanes_kept const& kept, std::size_t slot,
                        O const&... operands) {
    if constexpr (sizeof...(R) == 0) {
      call<V, register_part::all>(f, p, operands...);
    } else {
      auto const term = call<V, register_part::all>(f, p, operands...);
      [&]<std::size_t... K>(std::index_sequence<K...>) {
        (std::get<K>(s).take(p, slot, kept.template terms<typename R::fold>(V(detail::term<K>(term)))), ...);
      }(std::index_sequence_for<R...>{});
    }
  }
  static void merge(accumulators& whole, accumulators const& part) {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (std::get<K>(whole).merge(std::get<K>(part)), ...);
    }(std::index_sequence_for<R...>{});
  }
  void write(accumulators const& whole, layout const& l) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (std::get<K>(whole).write(std::get<K>(results), l), ...);
    }(std::index_sequence_for<R...>{});
  }
};

/// An operand as `run_narrow` reads it: per_column is repeated to one pattern, a multiple of both the row and the register; any
/// other operand is unchanged.
template <class V, class O> struct repeated {
  O operand;
  repeated(O o, layout const&) : operand(o) {}
};
template <class V, class T> struct repeated<V, per_column<T>> {
  std::remove_const_t<T> pattern[max_slots * V::size];
  per_column<T> operand{pattern};
  repeated(per_column<T> o, layout const& l) {
    for (std::size_t i = 0; i != l.last; ++i) pattern[i] = o.elements[i % l.columns];
  }
  repeated(repeated const&) = delete;
};

/// True if several short rows share a register (`run_narrow`): few of them are a multiple of a register. Rows of whole registers
/// do not share one if an operand or result goes by row, because that costs work in each lane.
template <class V, bool ByRow> constexpr bool is_narrow(std::size_t columns) {
  return columns != 0 && columns < 8 * V::size && !(ByRow && columns % V::size == 0) &&
         std::lcm(columns, V::size) <= max_slots * V::size;
}

/// Visits fewer elements than a register has: what `run_as_one_row` comes down to, without the way there.
template <class V, class F, class... O> void run_in_one_register(F const& f, std::size_t n, O const&... operands) {
  using one = runner<V, F, std::tuple<>, O...>;
  typename one::accumulators none;
  std::size_t pending = 0;
  one::on_padded({0, 0, 0, n, n}, operands..., [&](auto const&... o) {
    one{f, {}, nullptr}.columns_of_row({false, n, 0, n, 0}, none, 0, 0, V::size, pending, {0, 0, n}, o...);
  });
}
template <class V, class Runner, class... O> void run_as_one_row(Runner const& w, std::size_t n, O const&... operands) {
  chunks const c(n, chunks_for(n), chunk_grain);
  layout const l{false, n, 0, n, 0};
  w.sweep(l, c.count, [&](std::size_t i, auto& s) {
    std::size_t pending = 0;
    w.columns_of_row(l, s, 0, i * c.length, (std::min)(n, (i + 1) * c.length), pending, {}, operands...);
    w.for_accumulators(s, [](auto& one) { one.flush_elements(); });
  });
}
template <class V, class Runner, class... O>
void run_narrow(Runner const& w, std::size_t rows, std::size_t columns, O const&... operands) {
  auto const period = std::lcm(columns, V::size), n = rows * columns;
  layout const l{true, columns, 0, period, period / V::size};
  chunks const c(n, chunks_for(n), period);
  [&](auto const&... o) {
    w.sweep(l, c.count, [&](std::size_t i, auto& s) {
      w.short_rows(l, s, i * c.length, (std::min)(n, (i + 1) * c.length), 0, {}, o.operand...);
    });
  }(repeated<V, O>(operands, l)...);
}
template <class V, bool DownColumns, class Runner, class... O>
void run_rows(Runner const& w, std::size_t rows, std::size_t columns, O const&... operands) {
  std::size_t const width = DownColumns ? max_slots * V::size : std::max<std::size_t>(1, columns);
  for (std::size_t first = 0; first < columns || first == 0; first += width) {
    auto const last = (std::min)(columns, first + width);
    layout const l{false, columns, first, last, (last - first + V::size - 1) / V::size};
    chunks const c(rows, chunks_for(rows * (last - first)));
    w.sweep(l, c.count, [&](std::size_t i, auto& s) {
      w.rows(l, s, i * c.length, (std::min)(rows, (i + 1) * c.length), operands...);
    });
  }
}

/// True for a sum over all places whose parts, in floats, may be too large where the sum, a double, is not.
template <class V, class Result>
inline constexpr bool may_overflow = std::is_same_v<V, float> && std::is_same_v<Result, overall<plus>>;
template <class Result> bool is_infinite(Result const&) { return false; }
inline bool is_infinite(overall<plus> const& r) { return !(*r.elements - *r.elements == 0); }

/// True if a formula may be called again: neither it nor a result has written over an operand.
template <class T> inline constexpr bool changes_itself = false;
template <class T> inline constexpr bool changes_itself<each<T>> = !std::is_const_v<T>;
template <class T> void const* written_by(T const&) { return nullptr; }
template <class T> void const* written_by(out<T> const& o) { return o.elements; }
template <class T> void const* read_by(T const& o) {
  if constexpr (requires { o.elements; }) return o.elements;
  else return nullptr;
}
template <class T> void const* read_by(out<T> const&) { return nullptr; }
template <class... R, class... O> bool is_repeatable(std::tuple<R...> const& results, O const&... operands) {
  auto const overwritten = [&](void const* to) {
    return to != nullptr && ((xtensor_detail::read_by(operands) == to) || ...);
  };
  auto const of_results = [&](R const&... r) { return (overwritten(r.elements) || ...); };
  return !std::apply(of_results, results) && !(overwritten(xtensor_detail::written_by(operands)) || ...);
}

/// Calls f at each place of rows x columns and folds its return value into the results. Where a sum of floats overflows, calls f again
/// and adds each register in double.
template <class V, class Domain, class F, class... R, class... O>
void run(pool_pointer const& pool, Domain const& d, F const& f, std::tuple<R...> const& results, O const&... operands) {
  runner<V, F, std::tuple<R...>, O...> w{f, results, pool.get()};
  auto const rows = d.template get<0>(), columns = d.template get<1>();
  auto const narrow = [&] { run_narrow<V>(w, rows, columns, operands...); };
  auto const wide = [&] { run_rows<V, has_axis<axis::column, R...>>(w, rows, columns, operands...); };
  constexpr auto fixed = Domain::static_extent(1);
  constexpr bool by_row = has_axis<axis::row, O..., R...>;
  auto const visit = [&] {
    if constexpr (!needs_row_or_column<O..., R...>) {
      run_as_one_row<V>(w, rows * columns, operands...);
    } else if constexpr (fixed != dynamic) {
      if constexpr (is_narrow<V, by_row>(fixed)) narrow();
      else wide();
    } else if (is_narrow<V, by_row>(columns)) {
      narrow();
    } else {
      wide();
    }
  };
  visit();
  if constexpr ((may_overflow<typename V::value_type, R> || ...) && !(changes_itself<O> || ...)) {
    if (!std::apply([](R const&... r) { return (xtensor_detail::is_infinite(r) || ...); }, results)) return;
    if (!xtensor_detail::is_repeatable(results, operands...)) return;
    w.block_elements = V::size;
    visit();
  }
}

#undef FOVEA_ONE_COPY

}  // namespace fovea::xtensor_detail
