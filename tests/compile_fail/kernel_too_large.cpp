// SPDX-License-Identifier: MIT
// expect: the_kernel_is_larger_than_its_padded_input
#include <fovea/backends/host.hpp>
#include <fovea/layers/convolution.hpp>
#include <fovea/layers/sequential.hpp>

#ifdef MISUSE
constexpr std::size_t size = 5;
#else
constexpr std::size_t size = 4;
#endif
inline constexpr fovea::sequential net{fovea::input<1, 4, 4>{}, fovea::conv2d<1, 3>{.kernel_size = size},
                                       fovea::flatten{}};
