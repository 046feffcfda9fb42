// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/data/text_categories.hpp>
#include <fovea/text/distinct_names.hpp>

namespace fovea {

/// Replaces text columns by columns of numbers of the same names: the place of each text among the categories, from 0 on. Agrees with
/// scikit-learn's `OrdinalEncoder`. Makes class targets of labels, and the indices of an `embedding`. Fit on the training part and
/// apply to all parts. To store an encoder, store its members.
///
///     auto const labels = ordinal_encoder::fit(train, {"species"});  // in ascending order
///     ordinal_encoder const sizes{.names = {"size"}, .categories = {{"S", "M", "L"}}};
///     sizes.apply(train);
struct ordinal_encoder {
  std::vector<std::string> names = {};                    // of text columns
  std::vector<std::vector<std::string>> categories = {};  // of each

  /// Finds the categories of the named text columns, in ascending order. Throws `argument_error` if a column does not exist or is
  /// named twice, and `numeric_error` if there are no rows.
  static ordinal_encoder fit(table const& from, std::vector<std::string> columns) {
    ordinal_encoder result;
    detail::require_distinct("ordinal_encoder", columns);
    for (auto const& name : columns)
      result.categories.push_back(detail::categories_of("ordinal_encoder", name, from.text(name)));
    result.names = std::move(columns);
    return result;
  }

  /// Throws `argument_error` if a text column does not exist or a row holds another category, which the message names; then the table
  /// is unchanged.
  void apply(table& rows) const {
    detail::require_columns("ordinal_encoder", rows, names, categories);
    auto result = rows;
    for (std::size_t i = 0; i != names.size(); ++i) {
      auto const places = detail::places_of("ordinal_encoder", names[i], rows.text(names[i]), categories[i], true);
      result.remove(names[i]);
      std::vector<double> column;
      for (auto const place : places) column.push_back(static_cast<double>(place));
      result.set(names[i], std::move(column));
    }
    rows = std::move(result);
  }
};

}  // namespace fovea
