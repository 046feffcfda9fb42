// SPDX-License-Identifier: MIT
#include "data.hpp"

#include <cmath>
#include <sstream>
#include <utility>

#include <fovea/data/csv.hpp>
#include <fovea/data/require_finite.hpp>

#include "download.hpp"
#include "stand_in.hpp"

namespace fraud {
namespace {

/// Throws `numeric_error` unless both classes occur and no other value does.
void require_both_classes(fovea::table const& t, std::string const& part) {
  for (std::size_t row = 0; auto c : t.column("Class")) {
    if (c != 0 && c != 1)
      throw fovea::numeric_error("column \"Class\" of the " + part + ", row " + std::to_string(row) + ": " +
                                 (std::ostringstream() << c).str() + " is neither 0 nor 1");
    ++row;
  }
  auto const positive = frauds(t);
  if (positive == 0 || positive == t.rows())
    throw fovea::numeric_error("the " + part + " has one class only: " + std::to_string(positive) + " frauds in " +
                               std::to_string(t.rows()) + " rows; both are needed");
}

}  // namespace

source load(options const& o) {
  std::filesystem::path const usual = "data/creditcard.csv";
  if (o.download) {
    std::filesystem::create_directories(usual.parent_path());
    download_real_data(usual);
  }
  if (!o.data.empty()) return {o.data, fovea::read_csv(o.data)};
  if (std::filesystem::exists(usual)) return {usual.string(), fovea::read_csv(usual)};
  return {"synthetic stand-in", stand_in()};
}

std::vector<std::string> const& feature_names() {
  static auto const all = [] {
    std::vector<std::string> names;
    for (int i = 1; i <= 28; ++i) names.emplace_back("V").append(std::to_string(i));
    names.emplace_back("LogAmount");
    return names;
  }();
  return all;
}

std::size_t frauds(fovea::table const& t) {
  std::size_t n = 0;
  for (auto c : t.column("Class")) n += c == 1;
  return n;
}

void add_features(fovea::table& rows) {
  std::vector<double> log_amount;
  for (auto amount : rows.column("Amount")) log_amount.push_back(std::log(amount + 0.001));
  rows.set("LogAmount", std::move(log_amount));
  fovea::require_finite(rows.select(feature_names()));
}

fovea::table_split preprocess(fovea::table rows) {
  add_features(rows);
  require_both_classes(rows, "table");
  auto parts = fovea::train_test_split(rows, {.test_size = 0.2, .seed = 0});
  require_both_classes(parts.train, "training split");
  require_both_classes(parts.test, "test split");
  return parts;
}

fovea::table rows_to_score(std::filesystem::path const& file) {
  auto rows = fovea::read_csv(file);
  try {
    add_features(rows);
    return rows.select(feature_names());
  } catch (fovea::error const& e) {
    throw fovea::argument_error(file.string() + ": " + e.what());
  }
}

}  // namespace fraud
