// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <fovea/backends/xtensor/operand_registers.hpp>

/// The accumulators of a reduction. Within a chunk, terms are folded lane by lane in the element type, then into doubles: overall
/// and by_row after at most 32 registers (`flush_elements`), by_column after 32 rows or patterns of rows (`flush_columns`).
/// The doubles of the chunks are folded in order.
namespace fovea::xtensor_detail {

/// The part of the domain that one sweep visits.
struct layout {
  bool narrow;              // several short rows share a register
  std::size_t columns;      // of the whole domain
  std::size_t first, last;  // columns of this sweep; narrow: of the repeated pattern
  std::size_t slots;        // number of registers for these columns
};

/// The largest number of batches of columns in one sweep; more columns take several sweeps.
inline constexpr std::size_t max_slots = 64;

template <class V, class Fold, std::size_t Slots> struct folded_lanes {
  static constexpr std::size_t width = V::size;
  V lanes[Slots];
  double sums[Slots * width];
  std::size_t used;

  explicit folded_lanes(std::size_t slots) : used(slots) {
    std::fill_n(lanes, used, Fold::template identity<V>());
    std::fill_n(sums, used * width, Fold::template identity<double>());
  }
  void add(std::size_t slot, V const& term) { lanes[slot] = Fold{}(lanes[slot], term); }
  void flush() {
    alignas(64) typename V::value_type each_lane[width];
    for (std::size_t s = 0; s != used; ++s) {
      lanes[s].store_aligned(each_lane);
      for (std::size_t i = 0; i != width; ++i)
        sums[s * width + i] = Fold{}(sums[s * width + i], static_cast<double>(each_lane[i]));
      lanes[s] = Fold::template identity<V>();
    }
  }
  void merge(folded_lanes const& later) {
    for (std::size_t i = 0; i != used * width; ++i) sums[i] = Fold{}(sums[i], later.sums[i]);
  }
  double folded() const {
    double sum = sums[0];
    for (std::size_t i = 1; i != width; ++i) sum = Fold{}(sum, sums[i]);
    return sum;
  }
};

/// The constructor argument of an accumulator: its result and the layout.
template <class Result> struct accumulator_arguments {
  Result result;
  layout const& range;
};

/// The accumulator of one kind of result. `merge` adds a later chunk's terms; `write` ends a sweep.
template <class V, class Result> struct accumulator;

template <class V, class Fold> struct accumulator<V, overall<Fold>> {
  folded_lanes<V, Fold, 1> lanes{1};
  accumulator(accumulator_arguments<overall<Fold>> const&) {}
  void take(place const&, std::size_t, V const& term) { lanes.add(0, term); }
  void flush_elements() { lanes.flush(); }
  void finish_row(std::size_t) {}
  void flush_columns() {}
  void merge(accumulator const& later) { lanes.merge(later.lanes); }
  void write(overall<Fold> r, layout const& l) const {
    *r.elements = l.first == 0 ? lanes.folded() : Fold{}(*r.elements, lanes.folded());
  }
};

template <class V, class T, class Fold> struct accumulator<V, by_column<T, Fold>> {
  folded_lanes<V, Fold, max_slots> lanes;
  accumulator(accumulator_arguments<by_column<T, Fold>> const& b) : lanes(b.range.slots) {}
  void take(place const&, std::size_t slot, V const& term) { lanes.add(slot, term); }
  void flush_elements() {}
  void finish_row(std::size_t) {}
  void flush_columns() { lanes.flush(); }
  void merge(accumulator const& later) { lanes.merge(later.lanes); }
  void write(by_column<T, Fold> r, layout const& l) const {
    for (std::size_t c = l.first; c != (std::min)(l.last, l.columns); ++c) {
      double sum = lanes.sums[c - l.first];
      for (auto again = c - l.first + l.columns; l.narrow && again < l.last; again += l.columns)
        sum = Fold{}(sum, lanes.sums[again]);
      r.elements[c] = static_cast<T>(sum);
    }
  }
};

/// A chunk holds whole rows of its sweep, so a row's result is written at the end of the row.
template <class V, class T, class Fold> struct accumulator<V, by_row<T, Fold>> {
  by_row<T, Fold> destination;
  layout const& range;
  folded_lanes<V, Fold, 1> lanes{1};
  double row_sum = Fold::template identity<double>();

  accumulator(accumulator_arguments<by_row<T, Fold>> const& b) : destination(b.result), range(b.range) {}
  void take(place const& p, std::size_t, V const& term) {
    if (!range.narrow) return lanes.add(0, term);
    alignas(64) typename V::value_type each_lane[V::size];
    term.store_aligned(each_lane);
    auto row = p.flat / range.columns, column = p.flat % range.columns;
    for (std::size_t i = 0; i != p.lanes; ++i) {
      row_sum = Fold{}(row_sum, static_cast<double>(each_lane[i]));
      if (++column == range.columns) put(row++, row_sum), column = 0, row_sum = Fold::template identity<double>();
    }
  }
  void flush_elements() {
    if (!range.narrow) lanes.flush();
  }
  void finish_row(std::size_t row) {
    lanes.flush();
    put(row, lanes.folded());
    lanes = folded_lanes<V, Fold, 1>{1};
  }
  void flush_columns() {}
  void put(std::size_t row, double sum) {
    destination.elements[row] =
        static_cast<T>(range.first == 0 ? sum : Fold{}(static_cast<double>(destination.elements[row]), sum));
  }
  void merge(accumulator const&) {}
  void write(by_row<T, Fold>, layout const&) const {}
};

}  // namespace fovea::xtensor_detail
