// SPDX-License-Identifier: MIT
#include "plots.hpp"

#include <cstdio>
#include <ostream>
#include <system_error>
#include <vector>

#include "plots/confusion.hpp"
#include "plots/losses.hpp"
#include "plots/precision_recall.hpp"
#include "plots/probabilities.hpp"
#include "plots/study.hpp"
#include "plots/training.hpp"

namespace fraud {

bool can_plot(std::filesystem::path const& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw fovea::io_error(folder.string() + ": cannot make the folder: " + failed.message());
  auto const probe = folder / ".probe.tmp";
  fovea::replace_file(probe, [](std::ostream&) {});
  std::filesystem::remove(probe, failed);
  if (plots::has_gnuplot()) return true;
  std::fprintf(
      stderr,
      "--plots: nothing will be drawn, as there is no gnuplot with PNG output here (apt-get install gnuplot-nox)\n");
  return false;
}

namespace {

/// The data's file name for a caption, cut to about its last thirty bytes, with control characters replaced.
std::string short_name(std::string const& data) {
  auto name = std::filesystem::path(data).filename().string();
  if (name.size() > 30) {
    auto from = name.size() - 27;
    while (from < name.size() && (name[from] & 0xc0) == 0x80) ++from;  // does not cut a UTF-8 character
    name.replace(0, from, "...");
  }
  for (auto& c : name)
    if (c >= 0 && c < ' ') c = '?';
  return name;
}

/// The caption that describes the data and the plotted runs.
std::string caption(results const& all, std::string const& seeds) {
  auto const& c = all.runs.front().confusion;
  auto const frauds = c.false_negative + c.true_positive, rows = frauds + c.true_negative + c.false_positive;
  return "Data: " + short_name(all.data) + ", test split of " + plots::grouped(rows) + " rows, " +
         plots::grouped(frauds) + " frauds; " + seeds;
}

}  // namespace

void write_plots(std::filesystem::path const& folder, results const& all, options const& o) {
  std::vector<run const*> first;
  for (auto const& r : all.runs)
    if (r.seed == o.seed) first.push_back(&r);
  auto const about = caption(all, "seed " + std::to_string(o.seed));
  std::string names;
  auto const draw = [&](std::string const& name, plots::figure const& figure) {
    plots::draw(folder / name, figure.commands());
    names += (names.empty() ? "" : ", ") + name;
  };
  draw("losses.png", plots::losses());
  draw("confusion.png", plots::confusion_matrices(first, about, o));
  draw("precision_recall.png", plots::precision_recall(first, about, o));
  draw("training.png", plots::training(first, about, o));
  draw("probabilities.png", plots::probabilities(first, about, o));
  if (o.runs > 1) {
    auto const seeds = "seeds " + std::to_string(o.seed) + " to " + std::to_string(o.seed + o.runs - 1);
    draw("study.png", plots::study(all.runs, caption(all, seeds), o));
  }
  std::printf("\nPlots in %s: %s\n", folder.string().c_str(), names.c_str());
}

}  // namespace fraud
