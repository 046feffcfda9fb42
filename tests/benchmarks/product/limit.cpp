// SPDX-License-Identifier: MIT
// The multiply-adds of each product alone, in registers: what the processor can do at most.
#include <map>

#include <fovea/backends/xtensor.hpp>

#include "../common/product_shapes.hpp"

namespace {

using batch = xsimd::batch<float>;

/// More independent chains than a multiply-add has cycles of latency, times two units.
constexpr std::size_t chains = 12;

void multiply_adds(std::size_t count) {
  batch sums[chains];
  for (auto& s : sums) s = batch(1.f);
  batch const factor(0.999f);
  for (std::size_t i = 0; i < count / (chains * batch::size); ++i)
#pragma GCC unroll 12
    for (auto& s : sums) s = fovea::math::fma(s, factor, factor);
  timing::keep(sums);
}

}  // namespace

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  std::map<std::string, timing::row> rows;  // one for each size, whatever the transposes
  for (auto const& s : product_shapes()) {
    auto const size = product_shape{s.rows, s.inner, s.columns, false, false}.name();
    auto const count = s.rows * s.inner * s.columns / o.threads;
    rows[size] = {.name = "multiply-adds of " + size, .run = [=] { multiply_adds(count); }};
  }
  std::vector<timing::row> all;
  for (auto const& [size, row] : rows) all.push_back(row);
  return timing::answer(o, all);
}
