// SPDX-License-Identifier: MIT
// Like main.cpp, on Thrust's OpenMP system.

#include <fovea/backends/thrust.hpp>

#include "fraud.hpp"

int main(int argc, char** argv) {
  return fraud::main(argc, argv, [](fraud::options const& o) { return fovea::thrust_backend{{.threads = o.threads}}; });
}
