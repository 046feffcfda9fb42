// SPDX-License-Identifier: MIT
// The backends' own tensor types.
#include <fovea/backends/host.hpp>
#include <fovea/backends/xtensor.hpp>

#include "report.hpp"

using fovea::testing::check_tensor;

TEST_CASE("the host's tensors satisfy the laws") {
  holds(check_tensor<std::vector<float>>({.name = "std::vector<float>"}));
  holds(check_tensor<fovea::host_tensor<double, 2>>({.name = "host_tensor<double, 2>"}));
  holds(check_tensor<fovea::host_tensor<int, 3>>({.name = "host_tensor<int, 3>"}));
}

TEST_CASE("xtensor's tensors satisfy the laws") {
  holds(check_tensor<xt::xtensor<float, 1>>({.name = "xt::xtensor<float, 1>"}));
  holds(check_tensor<xt::xtensor<float, 2>>({.name = "xt::xtensor<float, 2>"}));
  holds(check_tensor<xt::xtensor<double, 4>>({.name = "xt::xtensor<double, 4>"}));
  holds(check_tensor<xt::xarray<double>>({.name = "xt::xarray<double>"}));
}

TEST_CASE("an adaptor over foreign memory satisfies the laws") {
  std::vector<std::vector<float>> memory;
  auto const adapt = [](std::vector<float>& over, std::array<std::size_t, 2> const& extents) {
    return xt::adapt(over.data(), over.size(), xt::no_ownership(), extents);
  };
  using adaptor = decltype(adapt(memory.front(), {}));
  auto const empty = [&](std::array<std::size_t, 2> const& extents) {
    memory.emplace_back(fovea::shape(extents).size() + 1);  // an adaptor of no elements needs a valid address, too
    memory.back().pop_back();
    return adapt(memory.back(), extents);
  };
  memory.reserve(1000);
  holds(check_tensor<adaptor>({.name = "xt::adapt(float*, (rows, columns))", .empty = empty}));
}
