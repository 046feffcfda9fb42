// SPDX-License-Identifier: MIT
#include <complex>
#include <string>

#include <fovea/backends/host.hpp>
#include <fovea/backends/xtensor.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/value_and_gradient.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/tensor/storage_order.hpp>

#include "../catch.hpp"

namespace {

using fovea::dynamic_rank;
template <class T> inline constexpr std::size_t rank = fovea::traits_of<T>::rank;
template <class T, std::size_t N>
using adapted_tensor = decltype(xt::adapt(std::declval<T*>(), std::declval<std::array<std::size_t, N>>()));
template <class T>
using adapted_array = decltype(xt::adapt(std::declval<T*>(), std::size_t{}, xt::no_ownership(),
                                         std::declval<std::vector<std::size_t>>()));

template <class... T> inline constexpr bool tensors = (fovea::tensor<T> && ...);
static_assert(tensors<std::vector<float>, std::vector<int> const&, fovea::host_tensor<double, 3>>);
static_assert(tensors<xt::xtensor<float, 2>, xt::xarray<double>, xt::xtensor<int, 1>, adapted_tensor<float, 2>,
                      adapted_array<float>>);
static_assert(!fovea::tensor<float> && !fovea::tensor<std::string> && !fovea::tensor<std::complex<float>>);
static_assert(!fovea::tensor<decltype(std::declval<xt::xtensor<float, 2>&>() + 1.0F)>, "an expression has no elements");

static_assert(rank<std::vector<float>> == 1 && rank<xt::xtensor<float, 2>> == 2 &&
              rank<xt::xarray<float>> == dynamic_rank);
static_assert(rank<adapted_tensor<float, 3>> == 3 && rank<adapted_array<double>> == dynamic_rank);
static_assert(rank<fovea::vector_span<fovea::host_backend<>, float>> == 1 &&
              rank<fovea::matrix_span<fovea::host_backend<>, float const>> == 2);

static_assert(fovea::real_tensor<xt::xtensor<float, 2>> && !fovea::real_tensor<xt::xtensor<int, 2>> &&
              !fovea::real_tensor<std::vector<unsigned>>);
static_assert(fovea::writable_tensor<std::vector<float>&> && !fovea::writable_tensor<std::vector<float> const&>);
static_assert(fovea::writable_tensor<xt::xarray<float>> && !fovea::writable_tensor<xt::xarray<float> const>);
static_assert(fovea::writable_tensor<adapted_tensor<float, 2>> &&
              !fovea::writable_tensor<adapted_tensor<float const, 2>>);
static_assert(fovea::writable_tensor<fovea::vector_span<fovea::host_backend<>, float> const> &&
              !fovea::writable_tensor<fovea::vector_span<fovea::host_backend<>, float const>>);

static_assert(std::same_as<fovea::backend_of<std::vector<double>>, fovea::host_backend<double>>);
static_assert(std::same_as<fovea::backend_of<std::vector<int>>, fovea::host_backend<float>>);
static_assert(std::same_as<fovea::backend_of<xt::xtensor<double, 1>>, fovea::xtensor_backend<double>>);
static_assert(std::same_as<fovea::backend_of<xt::xarray<int>>, fovea::xtensor_backend<float>>);
static_assert(fovea::same_memory_as<std::vector<float>, xt::xtensor<float, 2>>, "both are in the CPU's memory");
static_assert(fovea::same_rank_as<xt::xarray<float>, xt::xtensor<float, 3>> &&
              !fovea::same_rank_as<std::vector<float>, xt::xtensor<float, 2>>);

/// Checks the shape, size and address that the traits report for a tensor.
template <class T> void check_traits(T&& t, std::string const& shape, void const* begin) {
  CHECK(to_string(fovea::shape_of(t)) == shape);
  CHECK(fovea::size(t) == fovea::shape_of(t).size());
  CHECK(static_cast<void const*>(fovea::data(t)) == begin);
  CHECK(fovea::elements(t).size() == fovea::size(t));
  CHECK(static_cast<void const*>(fovea::elements(t).data()) == begin);
}

}  // namespace

TEST_CASE("fovea reads the shape and the elements of third-party tensors") {
  std::vector<float> list(12);
  fovea::host_tensor<double, 2> own{{3, 4}};
  xt::xtensor<float, 2> matrix = xt::zeros<float>({3, 4});
  xt::xarray<double> any = xt::zeros<double>({2, 3, 2});
  xt::xarray<double> scalar = 3.0;
  check_traits(list, "(12,)", list.data());
  check_traits(std::as_const(list), "(12,)", list.data());
  check_traits(own, "(3, 4)", own.elements.data());
  check_traits(matrix, "(3, 4)", matrix.data());
  check_traits(std::as_const(any), "(2, 3, 2)", any.data());
  check_traits(scalar, "()", scalar.data());
  check_traits(xt::adapt(list.data() + 2, std::array<std::size_t, 2>{5, 2}), "(5, 2)", list.data() + 2);
  check_traits(xt::adapt(std::as_const(list).data(), std::array<std::size_t, 1>{12}), "(12,)", list.data());
  check_traits(xt::adapt(list, std::vector<std::size_t>{4, 3}), "(4, 3)", list.data());
  check_traits(
      fovea::vector_span<fovea::host_backend<>, float const>{list.data() + 1, fovea::extents<fovea::dynamic>({7})},
      "(7,)", list.data() + 1);
}

TEST_CASE("elements have row-major order") {
  xt::xtensor<float, 2> const m{{1, 2, 3}, {4, 5, 6}};
  auto const all = fovea::elements(m);
  CHECK(std::vector<float>(all.begin(), all.end()) == std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("a span writes through to its tensor, and a span of mutable elements converts to one of const elements") {
  xt::xtensor<float, 2> m = xt::zeros<float>({2, 3});
  auto const rows = fovea::as_matrix("who", "m has", m);
  rows.elements[4] = 7;
  CHECK(m(1, 1) == 7);
  fovea::matrix_span<fovea::xtensor_backend<float>, float const> const constants = rows;
  CHECK(constants.elements == m.data());
  CHECK(constants.extents.to_array() == rows.extents.to_array());
  CHECK(rows.size() == 6);
}

TEST_CASE("as_matrix accepts tensors of rank 2, and its error names the caller and the tensor") {
  xt::xtensor<float, 2> const m = xt::zeros<float>({4, 3});
  CHECK(fovea::as_matrix("who", "m has", m).extents.to_array() == std::array<std::size_t, 2>{4, 3});
  CHECK(fovea::as_matrix<3>("who", "m", m).extents.to_array() == std::array<std::size_t, 2>{4, 3});
  static_assert(decltype(fovea::as_matrix<3>("who", "m", m).extents)::static_extent(1) == 3);
  static_assert(std::same_as<decltype(fovea::as_matrix("who", "m has", m).elements), float const*>);
  CHECK_THROWS_WITH(fovea::as_matrix<29>("model", "features have", m),
                    "model: features have shape (4, 3), expected (rows, 29)");

  xt::xarray<double> const vector = xt::zeros<double>({5}), cube = xt::zeros<double>({2, 2, 2}),
                           matrix = xt::zeros<double>({0, 7});
  CHECK_THROWS_AS(fovea::as_matrix("who", "x has", vector), fovea::shape_error);
  CHECK_THROWS_WITH(fovea::as_matrix("who", "x has", vector), "who: x has shape (5,), expected (rows, features)");
  CHECK_THROWS_WITH(fovea::as_matrix<2>("who", "x has", cube), "who: x has shape (2, 2, 2), expected (rows, 2)");
  CHECK(fovea::as_matrix<7>("who", "x has", matrix).size() == 0);
}

TEST_CASE("a column-major xtensor meets its own order, and others as a view or a copy") {
  xt::xtensor<float, 2, xt::layout_type::column_major> z = {{5, -5, 1}, {5, 5, 2}}, y = {{1, 0, 1}, {1, 1, 0}};
  xt::xtensor<float, 2> const rows = z, targets = y;
  static_assert(fovea::order_of<decltype(z)> == fovea::storage_order::column_major);
  CHECK(to_string(fovea::shape_of(z)) == "(2, 3)");
  auto const got = fovea::value_and_gradient(fovea::mean_squared_error{}, z, y);
  auto const want = fovea::value_and_gradient(fovea::mean_squared_error{}, rows, targets);
  CHECK(got.value == Approx(want.value));
  for (std::size_t i = 0; i != 2; ++i)
    for (std::size_t j = 0; j != 3; ++j) CHECK(got.gradient(i, j) == want.gradient(i, j));
  CHECK(fovea::value(fovea::mean_squared_error{}, fovea::to_row_major(z), targets) == want.value);
  auto const view = fovea::samples_in_columns(z);
  CHECK(to_string(fovea::shape_of(view)) == "(3, 2)");
  CHECK(view.elements[1] == z(1, 0));
  view.elements[1] = 7;
  CHECK(z(1, 0) == 7);
}

TEST_CASE("copy converts between tensor types, and its error names both shapes if they differ") {
  std::vector<float> const list{1, 2, 3, 4, 5, 6};
  fovea::host_tensor<float, 2> const from{{2, 3}, list};
  xt::xtensor<float, 2> to = xt::zeros<float>({2, 3});
  fovea::copy(from, to);
  CHECK(to(0, 0) == 1);
  CHECK(to(1, 2) == 6);
  xt::xarray<float> any = xt::zeros<float>({2, 3});
  fovea::copy(to, any);
  CHECK((any == to));
  fovea::copy(any, xt::adapt(to.data(), std::array<std::size_t, 2>{2, 3}));

  xt::xtensor<float, 2> other = xt::zeros<float>({3, 2});
  CHECK_THROWS_WITH(fovea::copy(from, other), "copy: the source has shape (2, 3), the destination (3, 2)");
  xt::xarray<float> flat = xt::zeros<float>({6});
  CHECK_THROWS_AS(fovea::copy(from, flat), fovea::shape_error);
  CHECK((flat == xt::zeros<float>({6})));
}
