// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <version>

// mdspan of the standard library if it has one (C++23), else Kokkos's reference implementation, else CUDA's (CCCL).
#if defined(__cpp_lib_mdspan)
#include <mdspan>
namespace fovea::detail {
namespace library = ::std;
}
#elif __has_include(<mdspan/mdspan.hpp>) || __has_include(<experimental/mdspan>)
#if __has_include(<mdspan/mdspan.hpp>)
#include <mdspan/mdspan.hpp>
#else
#include <experimental/mdspan>
#endif
namespace fovea::detail {
#if defined(MDSPAN_IMPL_STANDARD_NAMESPACE)
namespace library = ::MDSPAN_IMPL_STANDARD_NAMESPACE;
#else
namespace library = ::std::experimental;
#endif
}  // namespace fovea::detail
#elif __has_include(<cuda/std/mdspan>)
#include <cuda/std/mdspan>
namespace fovea::detail {
namespace library = ::cuda::std;
}
#else
#error "fovea/adapt/mdspan.hpp: no <mdspan> (C++23), <mdspan/mdspan.hpp>, <experimental/mdspan> or <cuda/std/mdspan>"
#endif

#include <fovea/adapt/row_major.hpp>
#include <fovea/backends/host.hpp>
#include <fovea/tensor/storage_order.hpp>

/// mdspan as a tensor in host memory. layout_left is column-major: a network takes it as `samples_in_columns`. For
/// layout_stride, `extents` throws `shape_error` if the elements are not contiguous in row-major order.
///
///     std::mdspan const x(pointer, 128, 29);          // 128 samples
///     auto const probabilities = trainer.predict(x);  // on a backend in host memory
namespace fovea {

template <class T, class Extents, class Layout, class Accessor>
struct tensor_traits<detail::library::mdspan<T, Extents, Layout, Accessor>> {
  using view = detail::library::mdspan<T, Extents, Layout, Accessor>;
  using value_type = std::remove_const_t<T>;
  using backend = host_backend_of<value_type>;
  static constexpr std::size_t rank = Extents::rank();
  static constexpr bool left = std::same_as<Layout, detail::library::layout_left>,
                        strided = std::same_as<Layout, detail::library::layout_stride>;
  static_assert(left || strided || std::same_as<Layout, detail::library::layout_right>,
                "fovea: an mdspan's layout must be layout_right, layout_left or layout_stride");
  static_assert(std::same_as<Accessor, detail::library::default_accessor<T>>,
                "fovea: an mdspan's elements must be in memory: default_accessor");
  static constexpr auto order = left ? storage_order::column_major : storage_order::row_major;

  static std::array<std::size_t, rank> extents(view const& m) {
    std::array<std::size_t, rank> all{}, strides{};
    for (std::size_t i = 0; i != rank; ++i) {
      all[i] = static_cast<std::size_t>(m.extent(i));
      if constexpr (strided) strides[i] = static_cast<std::size_t>(m.stride(i));
    }
    if constexpr (strided) adapt::require_row_major("mdspan", shape(all), strides);
    return all;
  }
  static T* data(view const& m) { return m.data_handle(); }
};

}  // namespace fovea
