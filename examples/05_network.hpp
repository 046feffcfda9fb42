// SPDX-License-Identifier: MIT
// The network, shared by the program that trains and the program that predicts.
#pragma once

#include <fovea/layers/sequential.hpp>

/// Maps a point in the plane to the logit of "inside the ring".
inline constexpr fovea::sequential ring_net{fovea::linear<2, 32>{}, fovea::relu{}, fovea::linear<32, 16>{},
                                            fovea::relu{}, fovea::linear<16, 1>{}};
