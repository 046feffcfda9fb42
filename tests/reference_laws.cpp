// SPDX-License-Identifier: MIT
// The reference side of the laws, compiled once for all conformance programs.
#include <fovea/testing/laws/learning.hpp>

template struct fovea::testing::laws::learning<fovea::host_backend<double>>;
