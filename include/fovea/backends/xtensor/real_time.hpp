// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <type_traits>

#include <fovea/backends/xtensor/frozen_product.hpp>
#include <fovea/backends/xtensor/multiply.hpp>

namespace fovea::xtensor_detail {

/// The verbs of a backend for prediction on one thread: they neither allocate, lock nor wait, unless `wide_products` lets wide
/// products of several rows pack their factors in memory of the thread. The same bits as the backend's own.
template <class Backend, class T, class Arch> class real_time : public Backend {
 public:
  static constexpr bool takes_padded = true;

  explicit real_time(bool wide_products) : wide_products_(wide_products) {}

  template <class Domain, class F, class... O> void for_each(Domain const& d, F const& f, O const&... operands) const {
    using lanes = xsimd::batch<typename computes_in<O...>::type, Arch>;
    if constexpr (!needs_row_or_column<O...>)
      if (d.size() != 0 && d.size() < lanes::size) return run_in_one_register<lanes>(f, d.size(), operands...);
    Backend::for_each(d, f, operands...);
  }
  template <class C, class A, class B, class Epilogue = no_epilogue, class... O>
  void multiply(C const& c, A const& a, B const& b, product_options options = {}, Epilogue const& epilogue = {},
                O const&... operands) const {
    finishing<Epilogue, O...> const finish{epilogue, {operands...}};
    auto const rows = c.extents.template get<0>(), columns = c.extents.template get<1>();
    if (rows == 0 || columns == 0) return;
    if (wide_products_ && columns > max_small_columns && rows > 2)
      return xtensor_detail::multiply<Arch>(pool_pointer{}, c, a, b, options, epilogue, operands...);
    if (options.scale == 1) unscaled(c, detail::matrix_of(a), detail::matrix_of(b), options.accumulate, finish);
    else scaled(c, detail::matrix_of(a), detail::matrix_of(b), options, finish);
  }
  template <class C, class A, class E, class S, class F, class O>
  void multiply(C const& c, A const& a, padded_span<tensor_span<T const, E, S>> const& b, product_options,
                formulas::add_bias<F> const& epilogue, O const& bias) const {
    auto const rows = c.extents.template get<0>();
    if (wide_products_ && b.matrix.extents.template get<1>() > max_small_columns && rows > 2)
      return xtensor_detail::multiply<Arch>(pool_pointer{}, c, a, b.matrix, {}, epilogue, bias);
    finishing<formulas::add_bias<F>, O> const finish{epilogue, {bias}};
    constexpr auto inner = E::static_extent(0), columns = E::static_extent(1);
    frozen_product<V, T, inner, columns, decltype(finish)>{c.elements,
                                                           a.elements,
                                                           b.matrix.elements,
                                                           bias.elements,
                                                           columns_of<inner>(b.matrix.extents.extent(0)),
                                                           columns_of<columns>(b.matrix.extents.extent(1)),
                                                           finish}
        .rows(rows);
  }
  template <class C, class A, class B, class Epilogue = no_epilogue, class... O>
  void multiply_batch(product_batch const& batch, C const& c, A const& a, B const& b, product_options options = {},
                      Epilogue const& epilogue = {}, O const&... operands) const {
    detail::for_each_product(batch, c, a, b, [&](auto const& to, auto const& left, auto const& right) {
      multiply(to, left, right, options, epilogue, operands...);
    });
  }

 private:
  using V = xsimd::batch<T, Arch>;

  template <class C> static constexpr auto fixed_columns = std::remove_cvref_t<decltype(C::extents)>::static_extent(1);

  template <class C, class Finish>
  static void unscaled(C const& c, detail::matrix<T> const& a, detail::matrix<T> const& b, bool accumulate,
                       Finish const& finish) {
    small_product<V, T, fixed_columns<C>>{c.elements,
                                          columns_of<fixed_columns<C>>(c.extents.extent(1)),
                                          a.columns,
                                          detail::strided_of(a),
                                          detail::strided_of(b),
                                          accumulate}
        .rows(0, c.extents.extent(0), finish);
  }
  /// Scales a few elements of a at a time, on the stack.
  template <class C, class Finish>
  static void scaled(C const& c, detail::matrix<T> const& a, detail::matrix<T> const& b, product_options o,
                     Finish const& finish) {
    constexpr std::size_t most_rows = 8, most_inner = 256;
    auto const from = detail::strided_of(a), right = detail::strided_of(b);
    auto const rows = c.extents.extent(0), columns = c.extents.extent(1);
    auto const nothing_yet = finishing<no_epilogue>{{}, {}};
    alignas(64) T part[most_rows * most_inner];
    for (std::size_t i = 0; i < rows; i += most_rows) {
      auto const tall = (std::min)(most_rows, rows - i);
      std::size_t k = 0;
      do {  // at least once: an empty sum is 0
        auto const deep = (std::min)(most_inner, a.columns - k);
        for (std::size_t r = 0; r != tall; ++r)
          for (std::size_t d = 0; d != deep; ++d)
            part[r * most_inner + d] =
                static_cast<T>(o.scale) * from.elements[(i + r) * from.row + (k + d) * from.column];
        small_product<V, T, fixed_columns<C>>{c.elements + i * columns,
                                              columns_of<fixed_columns<C>>(columns),
                                              deep,
                                              {part, most_inner, 1},
                                              {right.elements + k * right.row, right.row, right.column},
                                              o.accumulate || k != 0}
            .rows(0, tall, nothing_yet);
        k += most_inner;
      } while (k < a.columns);
    }
    if constexpr (!Finish::does_nothing) finish_tile<V>(finish, c.elements, columns, 0, rows, 0, columns);
  }

  bool wide_products_;
};

}  // namespace fovea::xtensor_detail
