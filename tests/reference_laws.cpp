// SPDX-License-Identifier: MIT
// What the laws hold every backend to, compiled once for all of their programs.
#include <fovea/testing/laws/learning.hpp>

template struct fovea::testing::laws::learning<fovea::host_backend<double>>;
