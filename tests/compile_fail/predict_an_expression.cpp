// SPDX-License-Identifier: MIT
// expect: An expression or a view has no elements of its own: evaluate it first
#include <fovea/backends/host.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/model.hpp>

struct expression {};

int main() {
  fovea::model const model{fovea::host_backend<float>{}, fovea::sequential{fovea::linear<2, 1>{}}};
#ifdef MISUSE
  expression const x;
#else
  fovea::host_tensor<float, 2> const x{{1, 2}, {3, 4}};
#endif
  return model.predict(x).elements[0] > 0;
}
