// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include <fovea/scalar/math.hpp>

/// The exponential of a batch, accurate to 1.5 roundings, denormal results included, in half the instructions of xsimd's. The
/// coefficients are minimax fits by tests/scalar/make_polynomials.py.
template <class T, class A> struct fovea::adl::elementary<xsimd::batch<T, A>> {
  using batch = xsimd::batch<T, A>;

  static batch exp(batch const& x) {
    constexpr bool single = std::is_same_v<T, float>;
    // Beyond these every result is 0 or infinite.
    batch const bounded = clamp(x, batch(T(single ? -104 : -746)), batch(T(single ? 89 : 710)));
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
  /// Returns NaN for a NaN in x: x86's min and max return their second operand if one is NaN, and xsimd 14 swaps the operands.
  static batch clamp(batch const& x, batch const& low, batch const& high) {
    if constexpr (XSIMD_VERSION_MAJOR < 14) return xsimd::min(high, xsimd::max(low, x));
    else return xsimd::min(xsimd::max(x, low), high);
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
