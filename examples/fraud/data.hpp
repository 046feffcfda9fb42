// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <fovea/data/csv.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/data/require_finite.hpp>
#include <fovea/data/split.hpp>

#include "download.hpp"
#include "options.hpp"
#include "stand_in.hpp"

namespace fraud {

struct source {
  std::string name;
  fovea::table rows;
};

/// The table that the options ask for.
inline source load(options const& o) {
  std::filesystem::path const usual = "data/creditcard.csv";
  if (o.download) {
    std::filesystem::create_directories(usual.parent_path());
    download_real_data(usual);
  }
  if (!o.data.empty()) return {o.data, fovea::read_csv(o.data)};
  if (std::filesystem::exists(usual)) return {usual.string(), fovea::read_csv(usual)};
  return {"synthetic stand-in", stand_in()};
}

/// V1..V28 and LogAmount.
inline std::vector<std::string> feature_names() {
  std::vector<std::string> names;
  for (int i = 1; i <= 28; ++i) names.emplace_back("V").append(std::to_string(i));
  names.emplace_back("LogAmount");
  return names;
}

inline std::size_t frauds(fovea::table const& t) {
  std::size_t n = 0;
  for (auto c : t.column("Class")) n += c == 1;
  return n;
}

/// Throws `numeric_error` unless both classes, and no other, are there.
inline void require_both_classes(fovea::table const& t, std::string const& part) {
  for (std::size_t row = 0; auto c : t.column("Class")) {
    if (c != 0 && c != 1)
      throw fovea::numeric_error("column \"Class\" of the " + part + ", row " + std::to_string(row) + ": " +
                                 std::to_string(c) + " is neither 0 nor 1");
    ++row;
  }
  auto const positive = frauds(t);
  if (positive == 0 || positive == t.rows())
    throw fovea::numeric_error("the " + part + " has one class only: " + std::to_string(positive) + " frauds in " +
                               std::to_string(t.rows()) + " rows; both are needed");
}

/// The post's preprocessing: no Time, LogAmount = log(Amount + 0.001), an 80/20 split of seed 0, no scaling.
/// Throws `numeric_error` for a number that is not finite, or a class that is missing in a part.
inline fovea::table_split preprocess(fovea::table rows) {
  for (std::size_t i = 1; i <= 28; ++i) (void)rows.column(std::string("V").append(std::to_string(i)));
  std::vector<double> log_amount;
  for (auto amount : rows.column("Amount")) log_amount.push_back(std::log(amount + 0.001));
  rows.set("LogAmount", std::move(log_amount));
  fovea::require_finite(rows);
  require_both_classes(rows, "table");
  auto parts = fovea::train_test_split(rows, {.test_size = 0.2, .seed = 0});
  require_both_classes(parts.train, "training split");
  require_both_classes(parts.test, "test split");
  return parts;
}

}  // namespace fraud
