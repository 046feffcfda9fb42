// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/data/text_categories.hpp>
#include <fovea/error.hpp>
#include <fovea/text/distinct_names.hpp>

namespace fovea {

/// What an encoder does with a text that it was not fitted on: throws, or encodes it as no category.
enum class unknown_category { refuse, ignore };

/// Replaces text columns by one column of 0 and 1 for each category, named "column=category". Agrees with scikit-learn's
/// `OneHotEncoder`. Fit on the training part and apply to all parts. To store an encoder, store its members.
///
///     auto const cities = one_hot_encoder::fit(train, {"city"});
///     cities.apply(train);  // columns "city=Berlin", "city=Paris", ...
///     cities.apply(test);
struct one_hot_encoder {
  std::vector<std::string> names = {};                    // of text columns
  std::vector<std::vector<std::string>> categories = {};  // of each
  unknown_category unknown = unknown_category::refuse;    // ignore: all columns of the row are 0

  /// Finds the categories of the named text columns, in ascending order. Throws `argument_error` if a column does not exist or is
  /// named twice, and `numeric_error` if there are no rows.
  static one_hot_encoder fit(table const& from, std::vector<std::string> columns,
                             unknown_category unknown = unknown_category::refuse) {
    one_hot_encoder result{.unknown = unknown};
    detail::require_distinct("one_hot_encoder", columns);
    for (auto const& name : columns)
      result.categories.push_back(detail::categories_of("one_hot_encoder", name, from.text(name)));
    result.names = std::move(columns);
    return result;
  }

  /// Returns the names of the columns that `apply` appends: the features of a data set.
  std::vector<std::string> feature_names() const {
    std::vector<std::string> result;
    for (std::size_t i = 0; i != names.size(); ++i)
      for (auto const& category : categories[i]) result.push_back(names[i] + "=" + category);
    return result;
  }

  /// Throws `argument_error` if a text column does not exist, a column to append does, or a row holds an unknown category, which the
  /// message names; then the table is unchanged.
  void apply(table& rows) const {
    detail::require_columns("one_hot_encoder", rows, names, categories);
    auto result = rows;
    for (std::size_t i = 0; i != names.size(); ++i) {
      auto const places = detail::places_of("one_hot_encoder", names[i], rows.text(names[i]), categories[i],
                                            unknown == unknown_category::refuse);
      result.remove(names[i]);
      for (std::size_t c = 0; c != categories[i].size(); ++c) {
        std::vector<double> column;
        for (auto const place : places) column.push_back(place == c ? 1 : 0);
        auto feature = names[i] + "=" + categories[i][c];
        if (result.contains(feature))
          throw argument_error("one_hot_encoder: the table already has a column \"" + feature + "\"");
        result.set(std::move(feature), std::move(column));
      }
    }
    rows = std::move(result);
  }
};

}  // namespace fovea
