// SPDX-License-Identifier: MIT
// Like main.cpp, on a CUDA device.

#include <fovea/backends/thrust.hpp>

#include "fraud.hpp"

int main(int argc, char** argv) {
  return fraud::main(argc, argv, [](fraud::options const&) { return fovea::thrust_backend{}; });
}
