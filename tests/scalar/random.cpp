// SPDX-License-Identifier: MIT
#include <fovea/scalar/random.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "../catch.hpp"

using fovea::permutation;
using fovea::random_stream;

TEST_CASE("philox returns Random123's published values") {
  using words = fovea::words<4>;
  constexpr std::uint32_t ones = 0xffffffff;
  STATIC_REQUIRE(fovea::philox({0, 0, 0, 0}, {0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(fovea::philox({ones, ones, ones, ones}, {ones, ones}) == words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(fovea::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("random_words puts every bit of its arguments into the counter and the key") {
  std::uint64_t const index = 0x1122334455667788, seed = 0x99aabbccddeeff00;
  CHECK(fovea::random_words(seed, random_stream::user, 7, index) ==
        fovea::philox({0x55667788, 0x11223344, 7, 3}, {0xddeeff00, 0x99aabbcc}));
}

TEMPLATE_TEST_CASE("uniform is uniform in [0, 1)", "", float, double) {
  constexpr int n = 200000, bins = 64;
  std::array<int, bins> counts{};
  double sum = 0, squares = 0, products = 0, before = 0.5;
  bool inside = true;
  for (std::uint64_t i = 0; i != n; ++i) {
    auto const u = fovea::uniform<TestType>(1, random_stream::dropout, 2, i);
    inside = inside && u >= 0 && u < 1;
    auto const d = static_cast<double>(u) - 0.5;
    sum += d, squares += d * d, products += d * before, before = d;
    ++counts[static_cast<std::size_t>(u * bins)];
  }
  CHECK(inside);
  // bounds of five standard deviations
  CHECK(std::abs(sum / n) < 5 * std::sqrt(1. / 12 / n));
  CHECK(std::abs(squares / n - 1. / 12) < 5 * std::sqrt(1. / 180 / n));
  CHECK(std::abs(products / n) < 5 * (1. / 12) / std::sqrt(n));
  double chi_square = 0;
  for (int c : counts) chi_square += std::pow(c - n / double{bins}, 2) / (n / double{bins});
  CHECK(std::abs(chi_square - (bins - 1)) < 5 * std::sqrt(2. * (bins - 1)));
}

TEST_CASE("uniform's largest number is below 1, and its smallest is 0") {
  // the largest number is 1 - 2^-24 for float and 1 - 2^-53 for double
  auto const largest = [](auto words) { return static_cast<float>(words >> 8) * 0x1p-24f; };
  CHECK(largest(0xffffffffu) == std::nextafter(1.f, 0.f));
  CHECK(largest(0u) == 0);
  std::vector<float> drawn(4000);
  for (std::uint64_t i = 0; i != drawn.size(); ++i) drawn[i] = fovea::uniform<float>(0, random_stream::user, 0, i);
  CHECK(std::all_of(drawn.begin(), drawn.end(), [](float u) { return std::floor(u * 0x1p24f) == u * 0x1p24f; }));
}

TEST_CASE("different seeds, streams, draws and indices give different numbers") {
  auto const u = [](std::uint64_t seed, random_stream stream, std::uint32_t draw, std::uint64_t index) {
    return fovea::uniform<double>(seed, stream, draw, index);
  };
  using enum random_stream;
  std::vector<double> drawn;
  for (std::uint64_t seed : {0ull, 1ull, 1ull << 32})
    for (auto stream : {initial_parameters, shuffle, dropout, user})
      for (std::uint32_t draw : {0u, 1u, 2u})
        for (std::uint64_t index : {0ull, 1ull, 1ull << 32}) drawn.push_back(u(seed, stream, draw, index));
  std::sort(drawn.begin(), drawn.end());
  CHECK(std::adjacent_find(drawn.begin(), drawn.end()) == drawn.end());
  CHECK(u(1, user, 2, 3) == u(1, user, 2, 3));
}

TEST_CASE("permutation returns every number exactly once") {
  for (std::uint64_t n : {1u, 2u, 3u, 5u, 64u, 65u, 97u, 1000u, 12287u})
    for (std::uint32_t draw : {0u, 1u, 7u}) {
      CAPTURE(n, draw);
      permutation const order(n, 42, draw);
      std::vector<int> reached(n);
      bool below = true;
      for (std::uint64_t i = 0; i != n; ++i) {
        auto const to = order(i);
        below = below && to < n;
        if (to < n) ++reached[to];
      }
      CHECK(below);
      CHECK(std::count(reached.begin(), reached.end(), 1) == static_cast<std::ptrdiff_t>(n));
    }
}

TEST_CASE("permutation of several indices at once equals that of each index") {
  for (std::uint64_t const n : {1u, 2u, 5u, 31u, 32u, 33u, 100u, 49147u}) {
    permutation const order(n, 7, 3);
    for (std::uint64_t first = 0; first < n; first += n / 5 + 1) {
      auto const count = static_cast<std::size_t>((std::min)(n - first, std::uint64_t{96 - n % 3}));
      std::uint64_t several[96];
      std::vector<std::uint64_t> found;
      order(first, count, several, [&](std::uint64_t image) { found.push_back(image); });
      for (std::size_t i = 0; i != count; ++i) {
        CHECK(several[i] == order(first + i));
        CHECK(std::ranges::count(found, several[i]) > 0);
      }
      CHECK(std::ranges::all_of(found, [&](std::uint64_t image) { return image < n; }));
    }
  }
}

TEST_CASE("permutation supports sizes beyond 32 bits") {
  std::uint64_t const n = (1ull << 40) + 12345;
  permutation const order(n, 1, 0);
  std::vector<std::uint64_t> to;
  for (std::uint64_t i = 0; i != 1000; ++i) to.push_back(order(i * 1099511627ull));
  CHECK(std::all_of(to.begin(), to.end(), [&](auto k) { return k < n; }));
  CHECK(std::count_if(to.begin(), to.end(), [&](auto k) { return k > n / 2; }) > 400);
  std::sort(to.begin(), to.end());
  CHECK(std::adjacent_find(to.begin(), to.end()) == to.end());
}

TEST_CASE("permutation returns all orders of five about equally often") {
  constexpr int draws = 24000, orders = 120;
  for (std::uint64_t seed : {0ull, 20241ull}) {
    std::map<std::array<std::uint64_t, 5>, int> counts;
    for (std::uint32_t draw = 0; draw != draws; ++draw) {
      permutation const order(5, seed, draw);
      ++counts[{order(0), order(1), order(2), order(3), order(4)}];
    }
    CHECK(counts.size() == orders);
    double chi_square = 0;
    for (auto const& [order, count] : counts) chi_square += std::pow(count - draws / orders, 2) / (draws / orders);
    CHECK(std::abs(chi_square - (orders - 1)) < 4 * std::sqrt(2. * (orders - 1)));
  }
}

TEST_CASE("a large permutation mixes positions, separates neighbors and depends on draw and seed") {
  constexpr std::uint64_t n = 1000;
  permutation const a(n, 0, 0), b(n, 0, 1), c(n, 1, 0);
  int fixed = 0, neighbors = 0, same_draw = 0, same_seed = 0;
  for (std::uint64_t i = 0; i != n; ++i) {
    fixed += a(i) == i;
    neighbors += i != 0 && a(i) == a(i - 1) + 1;
    same_draw += a(i) == b(i);
    same_seed += a(i) == c(i);
  }
  // each count is approximately Poisson distributed with mean 1
  CHECK(fixed < 8);
  CHECK(neighbors < 8);
  CHECK(same_draw < 8);
  CHECK(same_seed < 8);

  std::array<int, 8> where_0{};
  for (std::uint32_t draw = 0; draw != 8000; ++draw) ++where_0[permutation(n, 3, draw)(0) * 8 / n];
  for (int count : where_0) CHECK(std::abs(count - 1000) < 5 * std::sqrt(1000 * 7. / 8));
}
