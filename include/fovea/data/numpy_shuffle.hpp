// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fovea/error.hpp>

namespace fovea::detail {

/// The seeds of `numpy.random.RandomState`; `options` begins the message.
inline void validate_seed(std::string const& options, std::uint64_t seed) {
  if (seed > 0xFFFF'FFFF)
    throw argument_error(options + ": seed is " + std::to_string(seed) + ", must be below 4294967296");
}

/// What `numpy.random.RandomState(seed)` draws from.
inline std::mt19937 numpy_generator(std::uint64_t seed) { return std::mt19937(static_cast<std::uint32_t>(seed)); }

/// A whole number in [0, most], as NumPy's legacy `random_interval` draws it: masked, and drawn anew when too large.
inline std::uint64_t random_interval(std::mt19937& generator, std::uint64_t most) {
  auto const mask = most == 0 ? 0 : ~std::uint64_t{0} >> std::countl_zero(most);
  for (;;) {
    std::uint64_t drawn = generator();
    if (most > 0xFFFF'FFFF) drawn = drawn << 32 | generator();
    if ((drawn & mask) <= most) return drawn & mask;
  }
}

/// `numpy.random.RandomState.shuffle`, and with it `permutation` of these values.
inline void numpy_shuffle(std::vector<std::size_t>& values, std::mt19937& generator) {
  for (auto i = values.size(); i-- > 1;)
    std::swap(values[i], values[static_cast<std::size_t>(random_interval(generator, i))]);
}

/// `numpy.random.RandomState.permutation(n)`.
inline std::vector<std::size_t> numpy_permutation(std::size_t n, std::mt19937& generator) {
  std::vector<std::size_t> result(n);
  std::iota(result.begin(), result.end(), std::size_t{0});
  numpy_shuffle(result, generator);
  return result;
}

}  // namespace fovea::detail
