// SPDX-License-Identifier: MIT
#include <memory>
#include <utility>

#include <fovea/backends/xtensor.hpp>

#include "../common/product_shapes.hpp"

namespace {

using backend = fovea::xtensor_backend<float>;

template <class T> auto matrix(T* elements, std::size_t rows, std::size_t columns) {
  return fovea::matrix_span<backend, T>{elements, fovea::extents<fovea::dynamic, fovea::dynamic>({rows, columns})};
}
void multiply(backend const& on, product_shape const& s, product_arrays& x) {
  auto const c = matrix(x.c.data(), s.rows, s.columns);
  auto const *a = x.a.data(), *b = x.b.data();
  if (s.a_transposed) on.multiply(c, fovea::transposed(matrix(a, s.inner, s.rows)), matrix(b, s.inner, s.columns));
  else if (s.b_transposed) on.multiply(c, matrix(a, s.rows, s.inner), fovea::transposed(matrix(b, s.columns, s.inner)));
  else on.multiply(c, matrix(a, s.rows, s.inner), matrix(b, s.inner, s.columns));
}

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  backend const on{{.threads = o.threads}};
  std::vector<timing::row> rows;
  for (auto const& s : product_shapes()) {
    auto const arrays = std::make_shared<product_arrays>(s);
    rows.push_back({.name = s.name(),
                    .run = [=] { multiply(on, s, *arrays), timing::keep(arrays->c); },
                    .bits = [=] { return timing::bits_of(std::span<float const>(arrays->c)); }});
  }
  return timing::answer(o, rows);
}
