// SPDX-License-Identifier: MIT
#include <dnnl.h>

#include <memory>
#include <stdexcept>

#include "../common/product_shapes.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  std::vector<timing::row> rows;
  for (auto const& s : product_shapes()) {
    auto const arrays = std::make_shared<product_arrays>(s);
    auto const m = static_cast<dnnl_dim_t>(s.rows), k = static_cast<dnnl_dim_t>(s.inner),
               n = static_cast<dnnl_dim_t>(s.columns);
    rows.push_back({.name = s.name(), .run = [=] {
                      if (dnnl_sgemm(s.a_transposed ? 'T' : 'N', s.b_transposed ? 'T' : 'N', m, n, k, 1,
                                     arrays->a.data(), s.a_transposed ? m : k, arrays->b.data(), s.b_transposed ? k : n,
                                     0, arrays->c.data(), n) != dnnl_success)
                        throw std::runtime_error("dnnl_sgemm failed");
                      timing::keep(arrays->c);
                    }});
  }
  return timing::answer(o, rows);
}
