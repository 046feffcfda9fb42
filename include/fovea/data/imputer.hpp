// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/quantile.hpp>
#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/compensated_sum.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/text/distinct_names.hpp>

namespace fovea {

/// The number that an `imputer` fills in for missing ones: a statistic of the others of its column.
enum class imputation { mean, median };

/// Fills in the missing numbers of a table, which are nan: by the mean or the median of their column, or by values of your own. Agrees
/// with scikit-learn's `SimpleImputer`. Fit on the training part and apply to all parts. To store an imputer, store its members.
///
///     auto const ages = imputer::fit(train, {"age"}, imputation::median);
///     ages.apply(train);
///     ages.apply(test);
///     imputer const none{.names = {"children"}, .values = {0}};
struct imputer {
  std::vector<std::string> names = {};  // of columns of numbers
  std::vector<double> values = {};      // one per column

  /// Computes the statistic of the named columns. Throws `argument_error` if a column does not exist or is named twice, and `numeric_error`, with the
  /// column, if all its numbers are missing, one is infinite, or the mean overflows.
  static imputer fit(table const& from, std::vector<std::string> columns, imputation statistic = imputation::mean) {
    detail::require_distinct("imputer", columns);
    imputer result;
    for (auto const& name : columns) {
      std::vector<double> there;
      for (auto const x : from.column(name))
        if (!detail::is_nan(x)) there.push_back(x);
      auto const who = "imputer: column \"" + name + "\"";
      if (there.empty()) throw numeric_error(who + " has no number that is not missing");
      for (auto const x : there)
        if (!detail::is_finite(x)) throw numeric_error(who + " has an infinite number");
      result.values.push_back(statistic == imputation::median ? detail::median(detail::sorted(there))
                                                              : mean(who, there));
    }
    result.names = std::move(columns);
    return result;
  }

  /// Replaces each nan of the columns. Throws `argument_error` if a column does not exist, or there is not one value for each name; then
  /// the table is unchanged.
  void apply(table& rows) const {
    if (names.size() != values.size())
      throw argument_error("imputer: " + std::to_string(names.size()) + " names, but " + std::to_string(values.size()) +
                           " values");
    for (auto const& name : names) rows.column(name);
    for (std::size_t i = 0; i != names.size(); ++i) {
      auto const column = rows.column(names[i]);
      std::vector<double> filled(column.begin(), column.end());
      for (auto& x : filled)
        if (detail::is_nan(x)) x = values[i];
      rows.set(names[i], std::move(filled));
    }
  }

 private:
  static double mean(std::string const& who, std::vector<double> const& numbers) {
    compensated_sum sum;
    for (auto const x : numbers) sum += x;
    auto const result = sum.value() / static_cast<double>(numbers.size());
    if (!detail::is_finite(result)) throw numeric_error(who + " has numbers that are too large to be summed");
    return result;
  }
};

}  // namespace fovea
