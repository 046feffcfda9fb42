// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <fovea/data/csv.hpp>

#include "../catch.hpp"

using fovea::parse_csv;
using fovea::table;
using names = std::vector<std::string>;
using columns = std::vector<std::vector<double>>;

namespace {

std::string message(std::string const& text, fovea::csv_options options = {}) {
  try {
    parse_csv(text, "t.csv", options);
  } catch (fovea::parse_error const& thrown) {
    std::string const place = "t.csv:" + std::to_string(thrown.line) + ":" + std::to_string(thrown.column) + ": ";
    CHECK(std::string(thrown.what()).starts_with(place));
    CHECK(thrown.file == "t.csv");
    return thrown.what();
  }
  return "nothing thrown";
}

table read(std::string const& text) { return parse_csv(text, "t.csv"); }

}  // namespace

TEST_CASE("csv reads a header and rows of numbers") {
  auto const t = read("a,b,c\n1,-2.5,3e2\n.5,+4,-0\n");
  CHECK(t.names == names{"a", "b", "c"});
  CHECK(t.columns == columns{{1, 0.5}, {-2.5, 4}, {300, 0}});
  CHECK(std::signbit(t.columns[2][1]));
}

TEST_CASE("csv reads the same table from equivalent texts") {
  auto const text = GENERATE(as<std::string>{},        //
                             "a,b\n1,2\n3,4",          // no last line end
                             "a,b\r\n1,2\r\n3,4\r\n",  //
                             "a,b\r\n1,2\r\n3,4\r",    //
                             "a,b\n1,2\r\n3,4\n",      // mixed
                             "\xEF\xBB\xBF"
                             "a,b\n1,2\n3,4\n",                          //
                             "a,b\n1,2\n3,4\n\n\r\n \t\n\n",             // blank lines at the end
                             "\"a\",\"b\"\n\"1\",\"2\"\n3,\"4\"\n",      //
                             " a ,\tb\t\n 1 , 2\n3\t,\t 4 \n",           //
                             " \"a\" , \"b\" \n \"1\" ,\" 2 \"\n3,4\n",  //
                             "a,b\n+1,2.0\n0.3e1,\"+4\"\n");
  CAPTURE(text);
  auto const t = read(text);
  CHECK(t.names == names{"a", "b"});
  CHECK(t.columns == columns{{1, 3}, {2, 4}});
}

TEST_CASE("csv reads the header and rows of the credit-card table") {
  auto const t =
      read("\"Time\",\"V1\",\"Amount\",\"Class\"\n0,-1.3598071336738,149.62,\"0\"\n406,-2.31222654,0,\"1\"\n");
  CHECK(t.names == names{"Time", "V1", "Amount", "Class"});
  CHECK(t.columns == columns{{0, 406}, {-1.3598071336738, -2.31222654}, {149.62, 0}, {0, 1}});
}

TEST_CASE("csv names may contain separators, quotes, spaces and line ends if quoted") {
  auto const t = read("\"a,b\",\"say \"\"hi\"\"\",\" c \",\"two\nlines\",\"\"\"\"\n1,2,3,4,5\n");
  CHECK(t.names == names{"a,b", "say \"hi\"", " c ", "two\nlines", "\""});
  CHECK(message("\"two\nlines\",b\n1,x\n") == "t.csv:3:3: expected a number, got \"x\"");
}

TEST_CASE("csv reads a header without rows as an empty table") {
  for (auto const* text : {"a,b", "a,b\n", "a,b\r\n\r\n", "\"a\",b\n\n\n"}) {
    CAPTURE(text);
    CHECK(read(text).names == names{"a", "b"});
    CHECK(read(text).rows() == 0);
    CHECK(read(text).columns.size() == 2);
  }
}

TEST_CASE("csv reads one column") {
  CHECK(read("x\n1\n2\n\n").columns == columns{{1, 2}});
  CHECK(message("x\n1\n\n2\n") == "t.csv:3:1: expected a row of numbers, got a blank line");
  CHECK(message("x\n1,2\n") == "t.csv:2:3: expected 1 field, got 2");
}

TEST_CASE("csv reads nan and infinity") {
  auto const t = read("a,b,c,d\nnan,inf,-inf,NaN\nNAN,Infinity,-INF,\"nan\"\n");
  auto const infinity = std::numeric_limits<double>::infinity();
  CHECK(std::ranges::all_of(t.columns[0], [](double v) { return std::isnan(v); }));
  CHECK(t.columns[1] == std::vector{infinity, infinity});
  CHECK(t.columns[2] == std::vector{-infinity, -infinity});
  CHECK(std::ranges::all_of(t.columns[3], [](double v) { return std::isnan(v); }));
}

TEST_CASE("csv keeps every digit of a double") {
  auto const t =
      read("x\n0.1\n4.9406564584124654e-324\n1.7976931348623157e308\n9007199254740993\n0.30000000000000004\n");
  CHECK(t.columns[0] == std::vector{0.1, 5e-324, std::numeric_limits<double>::max(), 9007199254740992., 0.1 + 0.2});
}

TEST_CASE("csv reports the position of a field that is not a number") {
  CHECK(message("a,b\n1,2\n3,abc\n") == "t.csv:3:3: expected a number, got \"abc\"");
  CHECK(message("a,b\nabc,2\n") == "t.csv:2:1: expected a number, got \"abc\"");
  CHECK(message("a,b,c\r\n1,2,3\r\n10,20,x\r\n") == "t.csv:3:7: expected a number, got \"x\"");
  CHECK(message("a,b\n1, x y \n") == "t.csv:2:3: expected a number, got \"x y\"");
  CHECK(message("a,b\n1,\"x\"\"y\"\n") == "t.csv:2:3: expected a number, got \"x\"y\"");
  CHECK(message("a,b\n1,2 3\n") == "t.csv:2:3: expected a number, got \"2 3\"");
  CHECK(message("a,b\n1,1.2.3\n") == "t.csv:2:3: expected a number, got \"1.2.3\"");
  CHECK(message("a,b\n1,0x10\n") == "t.csv:2:3: expected a number, got \"0x10\"");
  CHECK(message("a,b\n1,1e\n") == "t.csv:2:3: expected a number, got \"1e\"");
  for (std::string const text : {"+-1", "++1", "+", "-", "- 1", "+ 1", "1\"2\"", "1;2", "1e999x"})
    CHECK(message("a,b\n1," + text + "\n") == "t.csv:2:3: expected a number, got \"" + text + "\"");
  CHECK(message("\xEF\xBB\xBF"
                "a\nx\n") == "t.csv:2:1: expected a number, got \"x\"");
  CHECK(message("\xEF\xBB\xBF"
                "a,a\n") == "t.csv:1:3: expected a new column name, got \"a\" again");
}

TEST_CASE("csv reports the position of an empty field") {
  CHECK(message("a,b,c\n1,,3\n") == "t.csv:2:3: expected a number, got an empty field");
  CHECK(message("a,b,c\n1,2,\n") == "t.csv:2:5: expected a number, got an empty field");
  CHECK(message("a,b\n,2\n") == "t.csv:2:1: expected a number, got an empty field");
  CHECK(message("a,b\n1,\"\"\n") == "t.csv:2:3: expected a number, got an empty field");
  CHECK(message("a,b\n1,  ") == "t.csv:2:3: expected a number, got an empty field");
}

TEST_CASE("csv reports the position of a number out of range") {
  CHECK(message("a,b\n1,1e999\n") == "t.csv:2:3: expected a number in the range of double, got \"1e999\"");
  CHECK(message("a,b\n-1e999,1\n") == "t.csv:2:1: expected a number in the range of double, got \"-1e999\"");
  CHECK(message("a,b\n1,\"1e999\"\n") == "t.csv:2:3: expected a number in the range of double, got \"1e999\"");
}

TEST_CASE("csv reads a number that is too small for a double as 0") {
  auto const column = fovea::parse_csv("a\n1e-400\n-1e-400\n\"1e-400\"\n 3e-324 \n", "t.csv").columns[0];
  CHECK(column == std::vector<double>{0, -0.0, 0, std::numeric_limits<double>::denorm_min()});
  CHECK(std::signbit(column[1]));
}

TEST_CASE("csv reports the expected and the found number of fields") {
  CHECK(message("a,b,c\n1,2,3\n1,2\n") == "t.csv:3:4: expected 3 fields, got 2");
  CHECK(message("a,b,c\n1,2,3\n1,2") == "t.csv:3:4: expected 3 fields, got 2");
  CHECK(message("a,b,c\r\n1\r\n") == "t.csv:2:2: expected 3 fields, got 1");
  CHECK(message("a,b\n1,2,3\n") == "t.csv:2:5: expected 2 fields, got 3");
  CHECK(message("a,b\n1,2,x,,\"4,5\"\n") == "t.csv:2:5: expected 2 fields, got 5");
  CHECK(message("a,b\n1,2,\n") == "t.csv:2:5: expected 2 fields, got 3");
}

TEST_CASE("csv reports the position of a blank line") {
  CHECK(message("a,b\n1,2\n\n3,4\n") == "t.csv:3:1: expected a row of numbers, got a blank line");
  CHECK(message("a,b\n1,2\n \r\n\n3,4\n") == "t.csv:3:1: expected a row of numbers, got a blank line");
  CHECK(message("\na,b\n1,2\n") == "t.csv:1:1: expected a column name, got an empty field");
}

TEST_CASE("csv reports the position of a quote that is unterminated or closed too early") {
  CHECK(message("a,b\n1,\"2\n3,4\n") == "t.csv:2:3: unterminated quote");
  CHECK(message("a, \"b\n1,2\n") == "t.csv:1:4: unterminated quote");
  CHECK(message("a,b\n1,\"2\"\"") == "t.csv:2:3: unterminated quote");
  CHECK(message("a,b\n1,\"") == "t.csv:2:3: unterminated quote");
  CHECK(message("a,b\n1,\"2\"3\n") == "t.csv:2:3: expected the field to end after its closing quote");
  CHECK(message("\"a\"x,b\n") == "t.csv:1:1: expected the field to end after its closing quote");
}

TEST_CASE("csv reports errors in the header") {
  CHECK(message("a,b,a\n1,2,3\n") == "t.csv:1:5: expected a new column name, got \"a\" again");
  CHECK(message("a,\"a\"\n") == "t.csv:1:3: expected a new column name, got \"a\" again");
  CHECK(message("a,,c\n") == "t.csv:1:3: expected a column name, got an empty field");
  CHECK(message("a,\"\"\n") == "t.csv:1:3: expected a column name, got an empty field");
  CHECK(message("a,\n1,2\n") == "t.csv:1:3: expected a column name, got an empty field");
  for (std::string const text : {"", "\xEF\xBB\xBF", "\n", "\r\n\r\n", "  \n"})
    CHECK(message(text) == "t.csv:1:1: expected a header row, the file is empty");
}

TEST_CASE("csv rejects carriage returns without line feeds") {
  CHECK(message("a,b\r1,2\r3,4\r") == "t.csv:1:3: expected a line feed after each carriage return");
  CHECK(message("a,b\n1,2\r3,4\n") == "t.csv:2:3: expected a line feed after each carriage return");
}

TEST_CASE("csv counts columns in characters, and quotes fields shortened and printable") {
  CHECK(message("\xC3\xA4,\xE2\x82\xAC,\xC3\xA4\n") == "t.csv:1:5: expected a new column name, got \"\xC3\xA4\" again");
  CHECK(message("a,b\n1,\"x\ty\n\"\n") == "t.csv:2:3: expected a number, got \"x?y?\"");
  CHECK(message("a\n" + std::string(41, 'x')) ==
        "t.csv:2:1: expected a number, got \"" + std::string(40, 'x') + "...\"");
  CHECK(message("a\n" + std::string(40, 'x')) == "t.csv:2:1: expected a number, got \"" + std::string(40, 'x') + "\"");
  CHECK(message("a\n" + std::string(39, 'x') + "\xC3\xA4y") ==
        "t.csv:2:1: expected a number, got \"" + std::string(39, 'x') + "...\"");
}

TEST_CASE("csv recognizes UTF-16 and UTF-32, with a byte order mark and without") {
  using namespace std::string_literals;
  for (auto const& text : {"\xFF\xFE"s + "a\0\n\0"s, "\xFE\xFF\0a\0\n"s, "a\0,\0b\0"s, "\0a\0,\0b"s})
    CHECK(message(text) == "t.csv:1:1: expected UTF-8, found UTF-16: save the file as UTF-8");
  for (auto const& text : {"\xFF\xFE\0\0"s + "a\0\0\0"s, "\0\0\xFE\xFF\0\0\0a"s, "a\0\0\0,\0\0\0"s, "\0\0\0a\0\0\0,"s})
    CHECK(message(text) == "t.csv:1:1: expected UTF-8, found UTF-32: save the file as UTF-8");
}

TEST_CASE("an error's message is one line, whatever names it quotes") {
  fovea::table const t{{"a\n\x1b[31mb", "c"}, {{1}, {2}}};
  CHECK_THROWS_WITH(t.column("x\r"), "table: no column \"x\\x0d\"; there are: a\\x0a\\x1b[31mb, c");
  CHECK_THROWS_WITH(fovea::read_csv("no\nfile.csv"), ContainsSubstring("no\\x0afile.csv: cannot open"));
}

TEST_CASE("csv_options set the separator") {
  CHECK(parse_csv("a;b\n1;2\n", "t.csv", {.separator = ';'}).columns == columns{{1}, {2}});
  CHECK(parse_csv("a\tb\n1\t 2\n", "t.csv", {.separator = '\t'}).columns == columns{{1}, {2}});
  CHECK(parse_csv("a b\n1 2\n", "t.csv", {.separator = ' '}).columns == columns{{1}, {2}});
  CHECK(message("a\tb\n\t2\n", {.separator = '\t'}) == "t.csv:2:1: expected a number, got an empty field");
  for (auto separator : {'"', '\n', '\r', '.', '-', '+', '5', 'e', 'N', '\0'})
    CHECK_THROWS_AS(parse_csv("a\n1\n", "t.csv", {.separator = separator}), fovea::argument_error);
}

TEST_CASE("csv reads many rows and reports the position of an invalid one") {
  std::string text = "i,half,square\n";
  for (int i = 0; i < 5000; ++i)
    text += std::to_string(i) + "," + std::to_string(i) + ".5," + std::to_string(i * i) + "\n";
  auto const t = read(text);
  REQUIRE(t.rows() == 5000);
  for (std::size_t i = 0; i < 5000; ++i) {
    auto const x = static_cast<double>(i);
    if (t.columns[0][i] != x || t.columns[1][i] != x + 0.5 || t.columns[2][i] != x * x) FAIL_CHECK("row " << i);
  }
  text.replace(text.find("4321.5"), 6, "4321,5");
  CHECK(message(text) == "t.csv:4323:13: expected 3 fields, got 4");
}

TEST_CASE("csv reads whole files, and errors contain the file name as given") {
  auto const folder =
      std::filesystem::temp_directory_path() / ("fovea_test_csv_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(folder);
  auto const file = folder / "numbers.csv";
  std::ofstream(file, std::ios::binary) << "a,b\r\n1,2\r\n3,x\r\n";
  CHECK_THROWS_WITH(fovea::read_csv(file), file.string() + ":3:3: expected a number, got \"x\"");
  std::ofstream(file, std::ios::binary) << "a,b\r\n1,2\r\n3,4";
  CHECK(fovea::read_csv(file).columns == columns{{1, 3}, {2, 4}});
  std::ofstream(file, std::ios::binary).close();
  CHECK_THROWS_WITH(fovea::read_csv(file), file.string() + ":1:1: expected a header row, the file is empty");

  auto const missing = folder / "missing.csv";
  CHECK_THROWS_AS(fovea::read_csv(missing), fovea::io_error);
  CHECK_THROWS_WITH(fovea::read_csv(missing), missing.string() + ": cannot open: No such file or directory");
  CHECK_THROWS_AS(fovea::read_csv(folder), fovea::io_error);
  CHECK_THROWS_WITH(fovea::read_csv(folder), folder.string() + ": cannot read, it is a directory");
  std::filesystem::remove_all(folder);
}
