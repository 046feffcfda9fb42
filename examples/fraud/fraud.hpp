// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <exception>
#include <ostream>
#include <string>
#include <vector>

#include <unistd.h>

#include <fovea/io/npy.hpp>
#include <fovea/io/replace_file.hpp>

#include "data.hpp"
#include "experiment.hpp"
#include "plots.hpp"
#include "report.hpp"

/// The published experiment and the study, for any backend.
namespace fraud {

/// The weights that every run begins with, or none. Throws `shape_error` unless there are as many as the network has.
inline std::vector<float> initial_weights(options const& o) {
  if (o.initial_weights.empty()) return {};
  auto weights = fovea::read_npy<float>(o.initial_weights).values;
  if (weights.size() != published_network.parameter_count())
    throw fovea::shape_error(o.initial_weights + ": expected " + std::to_string(published_network.parameter_count()) +
                             " weights, found " + std::to_string(weights.size()));
  return weights;
}

/// Runs all that the options ask for, and prints it.
template <class B> results run_all(B const& backend, options const& o) {
  auto const weights = initial_weights(o);
  auto from = load(o);
  auto const parts = preprocess(std::move(from.rows));
  print_data(from, parts);
  fovea::dataset const train_rows{backend, parts.train, feature_names(), "Class"};
  fovea::dataset const test_rows{backend, parts.test, feature_names(), "Class"};

  results all{from.name, {}};
  auto& runs = all.runs;
  bool const watched = isatty(STDERR_FILENO) != 0;
  for (std::size_t i = 0; i != o.runs; ++i) {
    for (std::string const mode : {"published", "corrected"})
      for (std::string const loss : {"bce", "focal"}) {
        if (!o.wants(o.mode, mode) || !o.wants(o.loss, loss)) continue;
        auto const& rows = mode == "published" ? test_rows : train_rows;
        if (i == 0)
          std::printf("%s: trained on the %s split, seed %llu\n", title(mode, loss, o).c_str(),
                      mode == "published" ? "test" : "training", static_cast<unsigned long long>(o.seed));
        runs.push_back(experiment(backend, mode, loss, o, o.seed + i, weights, train_rows, test_rows,
                                  i == 0 && !o.plots.empty(), running_loss(i != 0, rows.rows(), o.batch)));
        if (i == 0) print_run(runs.back());
      }
    if (watched) std::fprintf(stderr, i + 1 == o.runs ? "\r                    \r" : "\rrun %zu of %zu", i + 1, o.runs);
  }
  if (o.runs > 1) print_study(runs, o, frauds(parts.test));
  return all;
}

/// Exits with 0, with 2 for bad usage, with 1 for bad data.
template <class MakeBackend> int main(int argc, char** argv, MakeBackend const& make_backend) {
  options o;
  CLI::App app{"Focal loss against binary cross-entropy on the credit-card-fraud data: the experiment as it was published, "
               "corrected, and over many seeds."};
  add_options(app, o);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  try {
    if (!o.plots.empty() && !can_plot(o.plots)) o.plots.clear();
    results all;
    auto const go = [&] { all = run_all(make_backend(o), o); };
    if (o.json.empty()) go();
    else fovea::replace_file(o.json, [&](std::ostream& to) { go(), to << as_json(all).dump(1) << '\n'; });
    if (!o.plots.empty()) write_plots(o.plots, all, o);
  } catch (std::exception const& e) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", app.get_name().empty() ? "fraud" : app.get_name().c_str(), e.what());
    return 1;
  }
  return 0;
}

}  // namespace fraud
