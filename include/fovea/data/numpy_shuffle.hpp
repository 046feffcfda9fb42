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

/// Throws `argument_error`, with a message that begins with `options`, if `numpy.random.RandomState` rejects the seed.
inline void validate_seed(std::string const& options, std::uint64_t seed) {
  if (seed > 0xFFFF'FFFF)
    throw argument_error(options + ": seed is " + std::to_string(seed) + ", must be below 4294967296");
}

/// Returns the generator of `numpy.random.RandomState(seed)`.
inline std::mt19937 numpy_generator(std::uint64_t seed) { return std::mt19937(static_cast<std::uint32_t>(seed)); }

/// Draws an integer in [0, max] like NumPy's legacy `random_interval`: by masked rejection.
inline std::uint64_t random_interval(std::mt19937& generator, std::uint64_t max) {
  auto const mask = max == 0 ? 0 : ~std::uint64_t{0} >> std::countl_zero(max);
  for (;;) {
    std::uint64_t drawn = generator();
    if (max > 0xFFFF'FFFF) drawn = drawn << 32 | generator();
    if ((drawn & mask) <= max) return drawn & mask;
  }
}

/// Shuffles like `numpy.random.RandomState.shuffle`.
inline void numpy_shuffle(std::vector<std::size_t>& values, std::mt19937& generator) {
  for (auto i = values.size(); i-- > 1;)
    std::swap(values[i], values[static_cast<std::size_t>(random_interval(generator, i))]);
}

/// Returns `numpy.random.RandomState.permutation(n)`.
inline std::vector<std::size_t> numpy_permutation(std::size_t n, std::mt19937& generator) {
  std::vector<std::size_t> result(n);
  std::iota(result.begin(), result.end(), std::size_t{0});
  numpy_shuffle(result, generator);
  return result;
}

}  // namespace fovea::detail
