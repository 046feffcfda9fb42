// SPDX-License-Identifier: MIT
// expect: model: no layer of the network says what a sample is: begin it with fovea::input<features>{}
#include <fovea/backends/host.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/model.hpp>

#ifdef MISUSE
constexpr fovea::sequential net{fovea::relu{}, fovea::dropout{0.5}};
#else
constexpr fovea::sequential net{fovea::input<3>{}, fovea::relu{}, fovea::dropout{0.5}};
#endif

std::size_t parameters() { return fovea::size(fovea::model{fovea::host_backend<>{}, net}.parameters()); }
