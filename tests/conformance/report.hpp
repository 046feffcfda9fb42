// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <string>

#include <fovea/testing/conformance.hpp>

#include "../catch.hpp"

extern template struct fovea::testing::laws::learning<fovea::host_backend<double>>;  // reference_laws.cpp

/// No law may be broken. The report is kept: docs/what-runs-where.md is made of them.
inline void holds(fovea::testing::report const& found) {
  std::ofstream(std::string(FOVEA_REPORTS_DIR) + "/" + found.name() + ".txt") << found;
  INFO(found);
  CHECK(found.passed());
}
