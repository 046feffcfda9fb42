// SPDX-License-Identifier: MIT
// Parts of files, read by ranks that are threads of this program.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/data/csv.hpp>
#include <fovea/distributed/sharded_data.hpp>
#include <fovea/distributed/threads.hpp>
#include <fovea/io/npy.hpp>

#include "../catch.hpp"

namespace {

using memory = fovea::host_backend<double>;
using counts = std::initializer_list<std::size_t>;

std::filesystem::path file_of(std::string const& text) {
  auto file = std::filesystem::temp_directory_path() / "fovea_distributed_part.csv";
  std::ofstream(file, std::ios::binary) << text;
  return file;
}
/// The parts of the ranks, one after the other, or the sentences that they throw.
struct parts_read {
  fovea::table rows;
  std::vector<std::string> errors;
};
parts_read read_by(std::size_t ranks, std::filesystem::path const& file, fovea::csv_options const& options) {
  std::vector<fovea::table> parts(ranks);
  parts_read all{{}, std::vector<std::string>(ranks)};
  try {
    fovea::on_threads(ranks, [&](fovea::threads const& c) {
      try {
        parts[c.rank()] = fovea::read_csv_part(memory{}, c, file, options);
      } catch (std::exception const& e) {
        all.errors[c.rank()] = e.what();
        throw;
      }
    });
  } catch (std::exception const&) {
    return all;
  }
  all.rows = parts[0];
  for (std::size_t r = 1; r != ranks; ++r) {
    for (std::size_t c = 0; c != parts[r].columns.size(); ++c)
      all.rows.columns[c].insert(all.rows.columns[c].end(), parts[r].columns[c].begin(), parts[r].columns[c].end());
    for (std::size_t c = 0; c != parts[r].texts.size(); ++c)
      all.rows.texts[c].values.insert(all.rows.texts[c].values.end(), parts[r].texts[c].values.begin(),
                                      parts[r].texts[c].values.end());
  }
  return all;
}
/// Checks that ranks read together what one process reads, or fail with its sentence.
void same_on_ranks(std::string const& text, fovea::csv_options const& options = {}) {
  auto const file = file_of(text);
  fovea::table expected;
  std::string error;
  try {
    expected = fovea::read_csv(file, options);
  } catch (std::exception const& e) {
    error = e.what();
  }
  for (auto const ranks : counts{1, 2, 3, 5, 8}) {
    CAPTURE(text, ranks);
    auto const found = read_by(ranks, file, options);
    for (auto const& one : found.errors) CHECK(one.ends_with(error));
    if (!error.empty()) continue;
    CHECK(found.rows.names == expected.names);
    CHECK(found.rows.columns == expected.columns);
    REQUIRE(found.rows.texts.size() == expected.texts.size());
    for (std::size_t c = 0; c != expected.texts.size(); ++c)
      CHECK(found.rows.texts[c].values == expected.texts[c].values);
  }
  std::filesystem::remove(file);
}
std::string numbered_rows(std::size_t n) {
  std::string text = "a,b,c\n";
  for (std::size_t i = 0; i != n; ++i)
    text +=
        std::to_string(i) + ',' + std::to_string(1. / static_cast<double>(i + 1)) + ',' + std::to_string(i % 3) + '\n';
  return text;
}

}  // namespace

TEST_CASE("the parts of a CSV file are its rows") {
  same_on_ranks(numbered_rows(101));
  same_on_ranks(numbered_rows(2));  // fewer rows than ranks
  same_on_ranks("a,b\n");
  same_on_ranks("a,b\r\n1,2\r\n3,4");
  same_on_ranks("\xEF\xBB\xBF# head\n\na,b\n# one\n1,2\n\n# two\n3,4\n\n", {.comment = '#', .skip_blank_lines = true});
  fovea::csv_options const words{.text = {"w"}};
  std::string quoted = "x,w\n";
  for (std::size_t i = 0; i != 40; ++i)
    quoted += std::to_string(i) + ",\"" + std::string(i % 5, '\n') + "7,\"\"8\n\"\n";
  same_on_ranks(quoted, words);
  same_on_ranks("x,w\n1,\"" + std::string(300, '\n') + "\"\n2,b\n", words);  // one row in the bytes of several ranks
}

TEST_CASE("an error in a part is one on all ranks, with its place in the file") {
  same_on_ranks(numbered_rows(50) + "7,x,8\n" + numbered_rows(50).substr(6));
  same_on_ranks(numbered_rows(50) + "\n" + numbered_rows(50).substr(6));  // a blank line between rows
  same_on_ranks(numbered_rows(20) + "\"1,2,3\n");
  same_on_ranks("");
  same_on_ranks("a,a\n1,2\n");
  auto const found = read_by(2, "/nowhere/at/all.csv", {});
  CHECK(found.errors[0].find("/nowhere/at/all.csv: cannot open") != std::string::npos);
  CHECK(found.errors[1].find("/nowhere/at/all.csv: cannot open") != std::string::npos);
  CHECK(read_by(2, file_of("a\n1\n"), {.threads = 2}).errors[0] ==
        "read_csv_part: a rank reads its part on one thread; threads, got 2");
}

TEST_CASE("files that differ on the ranks are an error on all") {
  auto const file = file_of(numbered_rows(9));
  auto const other = std::filesystem::temp_directory_path() / "fovea_distributed_other.csv";
  std::ofstream(other) << numbered_rows(8);
  CHECK_THROWS_WITH(
      fovea::on_threads(
          2, [&](fovea::threads const& c) { fovea::read_csv_part(memory{}, c, c.rank() == 0 ? file : other); }),
      ContainsSubstring(" bytes on rank 0 and ") && ContainsSubstring(" on rank 1"));
  std::filesystem::remove(file), std::filesystem::remove(other);
}

TEST_CASE("parts make one data set and one standardizer") {
  auto const file = file_of(numbered_rows(101));
  auto const whole = fovea::read_csv(file);
  auto const scaler = fovea::standardizer::fit(whole, {"b", "a"});
  memory const b;
  fovea::dataset<memory> const expected{b, whole, {"a", "b"}, "c"};
  for (auto const ranks : counts{1, 2, 3, 8})
    fovea::on_threads(ranks, [&](fovea::threads const& c) {
      auto rows = fovea::read_csv_part(b, c, file);
      auto const found = fovea::fit_standardizer(b, c, rows, {"b", "a"});
      if (found.mean != scaler.mean || found.scale != scaler.scale || found.names != scaler.names)
        throw std::logic_error("another standardizer");
      auto const all = fovea::gather_parts(c, fovea::dataset<memory>{b, rows, {"a", "b"}, "c"});
      if (fovea::detail::fingerprint_of(b, all) != fovea::detail::fingerprint_of(b, expected))
        throw std::logic_error("other rows");
    });
  std::filesystem::remove(file);
  // several inputs, one of integers, and weights
  std::vector<double> x(14), y(7), w(7);
  std::vector<int> k(7);
  std::iota(x.begin(), x.end(), 0.5), std::iota(k.begin(), k.end(), 1), std::iota(w.begin(), w.end(), 2.);
  auto const rows_of = [&](std::size_t first, std::size_t n) {
    auto const matrix = [&]<class T>(std::vector<T> const& from, std::size_t columns) {
      using extents = fovea::extents<fovea::dynamic, fovea::dynamic>;
      return fovea::matrix_span<memory, T const>{from.data() + first * columns, extents({n, columns})};
    };
    return fovea::dataset(b, std::tuple{matrix(x, 2), matrix(k, 1)}, matrix(y, 1), fovea::sample_weights(matrix(w, 1)));
  };
  fovea::on_threads(3, [&](fovea::threads const& c) {
    auto const part = rows_of(c.rank() == 0 ? 0 : c.rank() + 3, c.rank() == 0 ? 4 : c.rank() == 1 ? 1 : 2);
    if (fovea::detail::fingerprint_of(b, fovea::gather_parts(c, part)) !=
        fovea::detail::fingerprint_of(b, rows_of(0, 7)))
      throw std::logic_error("other rows of several inputs");
  });
}

TEST_CASE("a standardizer over ranks throws on all what one process throws") {
  auto const message = [](std::vector<double> first, std::vector<double> second, std::string const& column) {
    std::vector<std::string> said(2);
    CHECK_THROWS(fovea::on_threads(2, [&](fovea::threads const& c) {
      try {
        fovea::fit_standardizer(memory{}, c, fovea::table{{"a"}, {c.rank() == 0 ? first : second}}, {column});
      } catch (std::exception const& e) {
        said[c.rank()] = e.what();
        throw;
      }
    }));
    CHECK(said[0].ends_with(said[1]));
    return said[1];
  };
  CHECK(message({1}, {2, std::numeric_limits<double>::infinity()}, "a") ==
        "standardizer: column \"a\", row 1: inf is not a finite number");
  CHECK(message({}, {}, "a") == "standardizer: column \"a\" has no rows");
  CHECK(message({1}, {1}, "b").find("no column \"b\"") != std::string::npos);
  CHECK(message({1e300}, {-1e300}, "a").find("are too large to be squared and summed") != std::string::npos);
}

TEST_CASE("parts of ranks that have other columns are an error on all") {
  memory const b;
  CHECK_THROWS_WITH(fovea::on_threads(2,
                                      [&](fovea::threads const& c) {
                                        fovea::table const rows{{"a", "b", "c"}, {{1, 2}, {3, 4}, {5, 6}}};
                                        std::vector<std::string> names{"a"};
                                        if (c.rank() == 1) names.push_back("b");
                                        fovea::gather_parts(c, fovea::dataset<memory>{b, rows, names, "c"});
                                      }),
                    ContainsSubstring("has other columns than that of rank"));
}

TEST_CASE("the parts of an NPY file are its rows") {
  auto const file = std::filesystem::temp_directory_path() / "fovea_distributed_part.npy";
  std::vector<float> values(7 * 3 * 2);
  std::iota(values.begin(), values.end(), 1.f);
  for (bool const fortran : {false, true}) {
    fovea::write_npy(file, values, {7, 3, 2});
    if (fortran) {  // the same array, its values in the other order
      std::ifstream in(file, std::ios::binary);
      std::string text{std::istreambuf_iterator<char>(in), {}};
      std::copy_n("True ", 5, text.begin() + static_cast<std::ptrdiff_t>(text.find("False")));
      auto* const at = text.data() + text.size() - values.size() * sizeof(float);
      for (std::size_t i = 0; i != values.size(); ++i) {
        auto const place = i / 6 + 7 * (i / 2 % 3) + 21 * (i % 2);
        std::char_traits<char>::copy(at + place * sizeof(float), reinterpret_cast<char const*>(&values[i]),
                                     sizeof(float));
      }
      std::ofstream(file, std::ios::binary) << text;
    }
    CHECK(fovea::read_npy<float>(file).values == values);
    for (auto const parts : counts{1, 2, 3, 7, 9}) {
      std::vector<double> all;
      std::size_t rows = 0;
      for (std::size_t part = 0; part != parts; ++part) {
        auto const own = fovea::read_npy_part<double>(file, part, parts);
        CHECK(own.shape.size() == 3);
        rows += own.shape[0];
        all.insert(all.end(), own.values.begin(), own.values.end());
      }
      CHECK(rows == 7);
      CHECK(all == std::vector<double>(values.begin(), values.end()));
    }
  }
  CHECK_THROWS_WITH(fovea::read_npy_part<float>(file, 2, 2),
                    "read_npy_part: part 2 of 2 does not exist: parts count from 0");
  fovea::write_npy(file, std::vector{1.f}, {});
  CHECK_THROWS_AS(fovea::read_npy_part<float>(file, 0, 2), fovea::argument_error);
  std::filesystem::remove(file);
}
