// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>

#include <fovea/tensor/host_algorithms.hpp>

namespace fovea {

namespace detail {
struct formula {
  template <class T> FOVEA_HD constexpr T operator()(T& to, T const& x) const { return to = x; }
};
struct index_formula {
  FOVEA_HD constexpr void operator()(std::size_t) const {}
};
struct row_formula {
  template <class Row, class... O> FOVEA_HD float operator()(Row const&, O const&...) const { return 0; }
};
}  // namespace detail

/// Who owns memory and runs the verbs that everything else is written in: a small value, cheap to copy.
///
/// Laws: a verb sees the effects of those before it; the results are the same bits run after run, and do not depend on a
/// thread count; an element's result does not depend on its place in the domain. `empty` does not fill what it makes.
/// Counter-example: a backend whose sums depend on which thread finishes first.
template <class B>
concept backend = std::copyable<B> && real<typename B::value_type> &&
                  requires(B const b, typename B::value_type* p, typename B::value_type const* c, double* sum,
                           domain<> d, matrix_span<B, typename B::value_type> m) {
                    typename B::memory;
                    typename B::template tensor<typename B::value_type, 2>;
                    { b.template empty<typename B::value_type>(std::array<std::size_t, 2>{}) } -> tensor;
                    { b.read(typename B::template scalar<double>{}) } -> std::same_as<double>;
                    b.for_each(d, detail::formula{}, each{p}, each{c});
                    b.reduce(d, detail::formula{}, std::tuple{overall{sum}}, out{p}, per_column{c});
                    b.for_each_row(d, detail::row_formula{}, each{p});
                    b.reduce_rows(d, detail::row_formula{}, overall{sum}, each{p});
                    b.for_each_index(std::size_t{}, detail::index_formula{});
                    b.multiply(m, m, transposed(m), product_options{}, no_epilogue{});
                    b.copy(c, p, std::size_t{});
                    b.synchronize();
                  };

/// A backend that records verbs and replays them, on a device with one launch: `capture(f)` records what f calls, without
/// doing it, and gives what has `replay()`. What differs from one replay to the next has to be read from its memory.
template <class B>
concept capturing = requires(B const b, void (*f)()) { b.capture(f).replay(); };

/// Throws where the backend can tell that it does not reach a tensor's elements, as of a host's pointer given for a device's.
template <class B, tensor T> void require_reachable(B const& b, char const* who, char const* what, T const& t) {
  if constexpr (requires { b.check_reachable(traits_of<T>::data(t), who, what); })
    if (fovea::size(t) != 0) b.check_reachable(traits_of<T>::data(t), who, what);
}

/// A number in this backend's memory, not set.
template <class T, class B> auto make_scalar(B const& b) {
  if constexpr (requires { b.template make_scalar<T>(); }) return b.template make_scalar<T>();
  else return typename B::template scalar<T>{};
}

/// A number that stays where it was computed and converts, and so synchronizes, when it is read: `scale` times the scalar.
template <backend B> class deferred {
 public:
  explicit deferred(B const& b) : backend_(b), scalar_(make_scalar<double>(b)) {}

  operator double() const { return scale * backend_.read(scalar_); }
  double* data() { return scalar_.data(); }

  double scale = 1;

 private:
  B backend_;
  typename B::template scalar<double> scalar_;
};

}  // namespace fovea
