// SPDX-License-Identifier: MIT
// What the program that trains and the one that predicts must agree on: the network.
#pragma once

#include <fovea/layers/sequential.hpp>

/// From a point in the plane to the logit of "inside the ring".
inline constexpr fovea::sequential ring_net{fovea::linear<2, 32>{}, fovea::relu{}, fovea::linear<32, 16>{},
                                            fovea::relu{}, fovea::linear<16, 1>{}};
