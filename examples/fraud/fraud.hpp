// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/distributed/communicator.hpp>
#include <fovea/io/replace_file.hpp>

#include "data.hpp"
#include "experiment.hpp"
#include "jobs.hpp"
#include "plots.hpp"
#include "report.hpp"
#include "scoring.hpp"

/// The published experiment and the study, for any backend.
namespace fraud {

/// Loads, describes and splits the data that the options select.
inline std::pair<std::string, fovea::table_split> prepare(options const& o) {
  auto from = load(o);
  auto const first = first_rows(from.rows);
  std::pair result{std::move(from.name), preprocess(std::move(from.rows))};
  print_data(result.first, first, result.second);
  return result;
}

/// Prints the kind of device that the backend computes on.
template <class B> void print_device() {
  std::printf("Using %s device\n\n", std::same_as<typename B::memory, fovea::host_memory> ? "cpu" : "cuda");
}

/// The processes of the program: all of them, which share the runs that are shown, and this one, which trains some of the others.
struct one_process {
  fovea::alone all, self;
};

/// Gives all processes a run that one of them has trained.
template <class Ranks> void broadcast(Ranks const& ranks, run& r, std::size_t from) {
  fovea::host_backend<double> const host;
  auto& c = r.confusion;
  std::array<double, 8> numbers{static_cast<double>(r.losses.size()),
                                static_cast<double>(c.true_positive),
                                static_cast<double>(c.false_positive),
                                static_cast<double>(c.true_negative),
                                static_cast<double>(c.false_negative),
                                r.average_precision,
                                r.roc_auc,
                                r.seconds};
  ranks.broadcast(host, std::span<double>(numbers), from);
  r.losses.resize(static_cast<std::size_t>(numbers[0]));
  ranks.broadcast(host, std::span<double>(r.losses), from);
  std::array<std::size_t*, 4> const counts{&c.true_positive, &c.false_positive, &c.true_negative, &c.false_negative};
  for (std::size_t i = 0; i != counts.size(); ++i) *counts[i] = static_cast<std::size_t>(numbers[1 + i]);
  r.average_precision = numbers[5], r.roc_auc = numbers[6], r.seconds = numbers[7];
}

/// Trains, evaluates and prints every run that the options select.
template <class B, class Processes> results run_all(B const& backend, options const& o, Processes const& processes) {
  if (o.jobs > 1 && !std::same_as<typename B::memory, fovea::host_memory>)
    throw fovea::argument_error("--jobs: runs on a device go one after the other");
  if (o.jobs > 1 && !std::same_as<Processes, one_process>)
    throw fovea::argument_error("--jobs: the processes of MPI are the jobs; start more of them");
  auto const [name, parts] = prepare(o);
  print_device<B>();
  experiment const run_one{backend, o, parts};

  std::vector<std::pair<std::string, std::string>> chosen;  // mode and loss
  for (std::string const mode : {"published", "corrected"})
    for (std::string const loss : {"bce", "focal"})
      if (o.wants(o.mode, mode) && o.wants(o.loss, loss)) chosen.emplace_back(mode, loss);

  results all{name, {}};
  auto& runs = all.runs;
  auto const& [ranks, self] = processes;
  runs.resize(o.runs * chosen.size());
  auto const compute = [&](auto const& by, std::size_t i, bool quiet) {
    auto const& [mode, loss] = chosen[i % chosen.size()];
    auto const rows = run_one.training_rows(mode).rows();
    runs[i] = run_one(by, mode, loss, o.seed + i / chosen.size(),
                      running_loss{rows, o.batch, quiet, o.schedule != "constant"});
  };
  for (std::size_t i = 0; i != chosen.size(); ++i) {  // the first seed's, which are printed, one after the other
    auto const& [mode, loss] = chosen[i];
    std::printf("%s: trained on the %s split, seed %llu\n", title(mode, loss, o).c_str(),
                mode == "published" ? "test" : "training", static_cast<unsigned long long>(o.seed));
    compute(ranks, i, o.quiet);
    if (!o.quiet) std::printf("Done!\n");
    print_scores(runs[i]);
  }
  auto const owner = [&](std::size_t i) { return i / chosen.size() % ranks.size(); };
  run_counter counter(chosen.size(), runs.size(), ranks.rank() == 0);
  run_jobs(chosen.size(), runs.size(), o.jobs, [&](std::size_t i) {
    if (owner(i) == ranks.rank()) compute(self, i, true);
    else
      runs[i] = {chosen[i % chosen.size()].first,
                 chosen[i % chosen.size()].second,
                 o.seed + i / chosen.size(),
                 {},
                 {},
                 0,
                 0,
                 0,
                 {}};
    counter.count();
  });
  for (auto i = chosen.size(); i < runs.size(); ++i) broadcast(ranks, runs[i], owner(i));
  if (o.runs > 1) print_study(runs, o, frauds(parts.test));
  return all;
}

/// Evaluates the model that `--load` names on the test split.
template <class B> void evaluate_loaded(B const& backend, options const& o) {
  auto const model = loaded_model(backend, o);
  auto const [name, parts] = prepare(o);
  print_device<B>();
  experiment const on{backend, o, parts};
  run result;
  auto const begin = std::chrono::steady_clock::now();
  auto const predicted = model.predict(on.test_features());
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  on.evaluate(predicted, result);
  std::printf("%s, on the test split\n", o.load.c_str());
  print_scores(result);
}

/// Scores, evaluates a loaded model, or trains, as the options select.
template <class B, class Processes> void go(B const& backend, options o, Processes const& processes) {
  if (!o.score.empty()) return score(backend, o);
  if (!o.load.empty()) return evaluate_loaded(backend, o);
  for (auto const& file : {o.save, o.json})
    if (!file.empty()) fovea::require_replaceable(file);
  if (!o.plots.empty() && !can_plot(o.plots)) o.plots.clear();
  auto const all = run_all(backend, o, processes);
  flush_output();
  if (processes.all.rank() != 0) return;
  if (!o.json.empty()) fovea::replace_file(o.json, [&](std::ostream& to) { write_json(to, all); });
  if (!o.save.empty()) std::printf("\nModel in %s\n", o.save.c_str());
  if (!o.plots.empty()) write_plots(o.plots, all, o);
}

/// Returns the exit code: 0 for success, 1 for bad data or output that cannot be written, 2 for bad usage.
template <class MakeBackend, class Processes = one_process>
int main(int argc, char** argv, MakeBackend const& make_backend, Processes const& processes = {}) {
  options o;
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error that the program reports
  if (auto const code = parse(argc, argv, o)) return *code;
  try {
    auto const backend = make_backend(o);
    if constexpr (requires { backend.device(); })
      std::fprintf(stderr, "Device: %s\n", std::string(backend.device()).c_str());
    go(backend, o, processes);
    flush_output();
  } catch (std::exception const& e) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", std::filesystem::path(argv[0]).filename().c_str(), e.what());
    processes.all.fail(e.what());
    return 1;
  }
  return 0;
}

}  // namespace fraud
