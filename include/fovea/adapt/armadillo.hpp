// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <armadillo>

#include <fovea/backends/host.hpp>
#include <fovea/tensor/storage_order.hpp>

/// Armadillo's Mat, Col and Row, including those of fixed size, as tensors. Col and Row have rank 1. Mat is column-major: losses
/// take several together, and a network takes one whose columns are samples.
///
///     arma::fmat const x(29, 128, arma::fill::randu);                             // 128 samples in columns
///     auto const probabilities = trainer.predict(fovea::samples_in_columns(x));   // on a backend in host memory
namespace fovea {

namespace detail {

template <class M, template <class> class Base>
concept derived = requires { typename M::elem_type; } && std::is_base_of_v<Base<typename M::elem_type>, M>;

}  // namespace detail

template <detail::derived<arma::Mat> M> struct tensor_traits<M> {
  using value_type = typename M::elem_type;
  using backend = host_backend_of<value_type>;
  static constexpr std::size_t rank = M::is_col || M::is_row ? 1 : 2;
  static constexpr auto order = storage_order::column_major;

  static std::array<std::size_t, rank> extents(M const& m) {
    if constexpr (rank == 1) return std::array<std::size_t, 1>{m.n_elem};
    else return std::array<std::size_t, 2>{m.n_rows, m.n_cols};
  }
  static value_type* data(M& m) { return m.memptr(); }
  static value_type const* data(M const& m) { return m.memptr(); }
  static M empty(std::array<std::size_t, rank> const& extents) {
    M made;
    if constexpr (rank == 1) made.set_size(extents[0]);
    else made.set_size(extents[0], extents[1]);
    return made;
  }
};

/// Rejects parts of a matrix, which have gaps between their columns. The base class makes the static_assert the only error.
template <detail::derived<arma::subview> V> struct tensor_traits<V> : tensor_traits<arma::Mat<typename V::elem_type>> {
  static_assert(sizeof(V) == 0,
                "fovea: a part of an Armadillo matrix is not contiguous; copy it into a Mat, Col or Row");
};

static_assert(writable_tensor<arma::fmat> && !writable_tensor<arma::vec const> && real_tensor<arma::mat::fixed<2, 3>> &&
              traits_of<arma::rowvec>::rank == 1);

}  // namespace fovea
