// SPDX-License-Identifier: MIT
// Text columns and missing numbers, on the way from a table to a data set.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/data/dataset.hpp>
#include <fovea/data/imputer.hpp>
#include <fovea/data/one_hot_encoder.hpp>
#include <fovea/data/ordinal_encoder.hpp>
#include <fovea/data/standardizer.hpp>

#include "../catch.hpp"

using fovea::imputer;
using fovea::one_hot_encoder;
using fovea::ordinal_encoder;
using fovea::table;
using names = std::vector<std::string>;
using columns = std::vector<std::vector<double>>;

namespace {

constexpr auto no_number = std::numeric_limits<double>::quiet_NaN();

table people() {
  return {{"age"},
          {{30, 40, 50, 60}},
          {{"city", {"Rome", "Berlin", "Rome", "\xC3\x85rhus"}}, {"size", {"S", "L", "M", "S"}}}};
}

}  // namespace

TEST_CASE("a table keeps text beside its numbers", "[table_text]") {
  auto t = people();
  CHECK(t.rows() == 4);
  CHECK(t.text("city")[1] == "Berlin");
  auto const some = t.take(std::vector<std::size_t>{3, 0});
  CHECK(some.columns == columns{{60, 30}});
  CHECK(some.texts[1].values == names{"S", "S"});
  CHECK_THROWS_WITH(t.column("city"), "table: column \"city\" is text, not numbers");
  CHECK_THROWS_WITH(t.text("age"), "table: no text column \"age\"; there are: city, size");
  CHECK_THROWS_WITH(t.set_text("x", {"a"}), "table: column \"x\" has 1 rows, the table has 4");
  t.set_text("size", {"a", "b", "c", "d"});
  CHECK(t.text("size")[3] == "d");
  t.remove("city");
  t.remove("age");
  CHECK(t.names.empty());
  CHECK(t.rows() == 4);
  CHECK_THROWS_AS(t.remove("city"), fovea::argument_error);
}

TEST_CASE("a column that is named twice is refused", "[named_twice]") {
  auto t = people();
  names const twice{"age", "age"}, cities{"city", "size", "city"};
  std::string const age = ": column \"age\" is named twice", city = ": column \"city\" is named twice";
  CHECK_THROWS_WITH(t.select(twice), "table" + age);
  CHECK_THROWS_WITH((fovea::dataset{fovea::host_backend<float>{}, t, twice, "age"}), "dataset" + age);
  CHECK_THROWS_WITH((fovea::dataset{fovea::host_backend<float>{}, t, names{"age"}, twice}), "dataset" + age);
  CHECK_NOTHROW(fovea::dataset{fovea::host_backend<float>{}, t, names{"age"}, names{"age"}});  // an autoencoder's
  CHECK_THROWS_WITH(fovea::standardizer::fit(t, twice), "standardizer" + age);
  CHECK_THROWS_WITH(imputer::fit(t, twice), "imputer" + age);
  CHECK_THROWS_WITH(one_hot_encoder::fit(t, cities), "one_hot_encoder" + city);
  CHECK_THROWS_WITH(ordinal_encoder::fit(t, cities), "ordinal_encoder" + city);
  auto scaler = fovea::standardizer::fit(t, {"age"});
  scaler.names = twice;
  auto ordinal = ordinal_encoder::fit(t, {"city"});
  ordinal = {.names = {"city", "city"}, .categories = {ordinal.categories[0], ordinal.categories[0]}};
  CHECK_THROWS_WITH(scaler.apply(t), "standardizer" + age);
  CHECK_THROWS_WITH(ordinal.apply(t), "ordinal_encoder" + city);
  CHECK(t.columns == people().columns);
}

TEST_CASE("one_hot_encoder makes a column of each category, in ascending order", "[one_hot]") {
  auto t = people();
  auto const encoder = one_hot_encoder::fit(t, {"city"});
  CHECK(encoder.categories == std::vector<names>{{"Berlin", "Rome", "\xC3\x85rhus"}});  // numpy.unique's order
  encoder.apply(t);
  CHECK(t.names == names{"age", "city=Berlin", "city=Rome", "city=\xC3\x85rhus"});
  CHECK(t.columns == columns{{30, 40, 50, 60}, {0, 1, 0, 0}, {1, 0, 1, 0}, {0, 0, 0, 1}});
  CHECK(t.texts.size() == 1);
  CHECK(encoder.feature_names() == names{"city=Berlin", "city=Rome", "city=\xC3\x85rhus"});

  table other{{}, {}, {{"city", {"Rome", "Oslo"}}}};
  CHECK_THROWS_WITH(
      encoder.apply(other),
      "one_hot_encoder: column \"city\", row 1: \"Oslo\" is not among the categories that it was fitted on");
  CHECK(other.texts.size() == 1);
  one_hot_encoder::fit(people(), {"city"}, fovea::unknown_category::ignore).apply(other);
  CHECK(other.columns == columns{{0, 0}, {1, 0}, {0, 0}});
}

TEST_CASE("ordinal_encoder numbers the categories, in ascending or a given order", "[ordinal]") {
  auto t = people();
  ordinal_encoder const sizes{.names = {"size"}, .categories = {{"S", "M", "L"}}};
  sizes.apply(t);
  CHECK(t.names == names{"age", "size"});
  CHECK(t.columns[1] == std::vector<double>{0, 2, 1, 0});
  ordinal_encoder::fit(t, {"city"}).apply(t);
  CHECK(t.columns[2] == std::vector<double>{1, 0, 1, 2});
  CHECK(t.texts.empty());
  table other{{}, {}, {{"size", {"XL"}}}};
  CHECK_THROWS_WITH(
      sizes.apply(other),
      "ordinal_encoder: column \"size\", row 0: \"XL\" is not among the categories that it was fitted on");
}

TEST_CASE("encoders reject invalid arguments", "[encoders_errors]") {
  auto t = people();
  CHECK_THROWS_WITH(one_hot_encoder::fit(t, {"age"}), "table: no text column \"age\"; there are: city, size");
  CHECK_THROWS_WITH(ordinal_encoder::fit(table{{}, {}, {{"a", {}}}}, {"a"}),
                    "ordinal_encoder: column \"a\" has no rows");
  ordinal_encoder const incomplete{.names = {"city", "size"}, .categories = {{"S"}}};
  CHECK_THROWS_WITH(incomplete.apply(t), "ordinal_encoder: 2 names, but 1 lists of categories");
  t.set("city=Rome", {1, 2, 3, 4});
  CHECK_THROWS_WITH(one_hot_encoder::fit(t, {"city"}).apply(t),
                    "one_hot_encoder: the table already has a column \"city=Rome\"");
  table pairs{{}, {}, {{"a", {"b=c"}}, {"a=b", {"c"}}}};
  CHECK_THROWS_WITH(one_hot_encoder::fit(pairs, {"a", "a=b"}).apply(pairs),
                    "one_hot_encoder: the table already has a column \"a=b=c\"");
  ordinal_encoder const twice{.names = {"size"}, .categories = {{"S", "M", "S"}}};
  CHECK_THROWS_WITH(twice.apply(t), "ordinal_encoder: column \"size\" has the category \"S\" twice");
  one_hot_encoder const doubled{.names = {"size"}, .categories = {{"S", "M", "L", "S"}}};
  CHECK_THROWS_WITH(doubled.apply(t), "one_hot_encoder: column \"size\" has the category \"S\" twice");
  CHECK(t.text("size")[1] == "L");
  CHECK_THROWS_WITH(t.set("size", {1, 2, 3, 4}), "table: column \"size\" is text, not numbers");
  CHECK_THROWS_WITH(t.set_text("age", {"a", "b", "c", "d"}), "table: column \"age\" is numbers, not text");
}

TEST_CASE("imputer fills in the mean, the median or a value", "[imputer]") {
  table const train{{"a", "b"}, {{1, no_number, 2, 6, no_number}, {no_number, 4, 1, 2, 3}}};
  auto t = train;
  imputer::fit(train, {"a"}).apply(t);
  CHECK(t.columns[0] == std::vector<double>{1, 3, 2, 6, 3});
  CHECK(std::isnan(t.columns[1][0]));
  auto const median = imputer::fit(train, {"a", "b"}, fovea::imputation::median);
  CHECK(median.values == std::vector<double>{2, 2.5});
  table test{{"b", "a"}, {{no_number}, {no_number}}};
  median.apply(test);
  CHECK(test.columns == columns{{2.5}, {2}});
  imputer const value{.names = {"b"}, .values = {-1}};
  t = train;
  value.apply(t);
  CHECK(t.columns[1][0] == -1);

  CHECK_THROWS_WITH(imputer::fit(table{{"a"}, {{no_number, no_number}}}, {"a"}),
                    "imputer: column \"a\" has no number that is not missing");
  CHECK_THROWS_WITH(imputer::fit(table{{"a"}, {{no_number, -std::numeric_limits<double>::infinity()}}}, {"a"}),
                    "imputer: column \"a\" has an infinite number");
  CHECK_THROWS_AS(imputer::fit(table{{"a"}, {std::vector<double>(3, 1.7e308)}}, {"a"}), fovea::numeric_error);
  imputer const incomplete{.names = {"a"}, .values = {}};
  CHECK_THROWS_WITH(incomplete.apply(t), "imputer: 1 names, but 0 values");
  CHECK_THROWS_AS(median.apply(test = table{{"a"}, {{no_number}}}), fovea::argument_error);
}

TEST_CASE("a data set has several targets from a table", "[dataset_targets]") {
  fovea::host_backend<float> const b;
  table const t{{"a", "b", "c", "d"}, {{1, 2}, {3, 4}, {5, 6}, {7, 8}}};
  fovea::dataset const two{b, t, {"d", "a"}, {"c", "b"}};
  CHECK(two.features.elements == std::vector<float>{7, 1, 8, 2});
  CHECK(two.targets.elements == std::vector<float>{5, 3, 6, 4});
  names const features{"a"}, targets{"b", "c", "d"};
  fovea::dataset const three{b, t, features, targets};
  CHECK(three.targets.elements == std::vector<float>{3, 5, 7, 4, 6, 8});
  fovea::dataset const one{b, t, {"a", "b"}, "c"};
  CHECK(one.targets.elements == std::vector<float>{5, 6});
  fovea::dataset const named{b, t, features, targets[0]};
  CHECK(named.targets.elements == std::vector<float>{3, 4});
  CHECK_THROWS_WITH((fovea::dataset{b, table{{"a"}, {{1, no_number}}}, {"a"}, "a"}),
                    "dataset: column \"a\", row 1: nan is not a finite number");
}
