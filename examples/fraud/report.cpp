// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <utility>

#include <nlohmann/json.hpp>

#include <fovea/error.hpp>

namespace fraud {

void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw fovea::io_error("standard output: cannot write");
}

std::string first_rows(fovea::table const& rows) {
  std::string result;
  auto const columns = rows.names.size();
  auto const cell = [&](char const* format, auto value) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    result += text;
  };
  auto const line = [&](auto const& at) {
    for (std::size_t c = 0; c != columns; ++c) {
      if (columns > 8 && c == 4) result += "  ...";
      if (columns <= 8 || c < 4 || c + 3 >= columns) at(c);
    }
    result += '\n';
  };
  line([&](std::size_t c) { cell(" %10.10s", rows.names[c].c_str()); });
  for (std::size_t r = 0; r != std::min<std::size_t>(5, rows.rows()); ++r)
    line([&](std::size_t c) { cell(" %10.6g", rows.columns[c][r]); });
  return result;
}

void print_data(std::string const& name, std::string const& first, fovea::table_split const& parts) {
  bool const synthetic = name == "synthetic stand-in";
  auto const rows = parts.train.rows() + parts.test.rows(), positive = frauds(parts.train) + frauds(parts.test);
  std::printf(
      "Data: %s%s\n", name.c_str(),
      synthetic
          ? " -- SYNTHETIC rows, drawn to look like the real table's; give --data FILE.csv or --download for real ones"
          : "");
  std::printf("Examples:\n Total: %zu\n Positive: %zu (%.2f%% of total)\n\n%s\n", rows, positive,
              100 * static_cast<double>(positive) / static_cast<double>(rows), first.c_str());
  std::printf("training split: %zu rows, %zu frauds;  test split: %zu rows, %zu frauds\n\n", parts.train.rows(),
              frauds(parts.train), parts.test.rows(), frauds(parts.test));
}

std::string heading(std::string const& mode) { return mode == "published" ? "As published" : "Corrected"; }

std::string title(std::string const& mode, std::string const& loss, options const& o) {
  char gamma[32];
  std::snprintf(gamma, sizeof gamma, "focal loss, gamma %g", o.gamma);
  return heading(mode) + ", " + (loss == "bce" ? "BCE" : gamma);
}

void print_scores(run const& r) {
  auto const& c = r.confusion;
  std::printf(
      "                 predicted 0  predicted 1\n  normal         %11zu  %11zu\n  fraud          %11zu  %11zu\n",
      c.true_negative, c.false_positive, c.false_negative, c.true_positive);
  std::printf("  precision %.3f  recall %.3f  F1 %.3f  average precision %.3f  ROC AUC %.3f  (%.3f s)\n\n",
              fovea::precision(c), fovea::recall(c), fovea::f1(c), r.average_precision, r.roc_auc, r.seconds);
}

namespace {

/// The mean and sample standard deviation of f(run) over the runs.
template <class F> std::pair<double, double> mean_and_deviation(std::vector<run const*> const& runs, F const& f) {
  double sum = 0, squares = 0;
  auto const n = static_cast<double>(runs.size());
  for (auto const* r : runs) sum += f(*r);
  for (auto const* r : runs) squares += (f(*r) - sum / n) * (f(*r) - sum / n);
  return {sum / n, n > 1 ? std::sqrt(squares / (n - 1)) : 0};
}

}  // namespace

void print_study(std::vector<run> const& runs, options const& o, std::size_t test_frauds) {
  std::printf("Study: %zu runs of each, seeds %llu to %llu, on the test split (mean, standard deviation)\n", o.runs,
              static_cast<unsigned long long>(o.seed), static_cast<unsigned long long>(o.seed + o.runs - 1));
  std::printf("  %-33s %9s  %-22s %-16s %-17s %-17s %s\n", "", "all zeros",
              ("frauds found of " + std::to_string(test_frauds)).c_str(), "false alarms", "average precision",
              "ROC AUC", "seconds a run");
  for (std::string const mode : {"published", "corrected"})
    for (std::string const loss : {"bce", "focal"}) {
      std::vector<run const*> these;
      for (auto const& r : runs)
        if (r.mode == mode && r.loss == loss) these.push_back(&r);
      if (these.empty()) continue;
      auto const zeros = std::ranges::count_if(
          these, [](auto const* r) { return r->confusion.true_positive + r->confusion.false_positive == 0; });
      auto const show = [&](int decimals, auto const& f, int width) {
        auto const [mean, deviation] = mean_and_deviation(these, f);
        char text[64];
        std::snprintf(text, sizeof text, "%.*f (%.*f)", decimals, mean, decimals, deviation);
        std::printf(" %-*s", width, text);
      };
      std::printf("  %-33s %4td of %-3zu", title(mode, loss, o).c_str(), zeros, these.size());
      show(
          1, [](run const& r) { return static_cast<double>(r.confusion.true_positive); }, 22);
      show(
          2, [](run const& r) { return static_cast<double>(r.confusion.false_positive); }, 16);
      show(
          3, [](run const& r) { return r.average_precision; }, 17);
      show(
          3, [](run const& r) { return r.roc_auc; }, 17);
      show(
          3, [](run const& r) { return r.seconds; }, 0);
      std::printf("\n");
    }
}

void write_json(std::ostream& to, results const& from) {
  nlohmann::ordered_json all{{"data", from.data}, {"runs", nlohmann::ordered_json::array()}};
  for (auto const& r : from.runs) {
    auto const& c = r.confusion;
    all["runs"].push_back({{"mode", r.mode},
                           {"loss", r.loss},
                           {"seed", r.seed},
                           {"losses", r.losses},
                           {"confusion", {{c.true_negative, c.false_positive}, {c.false_negative, c.true_positive}}},
                           {"average_precision", r.average_precision},
                           {"roc_auc", r.roc_auc},
                           {"seconds", r.seconds}});
  }
  to << all.dump(1) << '\n';
}

}  // namespace fraud
