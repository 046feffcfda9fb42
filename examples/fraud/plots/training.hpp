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

using points = std::vector<std::array<double, 2>>;

/// The running mean of `window` successive losses, each placed at the middle of its window; at most about a thousand points.
inline points running_mean(std::vector<double> const& losses, std::size_t window) {
  points result;
  auto const every = std::max<std::size_t>(1, losses.size() / 1000);
  double sum = 0;
  for (std::size_t i = 0; i != losses.size(); ++i) {
    sum += losses[i] - (i < window ? 0 : losses[i - window]);
    if (i + 1 >= window && (i + 1) % every == 0)
      result.push_back(
          {static_cast<double>(i) - static_cast<double>(window - 1) / 2, sum / static_cast<double>(window)});
  }
  return result;
}

inline points held_out(evidence const& kept) {
  points result;
  for (std::size_t i = 0; i != kept.steps.size(); ++i) result.push_back({kept.steps[i], kept.losses[i]});
  return result;
}

/// The gnuplot range, in whole powers of ten, that holds all positive finite losses.
inline std::string decades(points const& a, points const& b) {
  double low = 1e300, high = 0;
  for (auto const* all : {&a, &b})
    for (auto const& [step, loss] : *all)
      if (loss > 0 && std::isfinite(loss)) low = std::min(low, loss), high = std::max(high, loss);
  if (high == 0) return "[0.1:1]";
  auto const floor = std::floor(std::log10(low)), ceiling = std::ceil(std::log10(high));
  return "[1e" + number(floor) + ":1e" + number(std::max(floor + 1, ceiling)) + "]";
}

}  // namespace detail

/// Plots the training loss of the batches and the loss of the test split, with one panel per run.
inline figure training(std::vector<run const*> const& runs, std::string const& caption, options const& o) {
  figure f("Loss while training, on log scales; those of BCE and focal loss differ", caption, runs.size(), 2);
  for (auto const* r : runs) {
    auto const window = std::clamp<std::size_t>(r->losses.size() / 20, 1, 100);
    auto const mean = detail::running_mean(r->losses, window), held_out = detail::held_out(r->kept);
    auto const steps = r->losses.size(), of_epoch = steps / o.epochs;
    f.panel(
        title(r->mode, r->loss, o),
        "set logscale y; set format y '%g'; set yrange " + detail::decades(mean, held_out) +
            "; set xrange [0:" + number(steps) + "]\nset xlabel 'steps of " + grouped(o.batch) + " rows (" +
            grouped(of_epoch) + " an epoch)'; set ylabel 'mean loss of a row'",
        {f.data(mean) + " with lines lw 1.5" + in_color(color::of_loss(r->loss)) + "title 'training batches" +
             (window > 1 ? ", running mean of " + number(window) + " steps'" : "'"),
         f.data(held_out) + " with linespoints lw 1.5 pt 7 ps 0.5" + in_color(color::ink) + "title '" +
             (r->mode == "published" ? "test split, which it trains on by mistake" : "test split, held out") + "'"});
  }
  return f;
}

}  // namespace fraud::plots
