// SPDX-License-Identifier: MIT
// Focal loss against binary cross-entropy on the credit-card-fraud data, on xtensor. The line that names the backend is the
// only one that changes for another.

#include <fovea/backends/xtensor.hpp>

#include "fraud.hpp"

int main(int argc, char** argv) {
  return fraud::main(argc, argv,
                     [](fraud::options const& o) { return fovea::xtensor_backend{{.threads = o.threads}}; });
}
