// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fovea/data/csv.hpp>

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

}  // namespace

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
