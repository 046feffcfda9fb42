// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

/// Checks of numbers by their bits: -ffast-math, which assumes that neither NaN nor infinity exists, removes those of the
/// standard library.
namespace fovea::detail {

constexpr std::uint64_t magnitude_bits(double x) { return std::bit_cast<std::uint64_t>(x) & ~(std::uint64_t{1} << 63); }
inline constexpr std::uint64_t infinity_bits = std::uint64_t{0x7ff} << 52;

constexpr bool is_nan(double x) { return detail::magnitude_bits(x) > infinity_bits; }
constexpr bool is_infinite(double x) { return detail::magnitude_bits(x) == infinity_bits; }
constexpr bool is_finite(double x) { return detail::magnitude_bits(x) < infinity_bits; }

}  // namespace fovea::detail
