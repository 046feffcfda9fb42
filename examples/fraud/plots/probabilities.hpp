// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "../report.hpp"
#include "figure.hpp"

namespace fraud::plots {

namespace detail {

/// The center of each of twenty bins, and the numbers of normal rows and of frauds whose probability lies in the bin.
inline std::vector<std::array<double, 3>> histogram(evidence const& kept) {
  constexpr std::size_t bins = 20;
  std::vector<std::array<double, 3>> result(bins);
  for (std::size_t b = 0; b != bins; ++b) result[b][0] = (static_cast<double>(b) + 0.5) / bins;
  for (std::size_t i = 0; i != kept.targets.size(); ++i) {
    auto const b = std::min(bins - 1, static_cast<std::size_t>(kept.probabilities[i] * bins));
    ++result[b][kept.targets[i] == 1 ? 2 : 1];
  }
  return result;
}

}  // namespace detail

/// Plots a histogram of the predicted probabilities of each class, with one panel per run.
inline figure probabilities(std::vector<run const*> const& runs, std::string const& caption, options const& o) {
  figure f("Predicted probability of fraud on the test split, by class", caption, runs.size(), 1);
  std::size_t largest = 1;
  for (auto const* r : runs) largest = std::max(largest, r->kept.targets.size());
  for (auto const* r : runs) {
    auto const bars = f.data(detail::histogram(r->kept));
    f.panel(title(r->mode, r->loss, o), R"(set xrange [0:1]; set xtics 0,0.1; set logscale y; set format y '%.0s%c'
set xlabel 'predicted probability of fraud, in bins of 0.05'; set ylabel 'rows (log scale)'
set key horizontal; set boxwidth 0.02
set arrow 1 from 0.5, graph 0 to 0.5, graph 1 nohead back dashtype (8,6) lc rgb '#767676'
set yrange [0.7:)" + number(2 * largest) + "]",
            {bars + " using ($1-0.01):2 with boxes" + in_color(color::sky) + "title 'normal'",
             bars + " using ($1+0.01):3 with boxes" + in_color(color::vermillion) + "title 'fraud'"});
  }
  return f;
}

}  // namespace fraud::plots
