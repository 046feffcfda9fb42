// SPDX-License-Identifier: MIT
// ptx.cmake reads this file's PTX: a loss with its gradient, Adam's step, and a formula that does nothing, the result of
// compiling a lambda in their place.
#include <fovea/backends/thrust.hpp>
#include <fovea/losses/sigmoid_focal_loss.hpp>
#include <fovea/losses/value_and_gradient.hpp>
#include <fovea/optimizers/adam.hpp>

struct nothing {
  template <class T> FOVEA_HD void operator()(T&) const {}
};

using span = fovea::vector_span<fovea::thrust_backend<float>, float>;

float loss_and_gradient(fovea::thrust_backend<float> const& b, span const& z, span const& y, span const& gradient) {
  return fovea::value_and_gradient(b, fovea::sigmoid_focal_loss{}, z, y, gradient);
}
void step(fovea::thrust_backend<float> const& b, fovea::adam::coefficients const* now, float* p, float const* g,
          float* m, float* v, std::size_t n) {
  b.for_each(fovea::domain<1, fovea::dynamic>({1, n}), fovea::optimizer_step<fovea::adam>{}, fovea::each{p},
             fovea::broadcast{now}, fovea::each{g}, fovea::each{m}, fovea::each{v});
}
void idle(fovea::thrust_backend<float> const& b, float* p, std::size_t n) {
  b.for_each(fovea::domain<1, fovea::dynamic>({1, n}), nothing{}, fovea::each{p});
}
