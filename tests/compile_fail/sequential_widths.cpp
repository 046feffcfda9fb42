// SPDX-License-Identifier: MIT
// expect: linear: takes another number of features than the layer before it gives
#include <fovea/layers/sequential.hpp>

#ifdef MISUSE
constexpr std::size_t takes = 15;
#else
constexpr std::size_t takes = 16;
#endif

constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<takes, 1>{}};

std::size_t outputs() { return net.output(net.sample()).size(); }
