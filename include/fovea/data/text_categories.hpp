// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/text/distinct_names.hpp>
#include <fovea/text/parse_errors.hpp>

/// What the encoders of text columns share.
namespace fovea::detail {

/// Returns the distinct texts, in ascending order of their bytes, which for UTF-8 is that of their characters. Throws
/// `numeric_error`, which begins with `who`, if there are no rows.
inline std::vector<std::string> categories_of(std::string const& who, std::string const& column,
                                              std::span<std::string const> values) {
  if (values.empty()) throw numeric_error(who + ": column \"" + column + "\" has no rows");
  std::vector<std::string> result(values.begin(), values.end());
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

/// Returns the place of each text among the categories; for one that is not there, the number of categories, or throws
/// `argument_error`, which names the row.
inline std::vector<std::size_t> places_of(std::string const& who, std::string const& column,
                                          std::span<std::string const> values,
                                          std::vector<std::string> const& categories, bool refuse_unknown) {
  std::unordered_map<std::string_view, std::size_t> known;
  for (auto const& category : categories) known.emplace(category, known.size());
  std::vector<std::size_t> result;
  for (std::size_t row = 0; row != values.size(); ++row) {
    auto const found = known.find(values[row]);
    auto const place = found == known.end() ? categories.size() : found->second;
    if (place == categories.size() && refuse_unknown)
      throw argument_error(who + ": column \"" + column + "\", row " + std::to_string(row) + ": " +
                           fovea::quoted(values[row]) + " is not among the categories that it was fitted on");
    result.push_back(place);
  }
  return result;
}

/// Throws `argument_error` unless there is one list of different categories for each name, the names differ, and the table has every
/// column.
inline void require_columns(std::string const& who, table const& rows, std::vector<std::string> const& names,
                            std::vector<std::vector<std::string>> const& categories) {
  if (names.size() != categories.size())
    throw argument_error(who + ": " + std::to_string(names.size()) + " names, but " +
                         std::to_string(categories.size()) + " lists of categories");
  detail::require_distinct(who, names);
  for (auto const& name : names) rows.text(name);
  for (std::size_t i = 0; i != names.size(); ++i) {
    std::unordered_set<std::string_view> known;
    for (auto const& category : categories[i])
      if (!known.insert(category).second)
        throw argument_error(who + ": column \"" + names[i] + "\" has the category " + fovea::quoted(category) +
                             " twice");
  }
}

}  // namespace fovea::detail
