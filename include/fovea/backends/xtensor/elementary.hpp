// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include <fovea/scalar/math.hpp>
#include <fovea/scalar/primitives.hpp>

/// The exponential and the logarithm of a batch, accurate to 1.5 roundings, denormal numbers included. `exp` takes half the
/// instructions of xsimd's; xsimd 8's `log` does not compile without optimization on AVX-512. The coefficients are minimax fits
/// by tests/scalar/make_polynomials.py.
template <class T, class A> struct fovea::adl::elementary<xsimd::batch<T, A>> {
  using batch = xsimd::batch<T, A>;

  static batch exp(batch const& x) {
    constexpr bool single = std::is_same_v<T, float>;
    // Beyond these every result is 0 or infinite.
    batch const bounded = (min)((max)(x, batch(T(single ? -104 : -746))), batch(T(single ? 89 : 710)));
    batch const k = xsimd::nearbyint(bounded * batch(T(1.4426950408889634)));
    // k times the first part of log(2) is exact.
    batch const r = multiply_add(-k, batch(T(single ? -2.12194440e-4 : 1.90821492927058770e-10)),
                                 multiply_add(-k, batch(T(single ? 0.693359375 : 0x1.62e42feep-1)), bounded));
    if constexpr (single)
      return scale(math::polynomial(r, 1, 1, 0.49999993412180610, 0.16666520107473810, 0.041668394292654938,
                                    0.0083687804545596224, 0.0013814462622582910),
                   k);
    else
      return scale(math::polynomial(r, 1, 1, 0.50000000000000107, 0.16666666666666410, 0.041666666666529189,
                                    0.0083333333334956076, 0.0013888888943922456, 0.00019841269504794523,
                                    0.000024801492762909601, 2.7557587321214232e-6, 2.7630378611872545e-7,
                                    2.4999970554834499e-8),
                   k);
  }

  static batch log(batch const& x) {
    constexpr bool single = std::is_same_v<T, float>;
    batch m, k;  // x = m 2^k, with m in [0.75, 1.5)
    split(x, m, k);
    // log(1 + f) = 2 atanh(s) = f - s (f - r) for s = f / (2 + f), and s f = (1 - s) f^2 / 2.
    batch const f = m - batch(T(1)), s = f / (batch(T(2)) + f), square = batch(T(0.5)) * f * f;
    batch const u = s * s, r = batch(T(2)) * u * math::primal::atanh_polynomial(u);
    batch const low = multiply_add(s, square + r, k * batch(T(single ? 9.0580006145e-6 : 1.90821492927058770002e-10)));
    // k times the first part of log(2) is exact.
    return multiply_add(k, batch(T(single ? 0.693138122558593750 : 6.93147180369123816490e-01)), f - (square - low));
  }

  /// Returns x^e; whole exponents to 64 by products, as a formula's often are, with a negative x too.
  static batch pow(batch const& x, double e) {
    bool const whole = e == std::nearbyint(e);
    if (whole && std::abs(e) <= 64) {
      batch result(T(1)), power = x;
      for (auto n = static_cast<unsigned>(std::abs(e)); n != 0; n /= 2, power = power * power)
        if (n % 2 != 0) result = result * power;
      return e < 0 ? batch(T(1)) / result : result;
    }
    batch const magnitude = exp(batch(static_cast<T>(e)) * log(xsimd::abs(x)));
    batch const negative = !whole                 ? batch(std::numeric_limits<T>::quiet_NaN())
                           : std::fmod(e, 2) != 0 ? -magnitude
                                                  : magnitude;
    return xsimd::select(x < batch(T(0)), negative, magnitude);
  }

  // x86's instructions return their second operand if one of the two is NaN; xsimd 14 swaps the operands.
  static batch(max)(batch const& x, batch const& bound) {
    return XSIMD_VERSION_MAJOR < 14 ? (xsimd::max)(bound, x) : (xsimd::max)(x, bound);
  }
  static batch(min)(batch const& x, batch const& bound) {
    return XSIMD_VERSION_MAJOR < 14 ? (xsimd::min)(bound, x) : (xsimd::min)(x, bound);
  }

  // xsimd 8's fma is not fused on AVX-512.
  static batch fma(batch const& a, batch const& b, batch const& c) {
#if defined(__AVX512F__)
    if constexpr (std::is_base_of_v<xsimd::avx512f, A> && std::is_same_v<T, float>) return _mm512_fmadd_ps(a, b, c);
    if constexpr (std::is_base_of_v<xsimd::avx512f, A> && std::is_same_v<T, double>) return _mm512_fmadd_pd(a, b, c);
#endif
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return xsimd::fma(a, b, c);
#else
    alignas(64) T x[batch::size], y[batch::size], z[batch::size];
    a.store_aligned(x), b.store_aligned(y), c.store_aligned(z);
    for (std::size_t i = 0; i != batch::size; ++i) x[i] = std::fma(x[i], y[i], z[i]);
    return batch::load_aligned(x);
#endif
  }
  static batch multiply_add(batch const& a, batch const& b, batch const& c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return fma(a, b, c);
#else
    return a * b + c;
#endif
  }

 private:
  /// Writes m in [0.75, 1.5) and an integer k with x = m 2^k. For other numbers than positive ones k or m is infinite or NaN,
  /// so that the logarithm is: -infinity at 0, infinity at infinity, NaN below 0 and of NaN.
  static void split(batch const& x, batch& m, batch& k) {
    batch const none(std::numeric_limits<T>::quiet_NaN());
#if defined(__AVX512F__)
    if constexpr (std::is_base_of_v<xsimd::avx512f, A>) {
      if constexpr (sizeof(T) == 4) {
        m = _mm512_getmant_ps(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
        k = _mm512_getexp_ps(x);
      } else {
        m = _mm512_getmant_pd(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
        k = _mm512_getexp_pd(x);
      }
      k = k + xsimd::select(m < batch(T(1)), batch(T(1)), batch(T(0)));
      m = xsimd::select(x < batch(T(0)), none, m);
      return;
    }
#endif
    // By bits: the exponent is read after a step that carries from 1.5 on. Denormal numbers are scaled first.
    using U = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    using bits = xsimd::batch<U, A>;
    constexpr int digits = std::numeric_limits<T>::digits;
    constexpr U one = std::bit_cast<U>(T(1)), low = std::bit_cast<U>(T(0.75)), field = (U{1} << (digits - 1)) - 1;
    constexpr T big = T(U{1} << (digits - 1)), bias = T(std::numeric_limits<T>::max_exponent - 1);
    auto const tiny = x < batch((std::numeric_limits<T>::min)());
    auto const carried = std::bit_cast<bits>(xsimd::select(tiny, x * batch(big), x)) + bits(one - low);
    m = std::bit_cast<batch>((carried & bits(field)) + bits(low));
    k = std::bit_cast<batch>((carried >> (digits - 1)) | bits(std::bit_cast<U>(big))) -
        xsimd::select(tiny, batch(big + bias + T(digits - 1)), batch(big + bias));
    k = xsimd::select(x == batch(T(0)), batch(-std::numeric_limits<T>::infinity()), k);
    k = xsimd::select(x == batch(std::numeric_limits<T>::infinity()), x, k);
    m = xsimd::select(x >= batch(T(0)), m, none);
  }
  /// Returns x 2^k for an integer k, rounded once if the result is denormal.
  static batch scale(batch const& x, batch const& k) {
#if defined(__AVX512F__)
    if constexpr (std::is_base_of_v<xsimd::avx512f, A> && std::is_same_v<T, float>) return _mm512_scalef_ps(x, k);
    if constexpr (std::is_base_of_v<xsimd::avx512f, A> && std::is_same_v<T, double>) return _mm512_scalef_pd(x, k);
#endif
    batch const part = xsimd::nearbyint(k * batch(T(0.5)));  // in two steps: 2^k itself may overflow
    return xsimd::ldexp(xsimd::ldexp(x, xsimd::to_int(part)), xsimd::to_int(k - part));
  }
};
