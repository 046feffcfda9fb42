// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/text/csv_fields.hpp>
#include <fovea/text/on_threads.hpp>

namespace fovea {

namespace detail {

/// Returns the rows of all parts in one table, whose columns are empty.
template <class Part> table stacked(table all, std::vector<Part> const& parts, std::size_t threads) {
  std::size_t rows = 0;
  for (auto const& p : parts) rows += p.rows.rows();
  for (auto& column : all.columns) column.reserve(rows);
  for (auto& column : all.texts) column.values.reserve(rows);
  on_threads((std::min)(threads, all.columns.size()), [&](std::size_t first) {
    for (auto c = first; c < all.columns.size(); c += threads)
      for (auto const& p : parts)
        all.columns[c].insert(all.columns[c].end(), p.rows.columns[c].begin(), p.rows.columns[c].end());
  });
  for (std::size_t c = 0; c != all.texts.size(); ++c)
    for (auto const& p : parts)
      all.texts[c].values.insert(all.texts[c].values.end(), p.rows.texts[c].values.begin(),
                                 p.rows.texts[c].values.end());
  return all;
}

}  // namespace detail

/// Reads CSV fields into a table; `read` may be called once. Call `read_csv` or `parse_csv` instead.
class csv_reader {
 public:
  csv_reader(csv_fields fields, csv_options options) : fields_(std::move(fields)), options_(std::move(options)) {}

  /// Reads the rows on the threads of the options, in parts of at least that many bytes.
  table read(std::size_t part_bytes = 1 << 16) {
    auto result = start();
    auto const bytes = fields_.rest().size();
    auto parts = cut((std::min)(options_.threads, bytes / (std::max<std::size_t>)(1, part_bytes) + 1));
    for (auto& p : parts) p.rows = result;
    std::vector<csv_reader> readers(parts.size(), *this);
    detail::on_threads(parts.size(), [&](std::size_t i) { readers[i].read(parts[i]); });
    keep_rows(parts);
    if (parts.size() == 1) return std::move(parts[0].rows);
    return detail::stacked(std::move(result), parts, options_.threads);
  }

  /// One of the parts into which a file is cut, each after a line end: its rows are right if the part before ends where it begins.
  struct part_of_file {
    table rows = {};
    std::size_t begin = 0, end = 0;  // in bytes after the header; the last row may end behind the part
    std::exception_ptr error = nullptr;
  };
  /// Reads the header and part `number` of `count`; called once.
  part_of_file read_part(std::size_t number, std::size_t count) {
    empty_ = start();
    after_header_ = fields_.position();
    auto p = cut(count)[number];
    return read_again(p);
  }
  /// Reads that part again, which begins so many bytes after the header.
  part_of_file read_part_from(std::size_t first) {
    part p{after_header_ + first, (std::max)(after_header_ + first, stop_)};
    return read_again(p);
  }

 private:
  enum class kind { numbers, text, left_out };
  struct part;

  part_of_file read_again(part& p) {
    p.rows = empty_, stop_ = p.stop;
    read(p);
    auto const place = [&](char const* at) { return static_cast<std::size_t>(at - after_header_); };
    return {std::move(p.rows), place(p.begin), place(p.end), p.error};
  }
  /// Reads what stands before the rows. Returns the table without rows.
  table start() {
    auto const text = fields_.rest();
    // A byte order mark, or a character of ASCII as two or four bytes.
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
        (text.size() > 1 && (text[0] == '\0' || text[1] == '\0'))) {
      bool const four_bytes =
          text.size() > 3 && ((text[0] == '\0' && text[1] == '\0') || (text[2] == '\0' && text[3] == '\0'));
      fields_.fail(fields_.position(), std::string("expected UTF-8, found ") + (four_bytes ? "UTF-32" : "UTF-16") +
                                           ": save the file as UTF-8");
    }
    auto const begin = fields_.position();
    while (skip_comment() || (options_.skip_blank_lines && skip_blank_line())) {
    }
    if (fields_.rest().find_first_not_of(" \t\r\n") == std::string_view::npos)
      fields_.fail(begin, "expected a header row, the file is empty");
    table result;
    header(result);
    return result;
  }

  void header(table& result) {
    auto const first = fields_.position();
    std::vector<std::string> names;
    std::unordered_set<std::string> known;
    do {
      auto const begin = fields_.position();
      auto name = fields_.content();
      if (name.empty()) fields_.fail(begin, "expected a column name, got an empty field");
      if (!known.insert(name).second) fields_.fail(begin, "expected a new column name, got " + quoted(name) + " again");
      names.push_back(std::move(name));
    } while (fields_.take_separator());
    for (auto const* chosen : {&options_.columns, &options_.leave_out, &options_.text})
      for (auto const& name : *chosen)
        if (!known.contains(name)) fields_.fail(first, "expected a column " + quoted(name) + ", the header has none");
    for (auto& name : names) {
      kinds_.push_back(kind_of(name));
      if (kinds_.back() == kind::numbers) {
        result.names.push_back(std::move(name));
        result.columns.emplace_back();
      } else if (kinds_.back() == kind::text) {
        result.texts.push_back({std::move(name), {}});
      }
    }
    if (result.names.empty() && result.texts.empty()) fields_.fail(first, "all columns are left out");
    fields_.take_line_end();
  }

  kind kind_of(std::string const& name) const {
    auto const in = [&](std::vector<std::string> const& all) {
      return std::find(all.begin(), all.end(), name) != all.end();
    };
    if (in(options_.leave_out) || (!options_.columns.empty() && !in(options_.columns))) return kind::left_out;
    return in(options_.text) ? kind::text : kind::numbers;
  }

  void row(table& result) {
    auto numbers = result.columns.begin();
    auto texts = result.texts.begin();
    for (std::size_t i = 0; i != kinds_.size(); ++i) {
      if (i != 0 && !fields_.take_separator()) fail_count(fields_.position(), kinds_.size(), i);
      if (kinds_[i] == kind::numbers) (numbers++)->push_back(fields_.number());
      else if (kinds_[i] == kind::text) (texts++)->values.push_back(fields_.content());
      else fields_.content();
    }
    auto const surplus = fields_.position() + 1;
    auto fields = kinds_.size();
    for (; fields_.take_separator(); ++fields) fields_.content();
    if (fields != kinds_.size()) fail_count(surplus, kinds_.size(), fields);
    fields_.take_line_end();
  }

  /// Consecutive lines, read by one thread: the rows that begin before `stop`.
  struct part {
    char const *begin, *stop;
    table rows = {};
    char const* end = nullptr;  // of the last row, which may lie behind `stop`
    bool is_last = false;       // no rows follow
    std::exception_ptr error = nullptr;
  };

  /// Cuts the text that is left into parts, each after a line end. A line end within quotes ends no row: `keep_rows` finds that.
  std::vector<part> cut(std::size_t count) const {
    auto const rest = fields_.rest();
    std::vector<part> parts;
    auto const* from = rest.data();
    auto const* const end = from + rest.size();
    for (std::size_t i = 1; i <= count; ++i) {
      auto const line_end = i == count ? rest.npos : rest.find('\n', i * (rest.size() / count));
      auto const* const to = line_end == rest.npos ? end : (std::max)(from, rest.data() + line_end + 1);
      parts.push_back({from, to});
      from = to;
    }
    return parts;
  }
  /// Reads a part's rows, or notes the error.
  void read(part& p) {
    fields_.move_to(p.begin);
    try {
      auto const rows = max_rows({p.begin, static_cast<std::size_t>(p.stop - p.begin)});
      for (auto& column : p.rows.columns) column.reserve(rows);
      for (auto& column : p.rows.texts) column.values.reserve(rows);
      while (row_follows(p)) row(p.rows);
    } catch (...) {
      p.error = std::current_exception();
    }
    p.end = fields_.position();
  }
  /// Keeps the rows of the parts that begin where the rows before end, reads the others again, and throws the first error: as if one
  /// part had been read.
  void keep_rows(std::vector<part>& parts) {
    auto const* from = parts.front().begin;
    for (std::size_t i = 0; i != parts.size(); ++i) {
      auto& p = parts[i];
      if (p.begin != from) {
        auto const stop = p.stop;
        for (auto& column : p.rows.columns) column.clear();
        for (auto& column : p.rows.texts) column.values.clear();
        p = {from, (std::max)(from, stop), std::move(p.rows)};
        read(p);
      }
      if (p.error) std::rethrow_exception(p.error);
      if (p.is_last)
        return static_cast<void>(parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1, parts.end()));
      from = p.end;
    }
  }

  /// Skips comments and blank lines that may be skipped, and returns whether a row of the part follows.
  bool row_follows(part& p) {
    bool const all = p.stop == fields_.rest().data() + fields_.rest().size();
    auto const in_part = [&] { return all || fields_.position() < p.stop; };
    while (in_part() && (skip_comment() || (options_.skip_blank_lines && skip_blank_line()))) {
    }
    if (!in_part()) return false;
    if (!at_blank_line()) return true;
    require_no_rows();
    p.is_last = true;
    return false;
  }
  /// True at the end of the text as well.
  bool at_blank_line() const {
    auto const rest = fields_.rest();
    std::size_t next = 0;
    for (; next != rest.size() && rest[next] != '\n'; ++next)
      if (rest[next] == options_.separator || (rest[next] != ' ' && rest[next] != '\t' && rest[next] != '\r'))
        return false;
    return true;
  }
  bool skip_blank_line() {
    if (fields_.rest().empty() || !at_blank_line()) return false;
    fields_.skip_line();
    return true;
  }
  bool skip_comment() {
    auto const rest = fields_.rest();
    auto const next = rest.find_first_not_of(options_.separator == '\t'  ? " "
                                             : options_.separator == ' ' ? "\t"
                                                                         : " \t");
    if (options_.comment == '\0' || next == rest.npos || rest[next] != options_.comment) return false;
    fields_.skip_line();
    return true;
  }
  /// Throws `parse_error` at the blank line here if a row follows it.
  void require_no_rows() {
    auto const blank = fields_.position();
    while (skip_comment() || skip_blank_line()) {
    }
    if (!fields_.rest().empty()) fields_.fail(blank, "expected a row of numbers, got a blank line");
  }

  /// An upper bound for reserving: the number of lines, or of rows that fit in the bytes if that is smaller.
  std::size_t max_rows(std::string_view text) const {
    std::size_t lines = 1;
    for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', end + 1)) ++lines;
    return (std::min)(lines, text.size() / (2 * kinds_.size()) + 1);
  }

  [[noreturn]] void fail_count(char const* where, std::size_t wanted, std::size_t got) const {
    fields_.fail(where, "expected " + std::to_string(wanted) + (wanted == 1 ? " field" : " fields") + ", got " +
                            std::to_string(got));
  }

  csv_fields fields_;
  csv_options options_;
  std::vector<kind> kinds_;  // of the file's columns
  // of a part that is read by itself
  table empty_ = {};
  char const *after_header_ = nullptr, *stop_ = nullptr;
};

}  // namespace fovea
