// SPDX-License-Identifier: MIT
// expect: trainer: this loss takes the class of each row as an integer
#include <fovea/backends/host.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/rowwise.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

/// The squared distance of the largest logit to 0: a loss that takes classes alone.
struct smallest {
  template <class Row, class T, class C> C value(Row const& row, fovea::each<T const> z, C const&) const {
    return row.maximum(fovea::identity_formula{}, z);
  }
  template <class Row, class T, class C>
  C value_and_gradient(Row const& row, fovea::each<T const> z, C const& target, fovea::out<T> slopes, C const&) const {
    row.for_each(zero{}, slopes);
    return value(row, z, target);
  }
  struct zero {
    template <class T> void operator()(T& slope) const { slope = T(0); }
  };
};

double step(fovea::host_tensor<float, 2> const& x) {
  fovea::trainer trainer{fovea::host_backend<>{}, fovea::sequential{fovea::linear<2, 3>{}}, smallest{}, fovea::adam{}};
#ifdef MISUSE
  return trainer.step(x, std::vector<float>(4));
#else
  return trainer.step(x, std::vector<int>(4));
#endif
}
