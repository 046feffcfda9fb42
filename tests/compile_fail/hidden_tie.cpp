// SPDX-License-Identifier: MIT
// expect: fovea: a layer made of layers has one with a tied parameter that is not among its template arguments
#include <fovea/backends/host.hpp>
#include <fovea/layers/residual.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/layers/tied.hpp>
#include <fovea/training/model.hpp>

/// A layer whose type does not show what it is made of.
struct block : fovea::residual<fovea::tied<fovea::linear<3, 3>>> {
#ifndef MISUSE
  static constexpr bool ties_parameters = true;
#endif
};

std::size_t parameters(block const& last) {
  return fovea::size(
      fovea::model{fovea::host_backend<>{}, fovea::sequential{fovea::linear<3, 3>{}, last}}.parameters());
}
