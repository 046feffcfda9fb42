// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <vector>

// Newer xtensor nests its headers.
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <xsimd/xsimd.hpp>

#include <fovea/tensor/tensor.hpp>

namespace fovea {

template <class T = float, class Arch = xsimd::default_arch> class xtensor_backend;

namespace xtensor_detail {

/// What xtensor's containers and adaptors have in common. Expressions have no elements and are not tensors: `xt::eval`.
template <class X, xt::layout_type L> struct traits {
  static_assert(L == xt::layout_type::row_major || L == xt::layout_type::column_major,
                "fovea: an xtensor's layout must be row_major or column_major, known at compile time");
  static constexpr auto order =
      L == xt::layout_type::column_major ? storage_order::column_major : storage_order::row_major;
  using value_type = typename X::value_type;
  using backend = xtensor_backend<std::conditional_t<real<value_type>, value_type, float>>;
  static auto const& extents(X const& x) { return x.shape(); }
  static auto* data(X& x) { return x.data() + x.data_offset(); }
  static value_type const* data(X const& x) { return x.data() + x.data_offset(); }
};

}  // namespace xtensor_detail

template <class EC, std::size_t N, xt::layout_type L, class Tag>
struct tensor_traits<xt::xtensor_container<EC, N, L, Tag>>
    : xtensor_detail::traits<xt::xtensor_container<EC, N, L, Tag>, L> {
  static constexpr std::size_t rank = N;
  static auto empty(std::array<std::size_t, N> const& extents) {
    return xt::xtensor_container<EC, N, L, Tag>::from_shape(extents);
  }
};
template <class EC, xt::layout_type L, class SC, class Tag>
struct tensor_traits<xt::xarray_container<EC, L, SC, Tag>>
    : xtensor_detail::traits<xt::xarray_container<EC, L, SC, Tag>, L> {
  static constexpr std::size_t rank = dynamic_rank;
  template <class Shape> static auto empty(Shape const& extents) {
    return xt::xarray_container<EC, L, SC, Tag>::from_shape(SC(extents.begin(), extents.end()));
  }
};
template <class EC, std::size_t N, xt::layout_type L, class Tag>
struct tensor_traits<xt::xtensor_adaptor<EC, N, L, Tag>>
    : xtensor_detail::traits<xt::xtensor_adaptor<EC, N, L, Tag>, L> {
  static constexpr std::size_t rank = N;
};
template <class EC, xt::layout_type L, class SC, class Tag>
struct tensor_traits<xt::xarray_adaptor<EC, L, SC, Tag>>
    : xtensor_detail::traits<xt::xarray_adaptor<EC, L, SC, Tag>, L> {
  static constexpr std::size_t rank = dynamic_rank;
  template <class Shape> static auto empty(Shape const& extents) {
    return xt::xarray<typename xt::xarray_adaptor<EC, L, SC, Tag>::value_type, L>::from_shape(
        std::vector<std::size_t>(extents.begin(), extents.end()));
  }
};

}  // namespace fovea
