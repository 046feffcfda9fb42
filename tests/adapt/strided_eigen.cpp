// SPDX-License-Identifier: MIT
// expect: an Eigen map, reference or block must be contiguous
#include <fovea/adapt/eigen.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/value_and_gradient.hpp>

float mean(Eigen::MatrixXf& x, Eigen::MatrixXf const& y) {
#ifdef MISUSE
  return fovea::value(fovea::mean_squared_error{}, x.topRows(3), y);
#else
  return fovea::value(fovea::mean_squared_error{}, Eigen::MatrixXf(x.topRows(3)), y);
#endif
}
