// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include <fovea/scalar/real.hpp>
#include <fovea/tensor/extents.hpp>
#include <fovea/tensor/shape.hpp>

namespace fovea {

/// Adapts a tensor type to fovea. Specialize it for a type of your own; there is no primary definition.
///
///   using value_type = ...;                     type of the elements
///   using backend    = ...;                     default backend: fovea::host_backend, fovea::xtensor_backend<T>, ...
///   static constexpr std::size_t rank = ...;    or fovea::dynamic_rank
///   static auto extents(T const&);              a range of `rank` sizes
///   static auto data(T&);                       its elements: contiguous; value_type* if they may be written
///   static auto data(T const&);                 value_type const*
///   static T empty(std::array<std::size_t, rank>)   optional: a new tensor, not filled; results then have this type
///   static constexpr auto order = fovea::storage_order::column_major;   optional: the elements are row-major without it
template <class T> struct tensor_traits;

/// The order of a tensor's elements in memory: the last index changes fastest (row-major, C), or the first (column-major,
/// Fortran).
enum class storage_order { row_major, column_major };

/// The traits of a tensor.
template <class T> using traits_of = tensor_traits<std::remove_cvref_t<T>>;
/// The type of a tensor's elements.
template <class T> using value_of = typename traits_of<T>::value_type;
/// The type of the backend that computes on a tensor if none is named.
template <class T> using backend_of = typename traits_of<T>::backend;
/// The memory that holds the elements: `host_memory`, or a device's tag.
template <class T> using memory_of = typename backend_of<T>::memory;

/// The tag of memory that the CPU reads and writes.
struct host_memory {};

/// A type with a specialization of `tensor_traits`, the start of being a tensor.
template <class T>
concept adapted = requires { sizeof(traits_of<T>); };

/// A multidimensional array whose elements are contiguous, in the order that its traits state, in memory that its backend can
/// access.
///
/// Laws: `data(t)` does not change while t is not resized; the product of `extents(t)` is the number of elements.
/// Counter-example: an unevaluated xtensor expression, which has no elements.
template <class T>
concept tensor = adapted<T> && requires(std::remove_cvref_t<T> const& t) {
  typename value_of<T>;
  typename memory_of<T>;
  { traits_of<T>::rank } -> std::convertible_to<std::size_t>;
  traits_of<T>::extents(t).begin();
  { traits_of<T>::data(t) } -> std::convertible_to<value_of<T> const*>;
};

/// A tensor of real numbers.
template <class T>
concept real_tensor = tensor<T> && real<value_of<T>>;

/// A tensor that can be written through this reference.
template <class T>
concept writable_tensor = tensor<T> && requires(T& t) {
  { traits_of<T>::data(t) } -> std::same_as<value_of<T>*>;
};

/// A tensor in the same memory as T. Host and device tensors never mix; `fovea::copy` copies between them.
template <class U, class T>
concept same_memory_as = tensor<T> && tensor<U> && std::same_as<memory_of<T>, memory_of<U>>;

/// The storage order of a tensor type. Vectors are row-major: they have one order.
template <class T> inline constexpr storage_order order_of = storage_order::row_major;
template <class T>
  requires requires { traits_of<T>::order; }
inline constexpr storage_order order_of<T> =
    traits_of<T>::rank == 1 ? storage_order::row_major : static_cast<storage_order>(traits_of<T>::order);

/// Two tensors whose elements of one index have one position in memory, if their shapes are equal.
template <class T, class U>
concept same_order_as = order_of<T> == order_of<U>;

namespace detail {
/// Rejects a type that is not adapted.
template <class T> constexpr void require_tensor() {
  static_assert(
      tensor<T>,
      "fovea: this argument's type is not a tensor, because fovea::tensor_traits is not specialized for it. Include "
      "the header that adapts its library: fovea/backends/xtensor.hpp, fovea/adapt/eigen.hpp, and for std::vector "
      "fovea/backends/host.hpp. An expression or a view has no elements of its own: evaluate it first, as xt::eval "
      "does. A std::vector<bool> has none either");
}
/// Rejects an argument that is not a tensor in the memory of the tensors `Like`.
template <class T, class Like> constexpr void require_tensor_beside() {
  if constexpr (!tensor<T>) detail::require_tensor<T>();
  else
    static_assert(same_memory_as<T, Like>,
                  "fovea: this tensor lies in other memory than the backend's; fovea::copy crosses");
}
/// Rejects a column-major matrix where a row is a sample.
template <class T> constexpr void require_rows() {
  static_assert(order_of<T> == storage_order::row_major,
                "fovea: this matrix is column-major, and rows are samples here. If its columns are the samples, pass "
                "fovea::samples_in_columns(m), a view; otherwise fovea::to_row_major(m), a copy");
}
/// Rejects a row-major and a column-major tensor in one call, element by element.
template <class T, class U> constexpr void require_same_order() {
  static_assert(
      same_order_as<T, U>,
      "fovea: a column-major tensor beside a row-major one would pair element (i, j) with element (j, i). If the "
      "matrix's columns are the samples, pass fovea::samples_in_columns(m), a view; otherwise "
      "fovea::to_row_major(m), a copy");
}
}  // namespace detail

/// Returns the address of the first element.
template <tensor T> constexpr auto data(T&& t) { return traits_of<T>::data(t); }
/// Returns the extents.
template <tensor T> constexpr shape shape_of(T const& t) { return shape(traits_of<T>::extents(t)); }
/// Returns the number of elements.
template <tensor T> constexpr std::size_t size(T const& t) { return fovea::shape_of(t).size(); }

/// The elements of a tensor in host memory, in its storage order.
template <tensor T>
  requires std::same_as<memory_of<T>, host_memory>
constexpr std::span<value_of<T> const> elements(T const& t) {
  return {traits_of<T>::data(t), fovea::size(t)};
}

/// Two tensor types that can have the same shape: their ranks are equal, or one rank is known only at run time.
template <class T, class U>
concept same_rank_as = traits_of<T>::rank == traits_of<U>::rank || traits_of<T>::rank == dynamic_rank ||
                       traits_of<U>::rank == dynamic_rank;

/// A non-owning view of elements: pointer, extents (each static or dynamic) and backend.
template <class T, class Extents, class Backend> struct tensor_span {
  T* elements;
  [[no_unique_address]] Extents extents;

  constexpr std::size_t size() const { return extents.size(); }
  /// Converts to a read-only view.
  template <class U>
    requires(!std::is_const_v<T> && std::same_as<U, T const>)
  constexpr operator tensor_span<U, Extents, Backend>() const {
    return {elements, extents};
  }
};

template <class T, class Extents, class Backend> struct tensor_traits<tensor_span<T, Extents, Backend>> {
  using value_type = std::remove_const_t<T>;
  using backend = Backend;
  static constexpr std::size_t rank = Extents::rank;
  static constexpr auto extents(tensor_span<T, Extents, Backend> const& s) { return s.extents.to_array(); }
  static constexpr T* data(tensor_span<T, Extents, Backend> const& s) { return s.elements; }
};

template <class B, class T> using vector_span = tensor_span<T, extents<dynamic>, B>;
template <class B, class T, std::size_t Rows = dynamic, std::size_t Columns = dynamic>
using matrix_span = tensor_span<T, extents<Rows, Columns>, B>;

/// Returns a matrix view of a tensor of rank 2: rows of features. Throws `shape_error` for any other rank or, with
/// `Columns`, for another number of columns: "predict: x has shape (29,), expected (rows, features)", where `who` is "predict"
/// and `what_has` "x has".
template <std::size_t Columns = dynamic, tensor T>
constexpr auto as_matrix(char const* who, char const* what_has, T&& t) {
  static_assert(traits_of<T>::rank == 2 || traits_of<T>::rank == dynamic_rank,
                "fovea: a tensor of rank 2 is needed here: (rows, features)");
  detail::require_rows<T>();
  auto const s = fovea::shape_of(t);
  if (s.rank() != 2 || (Columns != dynamic && s[1] != Columns))
    throw shape_error(std::string(who) + ": " + what_has + " shape " + to_string(s) + ", expected (rows, " +
                      (Columns == dynamic ? "features" : std::to_string(Columns)) + ")");
  using E = std::remove_pointer_t<decltype(traits_of<T>::data(t))>;
  return matrix_span<backend_of<T>, E, dynamic, Columns>{traits_of<T>::data(t),
                                                         extents<dynamic, Columns>({s[0], s[1]})};
}

}  // namespace fovea
