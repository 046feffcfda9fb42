// SPDX-License-Identifier: MIT
#include <fovea/tensor/storage.hpp>

#include <fovea/backends/host.hpp>
#include <fovea/backends/xtensor.hpp>

#include "../catch.hpp"

namespace {

/// Checks that empty_like(b, like) returns a tensor of type `Expected` and of the shape of `like`.
template <class Expected, class B, class T> void check_like(B const& b, T const& like) {
  auto const made = fovea::empty_like(b, like);
  static_assert(std::is_same_v<std::remove_const_t<decltype(made)>, Expected>);
  CHECK(fovea::shape_of(made) == fovea::shape_of(like));
  CHECK(static_cast<void const*>(fovea::data(made)) != fovea::data(like));
}

}  // namespace

TEST_CASE("empty_like returns the tensor's own type if its traits can create one, else the backend's") {
  fovea::xtensor_backend<float> const b{};
  fovea::host_backend<float> const host{};
  std::vector<float> list{1, 2, 3, 4, 5, 6};
  xt::xtensor<float, 2> const matrix = xt::zeros<float>({3, 4});
  xt::xarray<float> const any = xt::zeros<float>({2, 3, 4});
  check_like<std::vector<float>>(b, list);
  check_like<std::vector<float>>(host, list);
  check_like<fovea::host_tensor<float, 2>>(host, fovea::host_tensor<float, 2>{{2, 3}});
  check_like<xt::xtensor<float, 2>>(b, matrix);
  check_like<xt::xtensor<float, 2>>(host, matrix);
  check_like<xt::xarray<float>>(b, any);
  check_like<xt::xtensor<float, 2>>(b, xt::adapt(list.data(), std::array<std::size_t, 2>{2, 3}));
  check_like<fovea::host_tensor<float, 2>>(host, xt::adapt(list.data(), std::array<std::size_t, 2>{2, 3}));
  check_like<xt::xarray<float>>(b, xt::adapt(list, std::vector<std::size_t>{2, 3}));
  check_like<xt::xtensor<float, 1>>(b, fovea::vector_span<fovea::xtensor_backend<float>, float const>{
                                           list.data(), fovea::extents<fovea::dynamic>({6})});
}

TEST_CASE("flat_domain is one row of all elements, row_domain has one row per first index") {
  xt::xarray<float> const scalar = 1.0F, empty = xt::zeros<float>({0, 3}), cube = xt::zeros<float>({2, 3, 4});
  using two = std::array<std::size_t, 2>;
  CHECK(fovea::flat_domain(cube).to_array() == two{1, 24});
  CHECK(fovea::row_domain(cube).to_array() == two{2, 12});
  CHECK(fovea::flat_domain(scalar).to_array() == two{1, 1});
  CHECK(fovea::row_domain(scalar).to_array() == two{1, 1});
  CHECK(fovea::flat_domain(empty).to_array() == two{1, 0});
  CHECK(fovea::row_domain(empty).to_array() == two{0, 0});
  CHECK(fovea::row_domain(std::vector<float>(5)).to_array() == two{5, 1});
}
