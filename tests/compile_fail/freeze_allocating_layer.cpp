// SPDX-License-Identifier: MIT
// expect: freeze: the prediction of a layer of this network allocates, locks, waits or throws (real_time is false)
#include <fovea/backends/host.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/frozen_model.hpp>

/// The layer y = x, by way of memory of its own.
struct by_detour : fovea::identity {
#ifdef MISUSE
  static constexpr bool real_time = false;
#endif
};
constexpr fovea::sequential net{fovea::input<3>{}, by_detour{}, fovea::relu{}};

void predict(double const* row, double* into) {
  fovea::freeze(fovea::model{fovea::host_backend<double>{}, net}).predict(row, into);
}
