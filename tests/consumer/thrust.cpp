// SPDX-License-Identifier: MIT
#include <thrust/host_vector.h>

#include <fovea/backends/thrust.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/value_and_gradient.hpp>

int main() {
  thrust::host_vector<float> const x(5, 3.f), y(5, 1.f);
  fovea::mean_squared_error const loss;
  return fovea::value(loss, x, y) == 4 && fovea::value(fovea::thrust_backend{}, loss, x, y) == 4 ? 0 : 1;
}
