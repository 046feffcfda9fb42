// SPDX-License-Identifier: MIT
// expect: a part of an Armadillo matrix is not contiguous
#include <fovea/adapt/armadillo.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/value_and_gradient.hpp>

float mean(arma::fmat const& x, arma::fmat const& y) {
#ifdef MISUSE
  return fovea::value(fovea::mean_squared_error{}, x.rows(0, 2), y);
#else
  return fovea::value(fovea::mean_squared_error{}, arma::fmat(x.rows(0, 2)), y);
#endif
}
