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
#include <fovea/text/distinct_names.hpp>

namespace fovea {

/// A named column of text.
struct text_column {
  std::string name;
  std::vector<std::string> values;
};

/// Named columns of numbers, and of text, all of one length, in host memory; the content of a CSV file. A number that is nan is
/// missing. An encoder makes text columns numbers: `one_hot_encoder`, `ordinal_encoder`.
///
///     table rows{{"x", "y"}, {{1, 2, 3}, {4, 5, 6}}};
///     rows.set("z", {7, 8, 9});
///     double const second = rows.column("y")[1];  // 5
struct table {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;  // columns[i] belongs to names[i]
  std::vector<text_column> texts = {};       // beside the columns of numbers, with names of their own

  std::size_t rows() const {
    if (!columns.empty()) return columns.front().size();
    return texts.empty() ? 0 : texts.front().values.size();
  }

  bool contains(std::string_view name) const { return std::ranges::find(names, name) != names.end(); }

  /// Returns a view of the column, valid until the table changes. Throws `argument_error`, which lists all columns, if the
  /// column does not exist.
  std::span<double const> column(std::string_view name) const { return columns[position(name)]; }

  /// Returns a view of a text column, valid until the table changes. Throws `argument_error`, which lists all text columns, if the
  /// column does not exist.
  std::span<std::string const> text(std::string_view name) const { return texts[text_position(name)].values; }

  /// Replaces the column of this name, or appends a new one. Throws `shape_error` if the length differs from `rows()`, and
  /// `argument_error` if a text column has this name.
  void set(std::string name, std::vector<double> numbers) {
    require_rows(name, numbers.size());
    if (find_text(name) != texts.size()) throw argument_error("table: column \"" + name + "\" is text, not numbers");
    if (contains(name)) {
      columns[position(name)] = std::move(numbers);
    } else {
      names.push_back(std::move(name));
      columns.push_back(std::move(numbers));
    }
  }

  /// Replaces the text column of this name, or appends a new one. Throws `shape_error` if the length differs from `rows()`, and
  /// `argument_error` if a column of numbers has this name.
  void set_text(std::string name, std::vector<std::string> words) {
    require_rows(name, words.size());
    if (contains(name)) throw argument_error("table: column \"" + name + "\" is numbers, not text");
    if (auto const i = find_text(name); i != texts.size()) texts[i].values = std::move(words);
    else texts.push_back({std::move(name), std::move(words)});
  }

  /// Removes the column of numbers or of text of this name. Throws `argument_error` if it does not exist.
  void remove(std::string_view name) {
    if (auto const i = find_text(name); i != texts.size()) {
      texts.erase(texts.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      auto const at = static_cast<std::ptrdiff_t>(position(name));
      names.erase(names.begin() + at);
      columns.erase(columns.begin() + at);
    }
  }

  /// Returns a table of the columns of numbers of these names, in this order. Throws `argument_error` if one does not exist or
  /// is named twice.
  table select(std::span<std::string const> wanted) const {
    detail::require_distinct("table", wanted);
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
    for (auto const& from : texts) {
      auto& to = result.texts.emplace_back(text_column{from.name, {}}).values;
      to.reserve(row_numbers.size());
      for (auto row : row_numbers) to.push_back(from.values[row]);
    }
    return result;
  }

 private:
  void require_rows(std::string const& name, std::size_t found) const {
    if ((!columns.empty() || !texts.empty()) && found != rows())
      throw shape_error("table: column \"" + name + "\" has " + std::to_string(found) + " rows, the table has " +
                        std::to_string(rows()));
  }
  std::size_t position(std::string_view name) const {
    auto const found = std::ranges::find(names, name);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    if (find_text(name) != texts.size())
      throw argument_error("table: column \"" + std::string(name) + "\" is text, not numbers");
    std::string there;
    for (auto const& n : names) there += (there.empty() ? "" : ", ") + n;
    throw argument_error("table: no column \"" + std::string(name) + "\"; there are: " + there);
  }
  std::size_t find_text(std::string_view name) const {
    std::size_t i = 0;
    while (i != texts.size() && texts[i].name != name) ++i;
    return i;
  }
  std::size_t text_position(std::string_view name) const {
    if (auto const i = find_text(name); i != texts.size()) return i;
    std::string there;
    for (auto const& column : texts) there += (there.empty() ? "" : ", ") + column.name;
    throw argument_error("table: no text column \"" + std::string(name) + "\"; there are: " + there);
  }
};

}  // namespace fovea
