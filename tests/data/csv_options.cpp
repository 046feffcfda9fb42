// SPDX-License-Identifier: MIT
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <new>
#include <random>
#include <string>
#include <vector>

#include <fovea/data/csv.hpp>
#include <fovea/text/on_threads.hpp>

#include "../catch.hpp"

using fovea::csv_options;
using fovea::parse_csv;
using columns = std::vector<std::vector<double>>;
using names = std::vector<std::string>;

namespace {

std::string message(std::string const& text, csv_options const& options) {
  try {
    parse_csv(text, "t.csv", options);
  } catch (fovea::error const& thrown) {
    return thrown.what();
  }
  return "nothing thrown";
}
fovea::table read(std::string const& text, csv_options const& options) { return parse_csv(text, "t.csv", options); }

/// Returns all that a reader with that many threads finds: names, the bits of all numbers, texts; or the error.
std::string found(std::string const& text, csv_options options, std::size_t threads, std::size_t part_bytes) {
  options.threads = threads;
  std::string all;
  try {
    auto const t = fovea::csv_reader({text, "t.csv", options}, options).read(part_bytes);
    for (auto const& name : t.names) all += name + "|";
    for (auto const& column : t.columns)
      for (auto const x : column) all += std::to_string(std::bit_cast<std::uint64_t>(x)) + ",";
    for (auto const& column : t.texts) {
      all += "\n" + column.name + "|";
      for (auto const& word : column.values) all += "[" + word + "]";
    }
  } catch (fovea::error const& thrown) {
    all = thrown.what();
  }
  return all;
}

/// Returns a text of fields that end within quotes, comments, blank lines and, rarely, errors.
std::string random_text(std::mt19937& random) {
  auto const below = [&](std::size_t n) { return std::size_t{random()} % n; };
  std::string text = "a,b,c\n";
  auto const rows = below(30);
  bool const errs = below(2) == 0, blanks = below(3) == 0, comments = below(2) == 0;
  for (std::size_t r = 0; r != rows; ++r) {
    if (comments && below(4) == 0) text += below(2) ? "# \"a\n" : " # 1,2\n#\n";
    if (blanks && below(5) == 0) text += below(2) ? "\n" : " \r\n";
    text += std::to_string(below(1000)) + "." + std::to_string(below(9)) + ",";
    constexpr char const* words[]{"x", "\"x\ny\"", "\"1,2,3\n4,5,6\n\"", "\"\"\"\n\"", "say \"hi\"", "", "\"\n\n#\""};
    text += words[below(std::size(words))];
    text += below(3) ? ",7" : ",\"8\"";
    if (errs && below(12) == 0) {
      constexpr char const* wrong[]{",9", "z", "\"", "\n5", "\r1"};
      text += wrong[below(std::size(wrong))];
    }
    text += below(6) ? "\n" : "\r\n";
  }
  if (below(4) == 0) text.resize(text.size() - below(1 + (std::min)(text.size() - 6, std::size_t{9})));
  return text;
}

}  // namespace

TEST_CASE("csv reads the same table, or finds the same error at the same place, with any number of threads",
          "[csv_threads]") {
  std::mt19937 random(7);
  std::size_t errors = 0, rows = 0;
  for (int i = 0; i != 2000; ++i) {
    auto const text = random_text(random);
    csv_options const options{.comment = i % 2 ? '#' : '\0', .skip_blank_lines = i % 3 == 0, .text = {"b"}};
    auto const expected = found(text, options, 1, 1);
    errors += expected.starts_with("t.csv:");
    rows += !expected.starts_with("t.csv:") && expected.size() > 20;
    CAPTURE(text);
    for (std::size_t const threads : {2u, 3u, 8u}) CHECK(found(text, options, threads, 1) == expected);
  }
  CHECK(errors > 300);
  CHECK(rows > 300);
  CHECK(message("a\n1\n", {.threads = 0}) == "csv_options: threads must be at least 1, got 0");
}

TEST_CASE("parts whose thread cannot start, for want of memory too, run on the caller's", "[csv_threads]") {
  static int copies;
  static std::vector<int> runs;
  struct part {
    part() = default;
    part(part const&) {
      if (++copies == 3) throw std::bad_alloc();
    }
    void operator()(std::size_t i) const { runs[i] = 1; }
  };
  copies = 0, runs.assign(8, 0);
  fovea::detail::on_threads(8, part{});
  CHECK(copies >= 3);
  CHECK(runs == std::vector<int>(8, 1));
}

TEST_CASE("csv reads a file by threads, in parts", "[csv_file_by_threads]") {
  auto const file = std::filesystem::temp_directory_path() / "fovea_csv_by_threads.csv";
  std::string text = "a,b\n";
  for (int i = 0; i != 40000; ++i) text += std::to_string(i) + "," + std::to_string(i * 7 % 1000) + ".25\n";
  std::ofstream(file, std::ios::binary) << text;
  auto const one = fovea::read_csv(file), three = fovea::read_csv(file, {.threads = 3});
  CHECK(three.columns == one.columns);
  CHECK(three.rows() == 40000);
  std::ofstream(file, std::ios::binary | std::ios::app) << "1,x\n";
  CHECK_THROWS_WITH(fovea::read_csv(file, {.threads = 3}), file.string() + ":40002:3: expected a number, got \"x\"");
  std::filesystem::remove(file);
  CHECK_THROWS_AS(fovea::read_csv(file, {.threads = 3}), fovea::io_error);
}

TEST_CASE("csv reads the columns that the options choose, in the file's order", "[csv_columns]") {
  std::string const text = "a,b,c,d\n1,x,3,4\n5,\"y,z\",7,8\n";
  auto const chosen = read(text, {.columns = {"d", "a"}});
  CHECK(chosen.names == names{"a", "d"});
  CHECK(chosen.columns == columns{{1, 5}, {4, 8}});
  auto const rest = read(text, {.leave_out = {"b", "d"}});
  CHECK(rest.names == names{"a", "c"});
  CHECK(rest.columns == columns{{1, 5}, {3, 7}});
  CHECK(read(text, {.columns = {"b", "c"}, .leave_out = {"b"}}).names == names{"c"});
  CHECK(message(text, {.columns = {"a"}, .leave_out = {"e"}}) ==
        "t.csv:1:1: expected a column \"e\", the header has none");
  CHECK(message(text, {.columns = {"b"}, .leave_out = {"b"}}) == "t.csv:1:1: all columns are left out");
  for (auto const& options : {csv_options{.columns = {"b", "a", "b"}}, csv_options{.leave_out = {"b", "b"}},
                              csv_options{.text = {"a", "b", "b"}}})
    CHECK(message(text, options) == "csv_options: column \"b\" is named twice");
  CHECK(message("a,b\n1,x,3\n", {.leave_out = {"b"}}) == "t.csv:2:5: expected 2 fields, got 3");
  CHECK(message("a,b\n1\n", {.leave_out = {"b"}}) == "t.csv:2:2: expected 2 fields, got 1");
}

TEST_CASE("csv reads columns of text", "[csv_text]") {
  auto const t = read("city,x,name\n Berlin ,1,\"Ada, \"\"A\"\"\"\n,2,\n", {.text = {"name", "city"}});
  CHECK(t.names == names{"x"});
  CHECK(t.rows() == 2);
  REQUIRE(t.texts.size() == 2);
  CHECK(t.texts[0].name == "city");
  CHECK(t.texts[0].values == names{"Berlin", ""});
  CHECK(t.texts[1].values == names{"Ada, \"A\"", ""});
  CHECK(read("name\na\nb\n", {.text = {"name"}}).rows() == 2);
  CHECK(message("a,b\n1,2\n", {.text = {"c"}}) == "t.csv:1:1: expected a column \"c\", the header has none");
  CHECK(message("a,b\nx,\"y\n", {.text = {"a", "b"}}) == "t.csv:2:3: unterminated quote");
}

TEST_CASE("csv reads missing numbers as nan where the options allow it, and refuses them by default", "[csv_missing]") {
  csv_options const options{.missing = {"", "NA", "-999"}};
  auto const t = read("a,b\n,1\nNA,\"\"\n-999,-99.5\n", options);
  for (auto const x : t.columns[0]) CHECK(std::isnan(x));
  CHECK(t.columns[1][0] == 1);
  CHECK(std::isnan(t.columns[1][1]));
  CHECK(t.columns[1][2] == -99.5);
  CHECK(message("a,b\n1,2\n3,na\n", options) == "t.csv:3:3: expected a number, got \"na\"");
  CHECK(message("a,b\n1,2\n,3\n", {}) == "t.csv:3:1: expected a number, got an empty field");
  CHECK(message("a,b\n1,2\n3,NA\n", {}) == "t.csv:3:3: expected a number, got \"NA\"");
}

TEST_CASE("csv leaves out comments, and blank lines where the options allow it", "[csv_comments]") {
  csv_options const comments{.comment = '#'};
  std::string const text = "# made by hand\n  # twice\na,b\n#1,2\n3,4\n\t# more\n5,6\n# end";
  CHECK(read(text, comments).columns == columns{{3, 5}, {4, 6}});
  CHECK(read("a,b\n1,2\n\n# end\n\n", comments).columns == columns{{1}, {2}});
  CHECK(message("# one\na,b\n1,2\n3,x\n", comments) == "t.csv:4:3: expected a number, got \"x\"");
  CHECK(message("a,b\n1,2\n\n# c\n3,4\n", comments) == "t.csv:3:1: expected a row of numbers, got a blank line");
  CHECK(message("a,b\n1,#2\n", comments) == "t.csv:2:3: expected a number, got \"#2\"");
  CHECK(message("# only this\n", comments) == "t.csv:1:1: expected a header row, the file is empty");
  csv_options const blank{.comment = '%', .skip_blank_lines = true};
  CHECK(read("\n% c\n \r\na,b\n\n1,2\r\n\r\n% c\n\t\n3,4\n \n", blank).columns == columns{{1, 3}, {2, 4}});
  CHECK(message("a,b\n\n1,2\n\n3\n", blank) == "t.csv:5:2: expected 2 fields, got 1");
}

TEST_CASE("a line of separators alone is a row, also where they are tabs or spaces", "[csv_tabs]") {
  for (char const separator : {'\t', ' ', ','}) {
    auto const with = [&](std::string text) {
      for (auto& c : text) c = c == ',' ? separator : c;
      return text;
    };
    csv_options const options{
        .separator = separator, .comment = '#', .skip_blank_lines = true, .text = {"b"}, .missing = {""}};
    auto const t = read(with("a,b\n1,x\n,\n\n,#y\n2,\n,\n"), options);
    CHECK(t.rows() == 5);
    CHECK(t.texts.at(0).values == names{"x", "", "#y", "", ""});
    CHECK((t.columns[0][0] == 1 && std::isnan(t.columns[0][1]) && t.columns[0][3] == 2 && std::isnan(t.columns[0][4])));
    CHECK(message(with("a,b\n1,2\n,\n"), {.separator = separator}) ==
          "t.csv:3:1: expected a number, got an empty field");
  }
}

TEST_CASE("csv reads decimal commas", "[csv_decimal]") {
  csv_options const german{.separator = ';', .decimal = ','};
  CHECK(read("a;b\n1,5;-2\n\"0,25\";+1,5e2\n", german).columns == columns{{1.5, 0.25}, {-2, 150}});
  CHECK(message("a;b\n1;1.5\n", german) == "t.csv:2:3: expected a number with a decimal comma, got \"1.5\"");
  CHECK(message("a;b\n1;1,5x\n", german) == "t.csv:2:3: expected a number, got \"1,5x\"");
  CHECK(message("a;b\n1;1,000,5\n", german) == "t.csv:2:3: expected a number, got \"1,000,5\"");
}

TEST_CASE("csv_options reject characters that have another meaning", "[csv_invalid]") {
  CHECK(message("a\n", {.decimal = ','}) == "csv_options: separator and decimal are both ','");
  CHECK(message("a\n", {.decimal = ';'}) == "csv_options: decimal is code 59, must be '.' or ','");
  for (auto const comment : {',', '"', '\n', '\r', '1', '-', '+', '.', 'n', ' ', '\t'})
    CHECK(message("a\n", {.comment = comment}) == "csv_options: comment is code " +
                                                      std::to_string(static_cast<int>(comment)) +
                                                      ", must be a character that begins no field");
}
