// SPDX-License-Identifier: MIT
// A BLAS is a choice: this program replaces the BLAS function to see which products call it.
#include <vector>

#include <fovea/backends/thrust.hpp>

#include "tests/catch.hpp"

static int calls = 0;

extern "C" void cblas_sgemm(int, int, int, int rows, int columns, int, float, float const*, int, float const*, int,
                            float, float* c, int stride) {
  ++calls;
  for (int i = 0; i != rows; ++i)
    for (int j = 0; j != columns; ++j) c[i * stride + j] = 7;
}

namespace {

using backend = fovea::thrust_backend<float, fovea::thrust_systems::cpp>;

/// Returns the first element of a product of ones, (rows, inner) times (inner, columns).
float product(backend const& b, std::size_t rows, std::size_t inner, std::size_t columns) {
  std::vector<float> const x(rows * inner, 1.f), w(inner * columns, 1.f);
  std::vector<float> y(rows * columns);
  auto const span = []<class T>(T* at, std::size_t m, std::size_t n) {
    return fovea::matrix_span<backend, T>{at, fovea::extents<fovea::dynamic, fovea::dynamic>({m, n})};
  };
  b.multiply(span(y.data(), rows, columns), span(x.data(), rows, inner), span(w.data(), inner, columns));
  return y[0];
}

}  // namespace

TEST_CASE("a BLAS computes large products on Thrust's host systems if the option says so, and only then") {
  backend const own, blas{{.blas = true}};
  CHECK_FALSE(own.products_by_blas());
  CHECK(blas.products_by_blas());
  CHECK(product(own, 100, 300, 100) == 300);
  CHECK(calls == 0);
  CHECK(product(blas, 100, 300, 100) == 7);
  CHECK(calls == 1);
  CHECK(product(blas, 100, 30, 16) == 30);  // its call would cost more than the product
  CHECK(calls == 1);
}
