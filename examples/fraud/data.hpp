// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <fovea/data/split.hpp>
#include <fovea/data/table.hpp>

#include "options.hpp"

namespace fraud {

struct source {
  std::string name;
  fovea::table rows;
};

/// Loads the table that the options select.
source load(options const& o);

/// The network's input features: V1..V28 and LogAmount.
std::vector<std::string> const& feature_names();

std::size_t frauds(fovea::table const& t);

/// Adds LogAmount = log(Amount + 0.001). Throws `argument_error` if a column is missing and `numeric_error` if a number
/// is not finite.
void add_features(fovea::table& rows);

/// The post's preprocessing: drops Time, adds LogAmount, splits 80/20 with seed 0, does not scale. Throws what `add_features`
/// throws, and `numeric_error` if a part lacks one of the classes.
fovea::table_split preprocess(fovea::table rows);

/// Reads the features of the rows to score from a CSV file. Throws what `add_features` throws, with the file's name.
fovea::table rows_to_score(std::filesystem::path const& file);

}  // namespace fraud
