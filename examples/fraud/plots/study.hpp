// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "../report.hpp"
#include "figure.hpp"

namespace fraud::plots {

namespace detail {

/// The interpolated quantile of sorted values.
inline double quantile(std::vector<double> const& sorted, double share) {
  auto const at = share * static_cast<double>(sorted.size() - 1);
  auto const below = static_cast<std::size_t>(at);
  auto const above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

/// Adds one dot per value, spread around x, on a box of the quartiles with a line at the median.
inline void add_strip(std::vector<std::string>& curves, figure& f, double x, std::vector<double> values,
                      std::string const& color) {
  std::vector<std::array<double, 2>> dots;
  for (std::size_t i = 0; i != values.size(); ++i)  // spreads the dots by the golden ratio
    dots.push_back({x - 0.22 + 0.44 * std::fmod(static_cast<double>(i) * 0.618033988749895, 1), values[i]});
  std::ranges::sort(values);
  std::vector<std::array<double, 4>> const box{{x - 0.32, x + 0.32, quantile(values, 0.25), quantile(values, 0.75)}};
  auto const middle = number(quantile(values, 0.5));
  std::vector<std::array<double, 3>> const median{{x - 0.32, quantile(values, 0.5), 0.64}};
  curves.push_back(f.data(box) + " using (" + number(x) + "):3:1:2:3:4 with boxxyerror" + in_color(color) +
                   "fillstyle transparent solid 0.2 noborder notitle");
  curves.push_back(f.data(dots) + " with points pt 7 ps 0.9" + in_color(color) + "notitle");
  curves.push_back(f.data(median) + " using 1:2:3:(0) with vectors nohead lw 3" + in_color(color::ink) + "notitle");
}

}  // namespace detail

/// Plots average precision and frauds found over all seeds, with one strip per mode and loss.
inline figure study(std::vector<run> const& runs, std::string const& caption, options const& o) {
  figure f("Average precision and frauds found on the test split, over " + grouped(o.runs) + " seeds",
           caption + "; dots: runs, boxes: quartiles and median", 2);
  auto const& c = runs.front().confusion;
  auto const frauds = c.false_negative + c.true_positive;
  auto const panel = [&](std::string const& name, double most, auto const& measure) {
    std::vector<std::string> strips;
    std::string tics;
    double x = 0;
    for (std::string const mode : {"published", "corrected"})
      for (std::string const loss : {"bce", "focal"}) {
        std::vector<double> values;
        for (auto const& r : runs)
          if (r.mode == mode && r.loss == loss) values.push_back(measure(r));
        if (values.empty()) continue;
        auto const name_of_loss = std::string(loss == "bce" ? "BCE" : "focal loss");
        tics += (tics.empty() ? "\"" : ", \"") + name_of_loss + "\\n" + mode + "\" " + number(x);
        detail::add_strip(strips, f, x++, values, color::of_loss(loss));
      }
    f.panel(name,
            "unset key; set grid noxtics; set xrange [-0.6:" + number(x - 0.4) + "]; set yrange [" +
                number(-0.03 * most) + ":" + number(1.03 * most) + "]\nset xtics (" + tics + ") scale 0",
            strips);
  };
  panel("Average precision", 1, [](run const& r) { return r.average_precision; });
  panel("Frauds found of " + grouped(frauds) + ", at threshold 0.5", static_cast<double>(frauds),
        [](run const& r) { return static_cast<double>(r.confusion.true_positive); });
  return f;
}

}  // namespace fraud::plots
