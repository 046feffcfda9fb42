// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>

#include <fovea/tensor/host_algorithms.hpp>

namespace fovea {

// The formulas that the concept below hands to a backend.
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

/// A backend owns memory and runs the verbs that losses, layers, optimizers and training are written in. It is a small value,
/// cheap to copy. `host_algorithms` implements every verb as a plain loop; a backend inherits it and replaces what it can do
/// faster. fovea/testing/conformance.hpp tests all laws.
///
///   value_type, memory                            the numbers it computes in; `host_memory`, or a device's tag
///   tensor<T, Rank>, scalar<T>                    its own tensor type; one number in its memory, with data()
///   empty<T>(array extents)                       a new tensor(extents), not filled
///   copy(from, to, n), read(scalar)               copies n elements, within its memory or from and to the host's; a number
///   synchronize()                                 waits until all verbs called before are done
///   for_each(d, f, operands...)                   calls f(x...) once for each place of the domain d (rows x columns)
///   reduce(d, f, tuple{results...}, operands...)  the same, and folds what f returns: one number, or `terms`
///   for_each_row(d, f, operands...)               calls f(row, operands...) once for each row; `row` has for_each, sum, maximum
///   reduce_rows(d, f, result, operands...)        the same, and folds what f returns for each row
///   for_each_index(n, f)                          calls f(i) once for each i below n
///   multiply(c, a, b, options, epilogue, operands...)   c = scale a b (+ c), then the epilogue on each element of c
///                                                 (multiply_batch.hpp: many products, in one call where a backend has it)
///
/// Operands are each, out, per_column, per_row, broadcast and column_index; results are overall, by_column and by_row, each
/// with plus or maximum (tensor/operands.hpp). Formulas are named function objects with FOVEA_HD, so that a device can run
/// them.
///
/// Laws:
/// * Order: a verb sees the effects of the verbs called before it.
/// * Bits: the same calls give the same bits in every run and for any number of threads; copies of a backend agree.
/// * Place: an element's result depends neither on its position in the domain nor on the domain's size. (Counter-example: a
///   vectorized loop whose scalar tail rounds differently.) A backend that leaves large products to a BLAS says so, by a
///   member function `products_by_blas()` that returns true: there, a row of a product may depend on the number of rows.
/// * Domain: for_each and reduce visit each place exactly once and write nothing outside of it; padding takes no part in a
///   fold.
/// * Accuracy: a sum adds at most 512 elements in the element type, and continues in double; a maximum is exact; a NaN
///   reaches every fold that it belongs to, and no other. A fold of nothing is the fold's identity.
/// * Products: each element of c is one sum over k within k + 3 roundings of its terms' magnitudes; a product over no k is 0.
/// * Storage: `empty` does not fill; `copy` is the only verb that crosses between the host and the backend's memory.
///
/// Counter-examples: a backend whose sums depend on which thread finishes first; one whose `reduce` reads its result before
/// it writes it.
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
                    b.multiply(m, m, fovea::transposed(m), product_options{}, no_epilogue{});
                    b.copy(c, p, std::size_t{});
                    b.synchronize();
                  };

/// A backend that can record verbs and replay them; on a device, a replay is one launch. `capture(f)` records the verbs that f
/// calls without running them and returns an object with `replay()`.
///
/// Law: a replay does what the recorded calls would do now. A value that changes between replays must be read from the
/// backend's memory. Counter-example: a formula that holds the step number as a member.
template <class B>
concept capturing = requires(B const b, void (*f)()) { b.capture(f).replay(); };

/// Throws `device_error` if the backend can tell that it does not reach the tensor's elements, for example host memory given
/// to a device's backend. `who` and `what` name the function and the argument in the message.
template <class B, tensor T> void require_reachable(B const& b, char const* who, char const* what, T const& t) {
  if constexpr (requires { b.check_reachable(traits_of<T>::data(t), who, what); })
    if (fovea::size(t) != 0) b.check_reachable(traits_of<T>::data(t), who, what);
}

/// A number in this backend's memory, not initialized.
template <class T, class B> auto make_scalar(B const& b) {
  if constexpr (requires { b.template make_scalar<T>(); }) return b.template make_scalar<T>();
  else return typename B::template scalar<T>{};
}

/// A number that stays in the backend's memory until it is read: `scale` times the stored scalar. Reading it (the conversion
/// to double) waits for the backend; on a device, that is a synchronization.
template <backend B> class deferred {
 public:
  explicit deferred(B const& b) : backend_(b), scalar_(fovea::make_scalar<double>(b)) {}

  operator double() const { return scale * backend_.read(scalar_); }
  double* data() { return scalar_.data(); }

  double scale = 1;

 private:
  B backend_;
  typename B::template scalar<double> scalar_;
};

}  // namespace fovea
