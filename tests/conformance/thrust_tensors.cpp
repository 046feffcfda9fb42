// SPDX-License-Identifier: MIT
// Thrust's tensor types. Without a CUDA compiler, device_vector is a vector in host memory.
#include <fovea/backends/thrust.hpp>

#include "report.hpp"

using fovea::testing::check_tensor;

TEST_CASE("Thrust's vectors and tensors satisfy the laws") {
  holds(check_tensor<thrust::host_vector<float>>({.name = "thrust::host_vector<float>"}));
  holds(check_tensor<thrust::device_vector<double>>({.name = "thrust::device_vector<double>, of the host"}));
  holds(check_tensor<thrust::universal_vector<float>>({.name = "thrust::universal_vector<float>, of the host"}));
  using matrix = fovea::thrust_tensor<float, 2, fovea::thrust_systems::cpp>;
  holds(check_tensor<matrix>({.name = "thrust_tensor<float, 2, cpp>"}));
}

TEST_CASE("a program without a BLAS refuses the option of Thrust's host systems, and names the target to link") {
  CHECK_THROWS_WITH((fovea::thrust_backend<float, fovea::thrust_systems::cpp>({.blas = true})),
                    "thrust_backend: blas is set, but the program is compiled without one; link the CMake target "
                    "fovea::thrust_blas");
}
