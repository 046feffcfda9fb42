// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/backends/thrust/pack.hpp>
#include <fovea/tensor/host_algorithms.hpp>

namespace fovea::thrust_detail {

using detail::place;

/// Calls a formula with its operands' elements at one place.
template <class V, class F> struct at_place {
  F const& f;
  place where;
  template <class... O> FOVEA_HD constexpr decltype(auto) operator()(O const&... operands) const {
    return f(detail::element<V>(operands, where)...);
  }
};

/// Calls a formula with one row.
template <class F, class... O> struct at_row {
  F f;
  pack<O...> operands;
  std::size_t columns;

  FOVEA_HD void operator()(std::size_t r) const { operands.apply(f, host_algorithms::row{r, columns}); }
};

/// Calls a formula with one row as a term of a reduction over row indices, which a double represents exactly below 2^53.
template <class F, class... O> struct term_of_row {
  F f;
  pack<O...> operands;
  std::size_t columns;

  FOVEA_HD double operator()(double r) const {
    return static_cast<double>(operands.apply(f, host_algorithms::row{static_cast<std::size_t>(r), columns}));
  }
};

}  // namespace fovea::thrust_detail
