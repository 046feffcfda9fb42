// SPDX-License-Identifier: MIT
// expect: fovea: this layer takes real numbers, and the network's input is integers: only an embedding takes these
#include <fovea/backends/host.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/model.hpp>

#ifdef MISUSE
using number = int;
#else
using number = float;
#endif

float first(fovea::host_tensor<number, 2> const& x) {
  constexpr fovea::sequential net{fovea::linear<3, 2>{}, fovea::tanh{}};
  return fovea::model{fovea::host_backend<>{}, net}.predict(x).elements[0];
}
