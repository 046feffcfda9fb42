// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <string>

#include <fovea/testing/conformance.hpp>

#include "../catch.hpp"

extern template struct fovea::testing::laws::learning<fovea::host_backend<double>>;  // reference_laws.cpp

/// Checks that no law is broken, and stores the report, from which docs/what-runs-where.md is generated.
inline void holds(fovea::testing::report const& found) {
  std::ofstream(std::string(FOVEA_REPORTS_DIR) + "/" + found.name() + ".txt") << found;
  INFO(found);
  CHECK(found.passed());
}
