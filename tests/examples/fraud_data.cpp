// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../../examples/fraud/crc32.hpp"
#include "../../examples/fraud/download.hpp"
#include "../../examples/fraud/stand_in.hpp"
#include "../catch.hpp"

namespace {

constexpr std::size_t width = fraud::population::width;

fovea::table const& stand_in() {
  static auto const table = fraud::stand_in();
  return table;
}

// The row count, means and covariances of V1..V28 and log(Amount + 0.001) in one class.
struct moments {
  double count = 0;
  std::array<double, width> mean{};
  std::array<std::array<double, width>, width> covariance{};

  double deviation(std::size_t i) const { return std::sqrt(covariance[i][i]); }
};

moments expected(bool is_fraud) {
  moments result;
  for (auto const& group : fraud::stand_in_groups)
    if (group.is_fraud == is_fraud) result.count += static_cast<double>(group.rows);
  for (auto const& group : fraud::stand_in_groups) {
    if (group.is_fraud != is_fraud) continue;
    auto const& like = group.like;
    auto const share = static_cast<double>(group.rows) / result.count;
    auto const row = [&](std::size_t i) { return std::span(like.factor).subspan(i * (i + 1) / 2, i + 1); };
    for (std::size_t i = 0; i < width; ++i) {
      result.mean[i] += share * like.mean[i];
      for (std::size_t j = 0; j < width; ++j) {
        auto second = like.mean[i] * like.mean[j];
        for (std::size_t k = 0; k <= std::min(i, j); ++k) second += row(i)[k] * row(j)[k];
        result.covariance[i][j] += share * second;
      }
    }
  }
  for (std::size_t i = 0; i < width; ++i)
    for (std::size_t j = 0; j < width; ++j) result.covariance[i][j] -= result.mean[i] * result.mean[j];
  return result;
}

moments observed(bool is_fraud) {
  moments result;
  auto const& table = stand_in();
  for (std::size_t n = 0; n < table.rows(); ++n) {
    if ((table.columns[30][n] == 1) != is_fraud) continue;
    std::array<double, width> x;
    for (std::size_t i = 0; i < width; ++i) x[i] = table.columns[i + 1][n];
    x.back() = std::log(x.back() + 0.001);
    result.count += 1;
    auto const before = result.mean;  // Welford's update
    for (std::size_t i = 0; i < width; ++i) result.mean[i] += (x[i] - before[i]) / result.count;
    for (std::size_t i = 0; i < width; ++i)
      for (std::size_t j = 0; j < width; ++j) result.covariance[i][j] += (x[i] - before[i]) * (x[j] - result.mean[j]);
  }
  for (auto& row : result.covariance)
    for (auto& value : row) value /= result.count;
  return result;
}

// A checksum of the values, in order, rounded to five decimals.
std::uint64_t checksum(fovea::table const& table) {
  std::uint64_t sum = 0;
  for (auto const& column : table.columns)
    for (auto value : column) sum = 31 * sum + static_cast<std::uint64_t>(std::llround(1e5 * value));
  return sum;
}

struct temporary_folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("fovea_fraud_data_" + std::to_string(std::random_device{}()));
  temporary_folder() { std::filesystem::create_directory(path); }
  ~temporary_folder() { std::filesystem::remove_all(path); }

  std::filesystem::path write(std::string const& name, std::string_view text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return path / name;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }
};

std::string read(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator(in), {}};
}

std::string message_of(auto action) {
  try {
    action();
  } catch (fovea::io_error const& error) {
    return error.what();
  }
  return "no io_error";
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("the stand-in has the real table's columns, size and prevalence") {
  auto const& table = stand_in();
  std::vector<std::string> names{"Time"};
  for (int i = 1; i <= 28; ++i) names.emplace_back("V") += std::to_string(i);
  names.insert(names.end(), {"Amount", "Class"});
  CHECK(table.names == names);
  for (auto const& column : table.columns) CHECK(column.size() == 284'807);
  auto const target = table.column("Class");
  CHECK(std::ranges::count(target, 1.0) == 492);
  CHECK(std::ranges::count(target, 0.0) == 284'807 - 492);
}

TEST_CASE("the stand-in's times are sorted whole seconds of two days") {
  auto const time = stand_in().column("Time");
  CHECK(std::ranges::is_sorted(time));
  CHECK(std::ranges::all_of(time, [](double t) { return t == std::floor(t); }));
  CHECK(time.front() >= 0);
  CHECK(time.back() <= 172'792);
  CHECK(time.back() - time.front() > 172'000);
}

TEST_CASE("the stand-in's amounts are whole cents, none beyond the largest real one") {
  CHECK(std::ranges::all_of(stand_in().column("Amount"),
                            [](double a) { return a >= 0 && a <= 25'691.16 && a == std::round(100 * a) / 100; }));
}

TEST_CASE("a seed gives the same stand-in on every machine") {
  CHECK(checksum(stand_in()) == 0x264274b37738d2fe);
  CHECK(stand_in().column("V1")[0] == -2.7471);
  CHECK(stand_in().column("V14")[1000] == -0.49575);
  CHECK(stand_in().column("Amount")[284'806] == 2.21);
  CHECK(checksum(fraud::stand_in(1)) == 0x3ad17c5f2a67720c);
}

TEST_CASE("the stand-in's classes have the moments of their populations") {
  auto const is_fraud = GENERATE(false, true);
  auto const want = expected(is_fraud), got = observed(is_fraud);
  auto const deviations = is_fraud ? 0.35 : 0.04;  // heavy tails: second moments converge slowly
  CHECK(got.count == want.count);
  for (std::size_t i = 0; i < width; ++i) {
    INFO("column " << i + 1);
    CHECK(std::abs(got.mean[i] - want.mean[i]) < 4 * want.deviation(i) / std::sqrt(want.count));
    CHECK(std::abs(got.deviation(i) / want.deviation(i) - 1) < deviations);
    for (std::size_t j = 0; j < i && i < 28; ++j) {
      INFO("and column " << j + 1);
      CHECK(std::abs(got.covariance[i][j] - want.covariance[i][j]) <
            deviations * want.deviation(i) * want.deviation(j));
    }
  }
}

TEST_CASE("crc32 returns the known values") {
  CHECK(fraud::crc32("") == 0);
  CHECK(fraud::crc32("123456789") == 0xcbf43926);
  CHECK(fraud::crc32("The quick brown fox jumps over the lazy dog") == 0x414fa339);
  CHECK(fraud::crc32(std::string(32, '\xff')) == 0xff6cab0b);
  CHECK(fraud::crc32("56789", fraud::crc32("1234")) == 0xcbf43926);
}

TEST_CASE("verify_download reports the expected and the found size and checksum") {
  temporary_folder const folder;
  auto const file = folder.write("digits", "123456789");
  CHECK_NOTHROW(fraud::verify_download(file, 9, 0xcbf43926));
  auto const size = message_of([&] { fraud::verify_download(file, 10, 0xcbf43926); });
  CHECK(has(size, file.string() + ": expected 10 bytes with CRC-32 cbf43926, found 9 bytes with CRC-32 cbf43926"));
  auto const crc = message_of([&] { fraud::verify_download(file, 9, 0x0000abcd); });
  CHECK(has(crc, "expected 9 bytes with CRC-32 0000abcd, found 9 bytes with CRC-32 cbf43926"));
  CHECK(has(message_of([&] { fraud::verify_download(folder.path / "none", 9, 0); }), "none: cannot read: "));
}

TEST_CASE("verify_download reads all blocks of a long file") {
  temporary_folder const folder;
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i);
  auto const file = folder.write("long", text);
  CHECK_NOTHROW(fraud::verify_download(file, text.size(), fraud::crc32(text)));
}

TEST_CASE("download replaces a file only after verification, and leaves no temporary files") {
  temporary_folder const folder;
  auto const source = "file://" + folder.write("source", "123456789").string();
  auto const target = folder.write("a \"quoted\" $name", "old");
  auto const copy = [&] { fraud::run_program({"curl", "--silent", "--output", "/dev/null", "--url", source}); };
  if (message_of(copy) != "no io_error") {
    WARN("skipped: curl cannot be run, or reads no file: addresses");
    return;
  }
  CHECK(has(message_of([&] { fraud::download({source, 10, 0xcbf43926}, target); }), "expected 10 bytes"));
  CHECK(has(message_of([&] { fraud::download({source + "s", 9, 0xcbf43926}, target); }), "failed with exit code 37"));
  CHECK(read(target) == "old");
  CHECK(folder.files() == 2);
  fraud::download({source, 9, 0xcbf43926}, target);
  CHECK(read(target) == "123456789");
  CHECK(folder.files() == 2);
}

TEST_CASE("run_program throws io_error if the program cannot be run") {
  auto const message = message_of([] { fraud::run_program({"no-such-program-of-fovea"}); });
  CHECK(has(message, "cannot run the program no-such-program-of-fovea: "));
}
