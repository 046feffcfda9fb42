// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include <fovea/metrics/threshold_counts.hpp>

#include "../report.hpp"
#include "figure.hpp"

namespace fraud::plots {

namespace detail {

/// The points of the precision-recall curve at which recall grows. Drawn as steps, the area below them is the average
/// precision.
inline std::vector<std::array<double, 2>> precision_over_recall(evidence const& kept) {
  auto const counts = fovea::threshold_counts(kept.probabilities, kept.targets);
  auto const positives = static_cast<double>(counts.back().true_positive);
  std::vector<std::array<double, 2>> points;
  std::size_t found = 0;
  for (auto const& c : counts) {
    if (c.true_positive == found) continue;
    found = c.true_positive;
    auto const right = static_cast<double>(found), precision = right / (right + static_cast<double>(c.false_positive));
    if (points.empty()) points.push_back({0, precision});
    points.push_back({right / positives, precision});
  }
  return points;
}

inline double prevalence(fovea::confusion_counts const& c) {
  auto const frauds = static_cast<double>(c.false_negative + c.true_positive);
  return frauds / (frauds + static_cast<double>(c.true_negative + c.false_positive));
}

/// Adds the curve and marks the threshold 0.5 on it, unless no probability reaches that threshold.
inline void add_curve(std::vector<std::string>& curves, figure& f, run const& r) {
  auto const color = in_color(color::of_loss(r.loss));
  char name[64];
  std::snprintf(name, sizeof name, "%s: average precision %.3f", r.loss == "bce" ? "BCE" : "focal loss",
                r.average_precision);
  curves.push_back(f.data(precision_over_recall(r.kept)) + " with fsteps lw 2.5" + color + "title " + quoted(name));
  if (r.confusion.true_positive + r.confusion.false_positive == 0) return;
  std::vector<std::array<double, 2>> const at{{fovea::recall(r.confusion), fovea::precision(r.confusion)}};
  curves.push_back(f.data(at) + " with points pt 7 ps 1.8" + color + "notitle");
}

}  // namespace detail

/// Plots precision against recall, with one panel per mode and one curve per loss.
inline figure precision_recall(std::vector<run const*> const& runs, std::string const& caption, options const& o) {
  auto const modes = o.mode == "both" ? std::vector<std::string>{"published", "corrected"} : std::vector{o.mode};
  figure f("Precision over recall on the test split, for every threshold", caption + "; dots: at threshold 0.5",
           modes.size(), o.loss == "both" ? 3 : 2);
  auto const guessing = detail::prevalence(runs.front()->confusion);
  char name[64];
  std::snprintf(name, sizeof name, "guessing: the share of frauds, %.4f", guessing);
  for (auto const& mode : modes) {
    std::vector<std::string> curves;
    for (auto const* r : runs)
      if (r->mode == mode) detail::add_curve(curves, f, *r);
    curves.push_back(number(guessing) + " with lines lw 2 dashtype (8,6)" + in_color(color::grey) + "title " +
                     quoted(name));
    f.panel(heading(mode), R"(set xrange [0:1]; set yrange [-0.03:1.03]; set ytics 0,0.2
set xlabel 'recall (share of frauds that are found)'; set ylabel 'precision (share of alarms that are frauds)')",
            curves);
  }
  return f;
}

}  // namespace fraud::plots
