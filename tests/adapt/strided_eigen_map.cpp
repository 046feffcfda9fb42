// SPDX-License-Identifier: MIT
// expect: an Eigen map, reference or block must be contiguous
#include <fovea/adapt/eigen.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/value_and_gradient.hpp>

float mean(float* x, Eigen::MatrixXf const& y) {
#ifdef MISUSE
  Eigen::Map<Eigen::MatrixXf, 0, Eigen::OuterStride<>> const view(x, 7, 5, Eigen::OuterStride<>(9));
#else
  Eigen::Map<Eigen::MatrixXf> const view(x, 7, 5);
#endif
  return fovea::value(fovea::mean_squared_error{}, view, y);
}
