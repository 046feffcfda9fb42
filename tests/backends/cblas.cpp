// SPDX-License-Identifier: MIT
// Without HAVE_CBLAS, xtensor-blas silently multiplies with a loop of its own. This program replaces the BLAS function to
// detect whether xtensor-blas calls it.
#include <xtensor-blas/xblas.hpp>
#include <xtensor/xtensor.hpp>

#include "tests/catch.hpp"

static int calls = 0;

void cblas_sgemm(CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, int, int, int, float, float const*, int, float const*,
                 int, float, float*, int) {
  ++calls;
}

TEST_CASE("xtensor-blas multiplies with the BLAS") {
  xt::xtensor<float, 2> a = xt::zeros<float>({4, 3}), b = xt::zeros<float>({3, 2}), c = xt::zeros<float>({4, 2});
  xt::blas::gemm(a, b, c, false, false, 1.0F, 0.0F);
  CHECK(calls == 1);
}
