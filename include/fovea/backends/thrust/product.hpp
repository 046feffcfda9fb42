// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <fovea/backends/thrust/chunks.hpp>
#include <fovea/tensor/product.hpp>

namespace fovea::thrust_detail {

/// A factor: element (i, j) lies at `at[i * row + j * column]`.
template <class T> struct factor {
  T const* at;
  std::size_t rows, columns, row, column;
};
template <class T, class E, class B> auto factor_of(tensor_span<T, E, B> const& m) {
  auto const columns = m.extents.template get<1>();
  return factor<std::remove_const_t<T>>{m.elements, m.extents.template get<0>(), columns, columns, 1};
}
template <class S> auto factor_of(transposed_span<S> const& m) {
  auto f = thrust_detail::factor_of(m.of);
  std::swap(f.rows, f.columns);
  std::swap(f.row, f.column);
  return f;
}

/// Rows of c = scale a b (+ c), then the epilogue. Each element is one sum over k in order, wherever it lies.
template <class T, class Epilogue, class... O> struct product_rows {
  T* c;
  factor<T> a, b;
  product_options options;
  Epilogue epilogue;
  pack<O...> operands;
  std::size_t length;

  void operator()(std::size_t chunk) const {
    for (auto i = chunk * length; i < std::min(a.rows, (chunk + 1) * length); ++i)
      for (std::size_t first = 0; first < b.columns; first += most_columns)
        block(i, first, std::min(b.columns, first + most_columns));
  }

 private:
  static constexpr std::size_t most_columns = 256;

  void block(std::size_t i, std::size_t first, std::size_t last) const {
    T sums[most_columns] = {};
    T const* left = a.at + i * a.row;
    if (b.column == 1) {
      for (std::size_t k = 0; k != a.columns; ++k) {
        T const x = left[k * a.column];
        T const* right = b.at + k * b.row + first;
        for (std::size_t j = 0; j != last - first; ++j) sums[j] += x * right[j];
      }
    } else {
      for (auto j = first; j != last; ++j)
        for (std::size_t k = 0; k != a.columns; ++k)
          sums[j - first] += left[k * a.column] * b.at[k * b.row + j * b.column];
    }
    for (auto j = first; j != last; ++j) {
      T& to = c[i * b.columns + j];
      to = static_cast<T>(options.scale) * sums[j - first] + (options.add_to ? to : T(0));
      operands.apply(at_place<T, Epilogue>{epilogue, {i * b.columns + j, i, j}});
    }
  }
};

/// c = epilogue(scale a b (+ c)) on a host system.
template <class System, class C, class A, class B, class Epilogue, class... O>
void multiply_on_host(System const& system, C const& c, A const& a, B const& b, product_options options,
                      Epilogue const& epilogue, O const&... operands) {
  using T = std::remove_cvref_t<decltype(*c.elements)>;
  auto const left = thrust_detail::factor_of(a), right = thrust_detail::factor_of(b);
  auto const all = thrust_detail::packed(each{c.elements}, operands...);
  cut const pieces(left.rows,
                   std::clamp<std::size_t>(left.rows * right.columns * left.columns / 100000, 1, most_chunks));
  system.for_each_n(pieces.pieces, product_rows<T, Epilogue, each<T>, O...>{c.elements, left, right, options, epilogue,
                                                                            all, pieces.length});
}

}  // namespace fovea::thrust_detail
