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

/// The table that the options ask for.
source load(options const& o);

/// V1..V28 and LogAmount: what the network is given.
std::vector<std::string> const& feature_names();

std::size_t frauds(fovea::table const& t);

/// Adds LogAmount = log(Amount + 0.001). Throws `argument_error` for a column that is missing and `numeric_error` for a
/// number that is not finite.
void add_features(fovea::table& rows);

/// The post's preprocessing: no Time, LogAmount, an 80/20 split of seed 0, no scaling. Throws also `numeric_error` for a
/// class that is missing in a part.
fovea::table_split preprocess(fovea::table rows);

/// The features of a CSV file whose rows are to be scored. Throws what `add_features` does, naming the file.
fovea::table rows_to_score(std::filesystem::path const& file);

}  // namespace fraud
