// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/error.hpp>

namespace fovea {

/// Named columns of numbers, all of one length, in host memory; the content of a CSV file.
///
///     table rows{{"x", "y"}, {{1, 2, 3}, {4, 5, 6}}};
///     rows.set("z", {7, 8, 9});
///     double const second = rows.column("y")[1];  // 5
struct table {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;  // columns[i] belongs to names[i]

  std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }

  bool contains(std::string_view name) const { return std::ranges::find(names, name) != names.end(); }

  /// Returns a view of the column, valid until the table changes. Throws `argument_error`, which lists all columns, if the
  /// column does not exist.
  std::span<double const> column(std::string_view name) const { return columns[position(name)]; }

  /// Replaces the column of this name, or appends a new one. Throws `shape_error` if the length differs from `rows()`.
  void set(std::string name, std::vector<double> numbers) {
    if (!columns.empty() && numbers.size() != rows())
      throw shape_error("table: column \"" + name + "\" has " + std::to_string(numbers.size()) +
                        " rows, the table has " + std::to_string(rows()));
    if (contains(name)) {
      columns[position(name)] = std::move(numbers);
    } else {
      names.push_back(std::move(name));
      columns.push_back(std::move(numbers));
    }
  }

  /// Returns a table of the columns of these names, in this order. Throws `argument_error` if one does not exist.
  table select(std::span<std::string const> wanted) const {
    table result;
    for (auto const& name : wanted) result.set(name, columns[position(name)]);
    return result;
  }

  /// Returns a table of the rows of these numbers, in this order. Throws `shape_error` if one does not exist.
  table take(std::span<std::size_t const> row_numbers) const {
    for (auto row : row_numbers)
      if (row >= rows()) throw shape_error("table: row " + std::to_string(row) + " of " + std::to_string(rows()));
    table result{names, {}};
    for (auto const& from : columns) {
      auto& to = result.columns.emplace_back();
      to.reserve(row_numbers.size());
      for (auto row : row_numbers) to.push_back(from[row]);
    }
    return result;
  }

 private:
  std::size_t position(std::string_view name) const {
    auto const found = std::ranges::find(names, name);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    std::string there;
    for (auto const& n : names) there += (there.empty() ? "" : ", ") + n;
    throw argument_error("table: no column \"" + std::string(name) + "\"; there are: " + there);
  }
};

}  // namespace fovea
