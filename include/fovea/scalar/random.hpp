// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fovea/config.hpp>

/// Counter-based random numbers: each is a function of (seed, stream, draw, index). Every backend draws the same numbers,
/// for any number of threads and in any order, and stores no generator state.
namespace fovea {

/// The purpose of a random number. Numbers of different streams are independent.
enum class random_stream : std::uint32_t { initial_parameters, shuffle, dropout, user, gradient_noise };

/// N words of random bits. Not a std::array, whose members device code cannot call.
template <unsigned N> struct words {
  std::uint32_t values[N];
  FOVEA_HD constexpr std::uint32_t operator[](unsigned i) const { return values[i]; }
  friend constexpr bool operator==(words const&, words const&) = default;
};

/// Philox 4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
FOVEA_HD constexpr words<4> philox(words<4> counter, words<2> key) {
  for (int round = 0; round != 10; ++round) {
    std::uint64_t const a = std::uint64_t{0xD2511F53} * counter[0];
    std::uint64_t const b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return counter;
}

/// Returns four random words for this seed, stream, draw (an epoch or a step) and index.
FOVEA_HD constexpr words<4> random_words(std::uint64_t seed, random_stream stream, std::uint32_t draw,
                                         std::uint64_t index) {
  return philox({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), draw,
                 static_cast<std::uint32_t>(stream)},
                {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

/// Returns a number uniform in [0, 1), of 24 random bits in float and 53 in double.
///
///     float const u = fovea::uniform<float>(seed, fovea::random_stream::user, /*draw*/ 0, /*index*/ i);
template <class T>
FOVEA_HD constexpr T uniform(std::uint64_t seed, random_stream stream, std::uint32_t draw, std::uint64_t index) {
  auto const w = random_words(seed, stream, draw, index);
  if constexpr (sizeof(T) == 4) return static_cast<T>(w[0] >> 8) * static_cast<T>(0x1p-24);
  else return static_cast<T>(((std::uint64_t{w[0]} << 32) | w[1]) >> 11) * static_cast<T>(0x1p-53);
}

/// Returns a number of the standard normal distribution, by Marsaglia's polar method: computed in double, so that float and double
/// draw the same numbers. `draw` is the first of the draws that it may use.
template <class T>
FOVEA_HD T normal(std::uint64_t seed, random_stream stream, std::uint32_t draw, std::uint64_t index) {
  for (;; ++draw) {
    auto const w = random_words(seed, stream, draw, index);
    double const u = static_cast<double>(((std::uint64_t{w[0]} << 32) | w[1]) >> 11) * 0x1p-52 - 1,
                 v = static_cast<double>(((std::uint64_t{w[2]} << 32) | w[3]) >> 11) * 0x1p-52 - 1;
    double const s = u * u + v * v;
    if (s < 1 && s > 0) return static_cast<T>(u * std::sqrt(-2 * std::log(s) / s));
  }
}

/// A random permutation of 0..n-1, computed one element at a time and not stored: a Feistel network on the next power of
/// two, at least 64, applied until the result is below n. A function of n, seed and draw alone.
///
///     fovea::permutation const order(rows, seed, epoch);
///     for (std::uint64_t i = 0; i != rows; ++i) visit(order(i));
class permutation {
 public:
  FOVEA_HD constexpr permutation(std::uint64_t count, std::uint64_t seed, std::uint32_t draw) : n_(count) {
    while (low_ + high_ < 64 && (std::uint64_t{1} << (low_ + high_)) < count) ++(low_ > high_ ? high_ : low_);
    for (std::uint32_t i = 0; i != rounds; i += 4) {
      auto const w = random_words(seed, random_stream::shuffle, draw, i);
      for (std::uint32_t j = 0; j != 4; ++j) keys_[i + j] = w[j];
    }
  }

  /// Returns the image of i, for i < n.
  FOVEA_HD constexpr std::uint64_t operator()(std::uint64_t i) const {
    do i = once(i);
    while (i >= n_);
    return i;
  }
  /// Writes the images of `count` numbers from `first` on, each below n, and calls found(image) for each as soon as it is known,
  /// in no order, and at times for n - 1. Interleaved, they take a CPU a fraction of the time of `count` calls. N is a multiple of 32, and at least `count`.
  template <std::size_t N, class Found>
  constexpr void operator()(std::uint64_t first, std::size_t count, std::uint64_t (&to)[N], Found const& found) const {
    static_assert(N % 32 == 0, "the images are computed 32 at a time");
    std::size_t outside[N] = {}, left = 0;  // the places of images that are not below n yet
    for (std::size_t begin = 0; begin < count; begin += 32) {
      std::uint64_t some[32] = {};
      for (std::size_t i = 0; i != 32; ++i) some[i] = first + begin + i;
      apply_once(some);
      for (std::size_t i = begin; i != begin + 32 && i != count; ++i) {
        auto const image = some[i - begin];
        to[i] = image;
        found(image < n_ ? image : n_ - 1);
        outside[left] = i, left += image >= n_;
      }
    }
    while (left != 0) {
      std::size_t const all = left;
      left = 0;
      constexpr std::size_t group = 16;
      for (std::size_t begin = 0; begin < all; begin += group) {
        std::size_t const here = all - begin < group ? all - begin : group;
        std::uint64_t some[group] = {};
        for (std::size_t i = 0; i != here; ++i) some[i] = to[outside[begin + i]];
        apply_once(some);
        for (std::size_t i = 0; i != here; ++i) {
          auto const place = outside[begin + i];
          to[place] = some[i];
          found(some[i] < n_ ? some[i] : n_ - 1);
          outside[left] = place, left += some[i] >= n_;
        }
      }
    }
  }

 private:
  static constexpr std::uint32_t rounds = 8;

  FOVEA_HD constexpr std::uint64_t once(std::uint64_t i) const {
    std::uint64_t one[1] = {i};
    apply_once(one);
    return one[0];
  }
  /// Applies the network to N numbers in place.
  template <std::size_t N> FOVEA_HD constexpr void apply_once(std::uint64_t (&x)[N]) const {
    std::uint64_t const low_mask = (std::uint64_t{1} << low_) - 1, high_mask = (std::uint64_t{1} << high_) - 1;
    std::uint64_t low[N] = {}, high[N] = {};
    for (std::size_t i = 0; i != N; ++i) low[i] = x[i] & low_mask, high[i] = x[i] >> low_;
    for (std::uint32_t r = 0; r != rounds; r += 2)
      for (std::size_t i = 0; i != N; ++i) {
        high[i] ^= mixed(low[i], keys_[r]) & high_mask;
        low[i] ^= mixed(high[i], keys_[r + 1]) & low_mask;
      }
    for (std::size_t i = 0; i != N; ++i) x[i] = high[i] << low_ | low[i];
  }
  FOVEA_HD static constexpr std::uint64_t mixed(std::uint64_t x, std::uint32_t key) {
    std::uint64_t const product = (x ^ key) * 0xD2511F53CD9E8D57 + key;
    return (product ^ (product >> 29)) >> 32;
  }

  std::uint64_t n_;
  unsigned low_ = 3, high_ = 3;  // bits of each half; with fewer, small orders would not be equally likely
  std::uint32_t keys_[rounds] = {};
};

}  // namespace fovea
