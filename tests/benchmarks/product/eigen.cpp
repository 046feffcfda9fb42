// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <memory>

#include "../common/product_shapes.hpp"

namespace {

using matrix = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

matrix map(std::vector<float>& elements, std::size_t rows, std::size_t columns) {
  return {elements.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)};
}

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  Eigen::setNbThreads(static_cast<int>(o.threads));
  std::vector<timing::row> rows;
  for (auto const& s : product_shapes()) {
    auto const arrays = std::make_shared<product_arrays>(s);
    rows.push_back({.name = s.name(), .run = [=] {
                      auto c = map(arrays->c, s.rows, s.columns);
                      if (s.a_transposed)
                        c.noalias() = map(arrays->a, s.inner, s.rows).transpose() * map(arrays->b, s.inner, s.columns);
                      else if (s.b_transposed)
                        c.noalias() = map(arrays->a, s.rows, s.inner) * map(arrays->b, s.columns, s.inner).transpose();
                      else c.noalias() = map(arrays->a, s.rows, s.inner) * map(arrays->b, s.inner, s.columns);
                      timing::keep(arrays->c);
                    }});
  }
  return timing::answer(o, rows);
}
