// SPDX-License-Identifier: MIT
// LIBXSMM's kernel of each size, made when the program begins. Its kernels take no transposed factors, and its own gemm leaves
// sizes like these to a BLAS, so it has a row only where no factor is transposed.
#include <libxsmm.h>

#include <memory>

#include "../common/product_shapes.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  std::vector<timing::row> rows;
  for (auto const& s : product_shapes()) {
    if (s.a_transposed || s.b_transposed) continue;
    auto const m = static_cast<int>(s.columns), n = static_cast<int>(s.rows), k = static_cast<int>(s.inner);
    float const scale = 1, keep = 0;  // column-major: the transpose of c is that of b times that of a
    auto const kernel = libxsmm_smmdispatch(m, n, k, &m, &k, &m, &scale, &keep, nullptr, nullptr);
    if (kernel == nullptr) continue;
    auto const arrays = std::make_shared<product_arrays>(s);
    rows.push_back({.name = s.name(), .run = [=] {
                      kernel(arrays->b.data(), arrays->a.data(), arrays->c.data());
                      timing::keep(arrays->c);
                    }});
  }
  return timing::answer(o, rows);
}
