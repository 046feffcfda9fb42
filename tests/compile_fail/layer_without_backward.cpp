// SPDX-License-Identifier: MIT
// expect: sequential: a layer has `output(sample)`, `forward(p, x, y)` and `backward(p, x, y, dy, dx)`: see `fovea::layer`
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

struct doubled {
  template <class S> constexpr S output(S const& sample) const { return sample; }

  struct twice {
    template <class T> void operator()(T const& from, T& to) const { to = T(2) * from; }
  };
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    p.backend.for_each(fovea::as_rows(x).extents, twice{}, fovea::each{x.elements}, fovea::out{y.elements});
  }
#ifndef MISUSE
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const&, Y const&, DY const& dy, DX const& dx) const {
    if constexpr (!std::same_as<DX, fovea::nothing>)
      p.backend.for_each(fovea::as_rows(dy).extents, twice{}, fovea::each{fovea::read_only(dy).elements},
                         fovea::out{dx.elements});
  }
#endif
};

int main() {
  fovea::trainer trainer{fovea::host_backend<>{}, fovea::sequential{fovea::linear<2, 1>{}, doubled{}},
                         fovea::sigmoid_focal_loss{}, fovea::adam{}};
  auto const x = fovea::host_backend<>::empty<float>(std::array<std::size_t, 2>{4, 2});
  auto const y = fovea::host_backend<>::empty<float>(std::array<std::size_t, 2>{4, 1});
  return trainer.step(x, y) > 1;
}
