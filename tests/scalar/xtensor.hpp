// SPDX-License-Identifier: MIT
#pragma once

// GCC 12 warns about variables in its own AVX-512 intrinsics (GCC bug 105593).
#if defined(__GNUC__) && __GNUC__ == 12 && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <fovea/backends/xtensor.hpp>
