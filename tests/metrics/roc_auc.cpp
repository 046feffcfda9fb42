// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <fovea/metrics/roc_auc.hpp>

#include "ranking.hpp"

using fovea::roc_auc;

TEST_CASE("roc_auc matches scikit-learn, including ties and imbalance") {
  check_rankings([](auto const& p, auto const& y) { return roc_auc(p, y); }, &sklearn::ranking::roc_auc,
                 &sklearn::drawn_ranking::roc_auc);
}

TEST_CASE("roc_auc is the share of correctly ordered pairs, with ties counted half") {
  for (auto const& ranking : sklearn::rankings) {
    double in_order = 0, pairs = 0;
    for (std::size_t i = 0; i < ranking.scores.size(); ++i)
      for (std::size_t j = 0; j < ranking.scores.size(); ++j)
        if (ranking.targets[i] == 1 && ranking.targets[j] == 0) {
          ++pairs;
          in_order += ranking.scores[i] > ranking.scores[j] ? 1 : ranking.scores[i] == ranking.scores[j] ? 0.5 : 0;
        }
    CHECK(roc_auc(ranking.scores, ranking.targets) == in_order / pairs);
  }
}

TEST_CASE("roc_auc accepts any two ranges of numbers") {
  float const probabilities[] = {0.1f, 0.4f, 0.35f, 0.8f};
  std::vector<double> const targets{0, 0, 1, 1};
  CHECK(roc_auc(probabilities, targets) == 0.75);
  CHECK(roc_auc(std::span(probabilities), std::vector<std::uint8_t>{0, 0, 1, 1}) == 0.75);
  CHECK(roc_auc(std::vector{-3, 7, 5, 9}, std::span(targets)) == 0.75);
  auto const infinity = std::numeric_limits<float>::infinity();
  CHECK(roc_auc(std::vector{-infinity, infinity, 0.f, infinity}, targets) == 0.625);
}

TEST_CASE("roc_auc detects one misordered pair among ten billion") {
  std::size_t const n = 200'001;
  std::vector<float> probabilities(n), targets(n);
  for (std::size_t i = 0; i < n; ++i) {
    probabilities[i] = static_cast<float>(i);
    targets[i] = i >= 100'000;
  }
  std::swap(targets[99'999], targets[100'000]);
  CHECK(roc_auc(probabilities, targets) == (100'000. * 100'001 - 1) / (100'000. * 100'001));
}

TEST_CASE("roc_auc rejects invalid inputs") {
  check_refusals([](auto const& p, auto const& y) { return roc_auc(p, y); }, "roc_auc");
  std::vector const probabilities{0.1, 0.2};
  CHECK_THROWS_WITH(roc_auc(probabilities, std::vector{0, 0}), "roc_auc: all targets are 0, must have both classes");
  CHECK_THROWS_WITH(roc_auc(probabilities, std::vector{1, 1}), "roc_auc: all targets are 1, must have both classes");
  CHECK_THROWS_WITH(roc_auc(std::vector<float>{}, std::vector<int>{}), "roc_auc: no rows, must have both classes");
  CHECK_THROWS_AS(roc_auc(probabilities, std::vector{1, 1}), fovea::numeric_error);
}
