// SPDX-License-Identifier: MIT
// expect: sequential: a layer has its widths, `parameters`, `initialize`, `forward` and `backward`: see `fovea::layer`
#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/optimizers/adam.hpp>
#include <fovea/training/trainer.hpp>

struct doubled {
  static constexpr std::size_t input_width = fovea::any_width;
  template <std::size_t W> static constexpr std::size_t output_width = W;
  std::size_t inputs() const { return fovea::any_width; }
  std::size_t outputs(std::size_t width) const { return width; }
  std::array<fovea::parameter_spec, 0> parameters(std::size_t) const { return {}; }
  template <fovea::backend B, class T> void initialize(B const&, T*, std::size_t, std::uint64_t, std::uint64_t) const {}

  struct twice {
    template <class T> void operator()(T const& from, T& to) const { to = T(2) * from; }
  };
  template <fovea::backend B, class T, class X, class Y>
  void forward(B const& b, T const*, X const& x, Y const& y) const {
    b.for_each(x.extents, twice{}, fovea::each{x.elements}, fovea::out{y.elements});
  }
#ifndef MISUSE
  template <fovea::backend B, class T, class X, class Y, class DY, class DX>
  void backward(B const& b, T const*, X const&, Y const&, DY const& dy, DX const& dx, T*) const {
    if (dx.elements)
      b.for_each(dy.extents, twice{}, fovea::each{static_cast<T const*>(dy.elements)}, fovea::out{dx.elements});
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
