// SPDX-License-Identifier: MIT
// Compares focal loss with binary cross-entropy on the credit-card-fraud data, on xtensor. Another backend changes only the
// line that names the backend.

#include <fovea/backends/xtensor.hpp>

#include "fraud.hpp"

int main(int argc, char** argv) {
  return fraud::main(argc, argv,
                     [](fraud::options const& o) { return fovea::xtensor_backend{{.threads = o.threads}}; });
}
