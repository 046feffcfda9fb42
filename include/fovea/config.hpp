// SPDX-License-Identifier: MIT
#pragma once

#define FOVEA_VERSION_MAJOR 0
#define FOVEA_VERSION_MINOR 2
#define FOVEA_VERSION_PATCH 0

// Also with -Ofast. A note, not a warning: warnings in a system header are silent, and with -Werror they are errors.
#if defined(__FAST_MATH__)
#pragma message( \
        "warning: fovea is compiled with -ffast-math, which ignores NaN and infinity: losses, optimizers and checks of data lose their promises about them. Use -O3, with -march=native for speed, instead")
#endif

/// Marks a function that runs on the host and, under nvcc, also on the device.
#if defined(__CUDACC__)
#define FOVEA_HD __host__ __device__
#else
#define FOVEA_HD
#endif

/// Marks a function that neither allocates, locks, waits nor throws; clang's real-time sanitizer checks it.
#if defined(__clang__) && defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::nonblocking)
#define FOVEA_NONBLOCKING [[clang::nonblocking]]
#endif
#endif
#if !defined(FOVEA_NONBLOCKING)
#define FOVEA_NONBLOCKING
#endif
