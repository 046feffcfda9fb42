// SPDX-License-Identifier: MIT
// expect: residual: the body changes the shape of a sample
#include <fovea/layers/residual.hpp>
#include <fovea/layers/sequential.hpp>

#ifdef MISUSE
constexpr std::size_t width = 31;
#else
constexpr std::size_t width = 32;
#endif

constexpr fovea::sequential net{
    fovea::linear<64, 32>{},
    fovea::residual{fovea::sequential{fovea::linear<32, 8>{}, fovea::relu{}, fovea::linear<8, width>{}}}};

std::size_t outputs() { return net.output(net.sample()).size(); }
