// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <fovea/data/table.hpp>

#include "../catch.hpp"

using fovea::table;
using column = std::vector<double>;

namespace {

table small() { return {{"a", "b", "c"}, {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}}; }

column values(table const& t, std::string const& name) {
  auto const found = t.column(name);
  return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("table finds columns by name") {
  auto const t = small();
  CHECK(t.rows() == 3);
  CHECK(t.contains("b"));
  CHECK_FALSE(t.contains("B"));
  CHECK(values(t, "c") == column{7, 8, 9});
  CHECK_THROWS_WITH(t.column("d"), "table: no column \"d\"; there are: a, b, c");
  CHECK_THROWS_AS(t.column("d"), fovea::argument_error);
  CHECK(table{}.rows() == 0);
}

TEST_CASE("table::set replaces a column or adds it as the last one") {
  auto t = small();
  t.set("b", {0, 0, 1});
  t.set("d", {1, 1, 1});
  CHECK(t.names == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(values(t, "b") == column{0, 0, 1});
  CHECK_THROWS_WITH(t.set("e", {1, 2}), "table: column \"e\" has 2 rows, the table has 3");
  CHECK_THROWS_AS(t.set("a", {1, 2, 3, 4}), fovea::shape_error);
  CHECK(values(t, "a") == column{1, 2, 3});
}

TEST_CASE("table::select returns the columns in the requested order") {
  auto const t = small().select(std::vector<std::string>{"c", "a"});
  CHECK(t.names == std::vector<std::string>{"c", "a"});
  CHECK(t.columns == std::vector<column>{{7, 8, 9}, {1, 2, 3}});
  CHECK_THROWS_AS(small().select(std::vector<std::string>{"a", "x"}), fovea::argument_error);
}

TEST_CASE("table::take returns the rows in the requested order") {
  auto const t = small().take(std::vector<std::size_t>{2, 0, 2, 1});
  CHECK(t.names == small().names);
  CHECK(t.columns == std::vector<column>{{3, 1, 3, 2}, {6, 4, 6, 5}, {9, 7, 9, 8}});
  CHECK(small().take({}).rows() == 0);
  CHECK_THROWS_WITH(small().take(std::vector<std::size_t>{0, 3}), "table: row 3 of 3");
}
