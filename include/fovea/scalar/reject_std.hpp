// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/scalar/dual.hpp>

/// Overloads of the standard library's functions for dual numbers, which say what to call instead: otherwise the error of a
/// formula that calls std::pow is a list of more than a hundred lines of candidates, none of which is ever viable. They are
/// declared in namespace std for that reason alone, and take types of fovea's alone.
#define FOVEA_REJECT_STD(function)                                                                         \
  template <fovea::autodiff::differentiating T, class... Rest> T function(T const& x, Rest const&...) {    \
    static_assert(sizeof(T) == 0, "fovea: a formula calls fovea::math::" #function ", not std::" #function \
                                  ", so that it can be differentiated and run in SIMD and on a device");   \
    return x;                                                                                              \
  }

namespace std {
FOVEA_REJECT_STD(abs)
FOVEA_REJECT_STD(exp)
FOVEA_REJECT_STD(expm1)
FOVEA_REJECT_STD(log)
FOVEA_REJECT_STD(log1p)
FOVEA_REJECT_STD(pow)
FOVEA_REJECT_STD(sqrt)
FOVEA_REJECT_STD(tanh)
}  // namespace std

#undef FOVEA_REJECT_STD
