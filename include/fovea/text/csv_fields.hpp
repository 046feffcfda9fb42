// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fovea/text/csv_options.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/text/parse_number.hpp>

namespace fovea {

/// Splits a CSV text into fields, from front to back. Call `read_csv` or `parse_csv` instead.
class csv_fields {
 public:
  csv_fields(std::string_view text, std::string file_name, csv_options options)
      : text_(text.substr(text.starts_with("\xEF\xBB\xBF") ? 3 : 0)), at_(text_.data()),
        end_(text_.data() + text_.size()), file_(std::move(file_name)), separator_(options.separator),
        decimal_(options.decimal), missing_(std::move(options.missing)) {
    plain_ = decimal_ == '.' && std::none_of(missing_.begin(), missing_.end(), [](std::string const& word) {
               double found = 0;
               return parse_number(word.data(), word.data() + word.size(), found).ec != std::errc::invalid_argument;
             });
  }

  char const* position() const { return at_; }
  void move_to(char const* position) { at_ = position; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }

  /// Reads the next field as a number, nan if it is missing. Throws `parse_error` if the field is not a number, or one
  /// that is too large for a double.
  double number() {
    if (!plain_) return unusual_number();
    double found = 0;
    auto const [stop, error] = parse_number(skip_spaces(at_, end_), end_, found);
    auto const after = skip_spaces(stop, end_);
    if (error != std::errc{} || !ends_field(after)) return unusual_number();
    at_ = after;
    return found;
  }

  /// Reads the next field as text, without its quotes and the spaces around it. Throws `parse_error` if it is malformed.
  std::string content() {
    auto const begin = at_;
    at_ = skip_spaces(at_, end_);
    if (take('"')) return rest_of_quoted(begin);
    auto const first = at_;
    while (!ends_field(at_)) ++at_;
    std::string_view const all(first, static_cast<std::size_t>(at_ - first));
    if (all.find('\r') != all.npos) fail(begin, "expected a line feed after each carriage return");
    return std::string(all.substr(0, all.find_last_not_of(" \t") + 1));
  }

  /// Skips the separator if it comes next, and returns whether it did.
  bool take_separator() { return take(separator_); }

  /// Skips the rest of a line, with its end.
  void skip_line() {
    at_ = std::find(at_, end_, '\n');
    take('\n');
  }

  void take_line_end() {
    take('\r');
    take('\n');
  }

  [[noreturn]] void fail(char const* where, std::string const& message) const {
    throw_parse_error(file_, text_, static_cast<std::size_t>(where - text_.data()), message);
  }

 private:
  /// Reads what `number` could not: a missing number, one in quotes, or one with a decimal comma. Throws `parse_error` if the field
  /// holds none.
  double unusual_number() {
    auto const begin = at_;
    auto all = content();
    if (std::find(missing_.begin(), missing_.end(), all) != missing_.end())
      return std::numeric_limits<double>::quiet_NaN();
    if (decimal_ != '.') {
      if (all.find('.') != all.npos) fail(begin, "expected a number with a decimal comma, got " + quoted(all));
      std::replace(all.begin(), all.end(), decimal_, '.');
    }
    auto const last = all.data() + all.size();
    double found = 0;
    auto const [stop, error] = parse_number(skip_spaces(all.data(), last), last, found);
    if (all.empty()) fail(begin, "expected a number, got an empty field");
    if (error == std::errc::invalid_argument || skip_spaces(stop, last) != last) {
      std::replace(all.begin(), all.end(), '.', decimal_);
      fail(begin, "expected a number, got " + quoted(all));
    }
    if (error != std::errc{}) fail(begin, "expected a number in the range of double, got " + quoted(all));
    return found;
  }

  std::string rest_of_quoted(char const* begin) {
    auto const opening = at_ - 1;
    std::string result;
    for (;;) {
      auto const closing = std::find(at_, end_, '"');
      if (closing == end_) fail(opening, "unterminated quote");
      result.append(at_, closing);
      at_ = closing + 1;
      if (!take('"')) break;
      result += '"';
    }
    at_ = skip_spaces(at_, end_);
    if (!ends_field(at_)) fail(begin, "expected the field to end after its closing quote");
    return result;
  }

  bool take(char wanted) {
    auto const there = at_ != end_ && *at_ == wanted;
    at_ += there;
    return there;
  }

  bool ends_field(char const* at) const {
    return at == end_ || *at == separator_ || *at == '\n' || (*at == '\r' && (at + 1 == end_ || at[1] == '\n'));
  }

  char const* skip_spaces(char const* at, char const* last) const {
    while (at != last && (*at == ' ' || *at == '\t') && *at != separator_) ++at;
    return at;
  }

  std::string_view text_;  // without a byte order mark
  char const* at_;
  char const* end_;
  std::string file_;
  char separator_, decimal_;
  std::vector<std::string> missing_;
  bool plain_;  // a field that parses as a number is one
};

}  // namespace fovea
