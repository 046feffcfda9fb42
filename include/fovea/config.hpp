// SPDX-License-Identifier: MIT
#pragma once

#define FOVEA_VERSION_MAJOR 0
#define FOVEA_VERSION_MINOR 1
#define FOVEA_VERSION_PATCH 0

/// Marks a function that runs on the host and, under nvcc, also on the device.
#if defined(__CUDACC__)
#define FOVEA_HD __host__ __device__
#else
#define FOVEA_HD
#endif
