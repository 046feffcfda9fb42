// SPDX-License-Identifier: MIT
#include <memory>

#include "../common/product_shapes.hpp"
#include "../common/products.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  set_blas_threads(o.threads);
  std::vector<timing::row> rows;
  for (auto const& s : product_shapes()) {
    auto const arrays = std::make_shared<product_arrays>(s);
    auto const m = static_cast<int>(s.rows), k = static_cast<int>(s.inner), n = static_cast<int>(s.columns);
    rows.push_back({.name = s.name(), .run = [=] {
                      cblas_sgemm(CblasRowMajor, s.a_transposed ? CblasTrans : CblasNoTrans,
                                  s.b_transposed ? CblasTrans : CblasNoTrans, m, n, k, 1, arrays->a.data(),
                                  s.a_transposed ? m : k, arrays->b.data(), s.b_transposed ? k : n, 0, arrays->c.data(),
                                  n);
                      timing::keep(arrays->c);
                    }});
  }
  return timing::answer(o, rows);
}
