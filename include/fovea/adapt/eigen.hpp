// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <Eigen/Core>

#include <fovea/backends/host.hpp>
#include <fovea/tensor/storage_order.hpp>

/// Eigen's matrices, arrays and vectors as tensors, and contiguous views of them: Map, Ref, Transpose, parts of vectors.
/// A vector has rank 1. A matrix is column-major unless its type says RowMajor: losses take several of one order together, and
/// a network takes samples in the rows of a row-major matrix or in the columns of a column-major one.
///
///     Eigen::MatrixXf const x = Eigen::MatrixXf::Random(29, 128);                // 128 samples in columns
///     auto const probabilities = trainer.predict(fovea::samples_in_columns(x));  // on a backend in host memory
namespace fovea {

namespace detail {

template <class E> void dense(Eigen::DenseBase<E> const&);

/// An Eigen type whose elements lie in memory. Counter-example: an unevaluated expression such as a + b.
template <class E>
concept has_elements =
    requires(E const& e) { detail::dense(e); } && (static_cast<int>(E::Flags) & Eigen::DirectAccessBit) != 0;

/// True if the type guarantees that each column (or row, if row-major) begins where the previous one ends.
template <class E>
inline constexpr bool packed =
    std::is_base_of_v<typename E::PlainObject, E> || E::IsVectorAtCompileTime != 0 ||
    (static_cast<int>(E::OuterStrideAtCompileTime) != Eigen::Dynamic &&
     static_cast<int>(E::OuterStrideAtCompileTime) == static_cast<int>(E::InnerSizeAtCompileTime));
template <class M, int Options, class Stride>
inline constexpr bool packed<Eigen::Map<M, Options, Stride>> =
    M::IsVectorAtCompileTime != 0 || Stride::OuterStrideAtCompileTime == 0;
template <class M> inline constexpr bool packed<Eigen::Transpose<M>> = packed<std::remove_const_t<M>>;
template <class M> inline constexpr bool packed<Eigen::ArrayWrapper<M>> = packed<std::remove_const_t<M>>;
template <class M> inline constexpr bool packed<Eigen::MatrixWrapper<M>> = packed<std::remove_const_t<M>>;

}  // namespace detail

template <detail::has_elements E> struct tensor_traits<E> {
  static_assert(E::InnerStrideAtCompileTime == 1 && detail::packed<E>,
                "fovea: an Eigen map, reference or block must be contiguous, as one without strides of its own, or a "
                "vector of stride 1; copy others into a matrix");
  using value_type = typename E::Scalar;
  using backend = host_backend_of<value_type>;
  static constexpr std::size_t rank = E::IsVectorAtCompileTime ? 1 : 2;
  static constexpr auto order = E::IsRowMajor ? storage_order::row_major : storage_order::column_major;

  static std::array<std::size_t, rank> extents(E const& e) {
    auto const rows = static_cast<std::size_t>(e.rows()), columns = static_cast<std::size_t>(e.cols());
    if constexpr (rank == 1) return std::array<std::size_t, 1>{rows * columns};
    else return std::array<std::size_t, 2>{rows, columns};
  }
  static auto* data(E& e) { return e.data(); }
  static value_type const* data(E const& e) { return e.data(); }
  /// Returns a matrix, array or vector that owns its elements, also if E is a view. Eigen asserts that static sizes match.
  static typename E::PlainObject empty(std::array<std::size_t, rank> const& extents) {
    typename E::PlainObject made;
    auto const first = static_cast<Eigen::Index>(extents[0]), last = static_cast<Eigen::Index>(extents[rank - 1]);
    if constexpr (rank == 1) made.resize(first);
    else made.resize(first, last);
    return made;
  }
};

static_assert(writable_tensor<Eigen::MatrixXf> && !writable_tensor<Eigen::Map<Eigen::ArrayXXd const>> &&
              !tensor<decltype(Eigen::VectorXf() + Eigen::VectorXf())>);

}  // namespace fovea
