// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <fovea/backends/xtensor/operand_registers.hpp>

/// Where a reduction's terms go. Within a chunk of the domain they are folded lane by lane in the element type, over 4,096
/// elements or 32 rows, then into doubles; the chunks' doubles are folded in order.
namespace fovea::xtensor_detail {

/// How a part of the domain is walked.
struct layout {
  bool narrow;              // rows shorter than a few batches, walked flat
  std::size_t columns;      // of the whole domain
  std::size_t first, last;  // columns of this sweep; narrow: of the repeated pattern
  std::size_t slots;        // batches that they take
};

/// The most batches of columns reduced in one sweep; more columns take several sweeps.
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

/// What a sink is made from: its result and the layout.
template <class Result> struct beginning {
  Result result;
  layout const& part;
};

/// The sink of one kind of result. `merge` takes what a later chunk has; `write` ends a sweep.
template <class V, class Result> struct accumulator;

template <class V, class Fold> struct accumulator<V, overall<Fold>> {
  folded_lanes<V, Fold, 1> lanes{1};
  accumulator(beginning<overall<Fold>> const&) {}
  void take(place const&, std::size_t, V const& term) { lanes.add(0, term); }
  void end_block() { lanes.flush(); }
  void end_row(std::size_t) {}
  void end_rows() {}
  void merge(accumulator const& later) { lanes.merge(later.lanes); }
  void write(overall<Fold> r, layout const& l) const {
    *r.elements = l.first == 0 ? lanes.folded() : Fold{}(*r.elements, lanes.folded());
  }
};

template <class V, class T, class Fold> struct accumulator<V, by_column<T, Fold>> {
  folded_lanes<V, Fold, max_slots> lanes;
  accumulator(beginning<by_column<T, Fold>> const& b) : lanes(b.part.slots) {}
  void take(place const&, std::size_t slot, V const& term) { lanes.add(slot, term); }
  void end_block() {}
  void end_row(std::size_t) {}
  void end_rows() { lanes.flush(); }
  void merge(accumulator const& later) { lanes.merge(later.lanes); }
  void write(by_column<T, Fold> r, layout const& l) const {
    for (std::size_t c = l.first; c != std::min(l.last, l.columns); ++c) {
      double sum = lanes.sums[c - l.first];
      for (auto again = c - l.first + l.columns; l.narrow && again < l.last; again += l.columns)
        sum = Fold{}(sum, lanes.sums[again]);
      r.elements[c] = static_cast<T>(sum);
    }
  }
};

/// A chunk has whole rows of its sweep, so a row's result is written when the row ends.
template <class V, class T, class Fold> struct accumulator<V, by_row<T, Fold>> {
  by_row<T, Fold> to;
  layout const& part;
  folded_lanes<V, Fold, 1> lanes{1};
  double row_sum = Fold::template identity<double>();

  accumulator(beginning<by_row<T, Fold>> const& b) : to(b.result), part(b.part) {}
  void take(place const& p, std::size_t, V const& term) {
    if (!part.narrow) return lanes.add(0, term);
    alignas(64) typename V::value_type each_lane[V::size];
    term.store_aligned(each_lane);
    auto row = p.flat / part.columns, column = p.flat % part.columns;
    for (std::size_t i = 0; i != p.lanes; ++i) {
      row_sum = Fold{}(row_sum, static_cast<double>(each_lane[i]));
      if (++column == part.columns) put(row++, row_sum), column = 0, row_sum = Fold::template identity<double>();
    }
  }
  void end_block() {
    if (!part.narrow) lanes.flush();
  }
  void end_row(std::size_t row) {
    lanes.flush();
    put(row, lanes.folded());
    lanes = folded_lanes<V, Fold, 1>{1};
  }
  void end_rows() {}
  void put(std::size_t row, double sum) {
    to.elements[row] = static_cast<T>(part.first == 0 ? sum : Fold{}(static_cast<double>(to.elements[row]), sum));
  }
  void merge(accumulator const&) {}
  void write(by_row<T, Fold>, layout const&) const {}
};

}  // namespace fovea::xtensor_detail
