// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <exception>
#include <filesystem>
#include <ostream>
#include <string>

#include <unistd.h>

#include <fovea/io/replace_file.hpp>

#include "data.hpp"
#include "experiment.hpp"
#include "plots.hpp"
#include "report.hpp"
#include "scoring.hpp"

/// The published experiment and the study, for any backend.
namespace fraud {

/// Trains, evaluates and prints every run that the options select.
template <class B> results run_all(B const& backend, options const& o) {
  auto from = load(o);
  auto const parts = preprocess(std::move(from.rows));
  print_data(from, parts);
  experiment const run_one{backend, o, parts};

  results all{from.name, {}};
  auto& runs = all.runs;
  bool const watched = isatty(STDERR_FILENO) != 0;
  for (std::size_t i = 0; i != o.runs; ++i) {
    for (std::string const mode : {"published", "corrected"})
      for (std::string const loss : {"bce", "focal"}) {
        if (!o.wants(o.mode, mode) || !o.wants(o.loss, loss)) continue;
        if (i == 0)
          std::printf("%s: trained on the %s split, seed %llu\n", title(mode, loss, o).c_str(),
                      mode == "published" ? "test" : "training", static_cast<unsigned long long>(o.seed));
        runs.push_back(run_one(mode, loss, o.seed + i, running_loss(i != 0)));
        if (i == 0) print_scores(runs.back());
      }
    if (watched) std::fprintf(stderr, i + 1 == o.runs ? "\r                    \r" : "\rrun %zu of %zu", i + 1, o.runs);
  }
  if (o.runs > 1) print_study(runs, o, frauds(parts.test));
  return all;
}

/// Evaluates the model that `--load` names on the test split.
template <class B> void evaluate_loaded(B const& backend, options const& o) {
  auto const model = loaded_model(backend, o);
  auto from = load(o);
  auto const parts = preprocess(std::move(from.rows));
  print_data(from, parts);
  experiment const on{backend, o, parts};
  run result;
  auto const begin = std::chrono::steady_clock::now();
  auto const predicted = model.predict(on.test_features());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  on.evaluate(predicted, result);
  std::printf("%s, on the test split\n", o.load.c_str());
  print_scores(result);
}

/// Throws `fovea::io_error` unless a file can be created at this path. Called before the training, so that its result is
/// not lost.
inline void require_writable(std::filesystem::path const& file) {
  auto probe = file;
  probe += ".probe.tmp";
  fovea::replace_file(probe, [](std::ostream&) {});
  std::filesystem::remove(probe);
}

/// Scores, evaluates a loaded model, or trains, as the options select.
template <class B> void go(B const& backend, options o) {
  if (!o.score.empty()) return score(backend, o);
  if (!o.load.empty()) return evaluate_loaded(backend, o);
  if (!o.save.empty()) require_writable(o.save);
  if (!o.plots.empty() && !can_plot(o.plots)) o.plots.clear();
  results all;
  auto const run = [&] { all = run_all(backend, o); };
  if (o.json.empty()) run();
  else fovea::replace_file(o.json, [&](std::ostream& to) { run(), write_json(to, all); });
  if (!o.save.empty()) std::printf("\nModel in %s\n", o.save.c_str());
  if (!o.plots.empty()) write_plots(o.plots, all, o);
}

/// Returns the exit code: 0 for success, 1 for bad data, 2 for bad usage.
template <class MakeBackend> int main(int argc, char** argv, MakeBackend const& make_backend) {
  options o;
  if (auto const code = parse(argc, argv, o)) return *code;
  try {
    auto const backend = make_backend(o);
    if constexpr (requires { backend.device(); })
      std::fprintf(stderr, "Device: %s\n", std::string(backend.device()).c_str());
    go(backend, o);
  } catch (std::exception const& e) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", std::filesystem::path(argv[0]).filename().c_str(), e.what());
    return 1;
  }
  return 0;
}

}  // namespace fraud
