// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <fovea/data/table.hpp>

#include "stand_in_moments.hpp"

namespace fraud {

/// A synthetic table with the columns, size and prevalence of the credit-card-fraud file, sorted by Time and determined
/// by the seed. A small network does about as well on it as on the real rows; the table supports no other conclusion.
///
/// Its moments come from a subset of the real table that contains every fraud but few daytime normal rows.
inline fovea::table stand_in(std::uint64_t seed = 0);

/// The number of rows of one class that are drawn from one population.
struct group {
  population const& like;
  bool is_fraud;
  std::size_t rows;
};

/// The frauds' numbers follow the fit. A few normal rows look like fraud; without them there would be no false alarms.
inline constexpr group stand_in_groups[]{
    {normal, false, 284'275}, {mild_fraud, false, 40},   {faint_fraud, true, 60},
    {mild_fraud, true, 270},  {severe_fraud, true, 162},
};

namespace detail {

// Relative frequency of normal rows by hour of the day, with quiet nights as in the real table. Frauds occur at any hour.
inline constexpr std::array hourly{40, 22, 16, 18, 11, 16, 18, 35, 55, 82, 82, 82,
                                   82, 82, 82, 82, 82, 82, 82, 82, 82, 75, 65, 50};
inline constexpr double last_second = 172'792;  // the last second of the real table's two days

// Uses no distribution of the standard library: the standard fixes the engine's numbers but not the distributions'.
class generator {
 public:
  explicit generator(std::uint64_t seed) : engine_(seed) {}

  // A uniform number in (0, 1).
  double uniform() { return (static_cast<double>(engine_() >> 12) + 0.5) * 0x1p-52; }

  // Two normal numbers, by the Box-Muller transform.
  std::array<double, 2> two_normal() {
    auto const radius = std::sqrt(-2 * std::log(uniform()));
    auto const angle = 2 * std::numbers::pi * uniform();
    return {radius * std::cos(angle), radius * std::sin(angle)};
  }

  // The factor that turns normal numbers into Student's t with 4 degrees of freedom and the same variance.
  double tail() { return 1 / std::sqrt(-std::log(uniform() * uniform())); }

 private:
  std::mt19937_64 engine_;
};

inline double draw_time(bool is_fraud, generator& random) {
  if (is_fraud) return std::floor(random.uniform() * (last_second + 1));
  auto const day = std::floor(2 * random.uniform());
  auto left = random.uniform() * std::accumulate(hourly.begin(), hourly.end(), 0);
  std::size_t hour = 0;
  while (hour + 1 < hourly.size() && left >= hourly[hour]) left -= hourly[hour++];
  auto const within = std::min(left / hourly[hour], 1.0);
  return std::min(std::floor(3600 * (24 * day + static_cast<double>(hour) + within)), last_second);
}

using features = std::array<double, population::width>;

// V1..V28 have heavy tails, like the real columns; log(Amount) does not.
inline features draw_features(population const& from, generator& random) {
  features z, result;
  for (std::size_t i = 0; i < z.size(); i += 2) {
    auto const two = random.two_normal();
    z[i] = two[0];
    if (i + 1 < z.size()) z[i + 1] = two[1];
  }
  auto const tail = random.tail();
  auto factor = from.factor.begin();
  for (std::size_t i = 0; i < z.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k <= i; ++k) sum += *factor++ * z[k];
    result[i] = from.mean[i] + (i + 1 < z.size() ? tail * sum : sum);
  }
  return result;
}

// Reflects amounts beyond the largest real one instead of clamping them, which would accumulate rows at that value.
inline double amount(double log_amount, double largest) {
  auto const reflected = std::min(log_amount, 2 * std::log(largest) - log_amount);
  return std::max(std::round(100 * (std::exp(reflected) - 0.001)), 0.0) / 100;
}

}  // namespace detail

inline fovea::table stand_in(std::uint64_t seed) {
  struct row {
    double time;
    group const* of;
  };
  detail::generator random(seed);
  std::vector<row> rows;
  for (auto const& g : stand_in_groups)
    for (std::size_t i = 0; i < g.rows; ++i) rows.push_back({detail::draw_time(g.is_fraud, random), &g});
  std::ranges::stable_sort(rows, {}, &row::time);

  fovea::table result{{"Time"}, {}};
  for (int i = 1; i <= 28; ++i) result.names.emplace_back("V") += std::to_string(i);
  result.names.insert(result.names.end(), {"Amount", "Class"});
  result.columns.resize(result.names.size());
  for (auto& column : result.columns) column.reserve(rows.size());
  for (auto const& [time, of] : rows) {
    auto const drawn = detail::draw_features(of->like, random);
    result.columns[0].push_back(time);
    // Rounds, so that the result does not depend on the last digits of a machine's logarithm and cosine.
    for (std::size_t v = 0; v < 28; ++v) result.columns[v + 1].push_back(std::round(drawn[v] * 1e5) / 1e5);
    result.columns[29].push_back(detail::amount(drawn[28], of->like.largest_amount));
    result.columns[30].push_back(of->is_fraud);
  }
  return result;
}

}  // namespace fraud
