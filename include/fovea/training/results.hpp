// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/tensor/storage.hpp>
#include <fovea/training/inputs.hpp>

/// Tensors as a network's output batches: one tensor, or a tuple of them for a network of several outputs.
namespace fovea {

namespace detail {

template <class Y, class B>
concept result_tensor = writable_tensor<Y> && input_tensor<std::remove_cvref_t<Y>, B>;

template <class Y, class B, class Output>
inline constexpr bool are_results = result_tensor<Y, B> && input_count<Output> == 0;
template <class B, class... Y, class... S>
inline constexpr bool are_results<std::tuple<Y...>&, B, std::tuple<S...>> =
    sizeof...(Y) == sizeof...(S) && (result_tensor<Y&, B> && ...);

}  // namespace detail

/// Tensors, or a tuple of references to them, to which a network of this output can write.
template <class Y, class B, class Output>
concept results_for = detail::are_results<std::remove_reference_t<Y>&, B, Output>;

namespace detail {

/// Returns new tensors (rows, elements of a sample) for so many rows of the outputs.
template <class B, std::size_t... E> auto tensors_for(B const& b, std::size_t rows, extents<E...> const& sample) {
  return b.template empty<typename B::value_type>(std::array{rows, sample.size()});
}
template <class B, class... S> auto tensors_for(B const& b, std::size_t rows, std::tuple<S...> const& samples) {
  return std::apply([&](S const&... s) { return std::tuple{detail::tensors_for(b, rows, s)...}; }, samples);
}

/// Throws `shape_error` unless the tensor has these rows of samples, and `device_error` if the backend does not reach it.
template <class B, tensor Y, std::size_t... E>
void check_results(B const& b, Y const& y, extents<E...> const& sample, std::size_t rows) {
  static_assert(std::same_as<value_of<Y>, typename B::value_type>, "a model gives tensors of its backend's value type");
  detail::require_rows<Y>();
  auto const to = fovea::shape_of(y);
  if (to.rank() < 2 || to[0] != rows || !detail::holds(to, sample))
    throw shape_error("predict: the result has shape " + to_string(to) + ", expected (" + std::to_string(rows) + ", " +
                      std::to_string(sample.size()) + ")");
  fovea::require_reachable(b, "predict", "the result", y);
}
template <class B, class... Y, class... S>
void check_results(B const& b, std::tuple<Y...> const& all, std::tuple<S...> const& samples, std::size_t rows) {
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    (detail::check_results(b, std::get<K>(all), std::get<K>(samples), rows), ...);
  }(std::index_sequence_for<S...>{});
}

/// Calls f with a tensor, or with each of a tuple.
template <tensor X, class F> void for_each_tensor(X const& x, F const& f) { f(x); }
template <class... X, class F> void for_each_tensor(std::tuple<X...> const& all, F const& f) {
  std::apply([&](auto const&... x) { (detail::for_each_tensor(x, f), ...); }, all);
}
/// Throws `argument_error` if a result shares memory with an input, or with other tensors that are read.
template <class X, class Y, class... Read>
void check_apart_from_inputs(X const& x, Y const& results, Read const&... others) {
  detail::for_each_tensor(results, [&](auto const& y) {
    auto const apart = [&](char const* what, auto const& read) {
      if (detail::share_memory(read, y))
        throw argument_error(std::string("predict: the result overlaps ") + what + ", which later rows still read");
    };
    detail::for_each_tensor(x, [&](auto const& one) { apart("x", one); });
    (apart("the parameters", others), ...);
  });
}

/// Returns the batch of n rows from row `first` on.
template <class B, tensor Y, std::size_t... E>
auto result_batch(Y& y, extents<E...> const& sample, std::size_t first, std::size_t n) {
  return fovea::reshaped(
      vector_span<B, typename B::value_type>{fovea::data(y) + first * sample.size(), extents<dynamic>({n})}, sample);
}
template <class B, class... Y, class... S>
auto result_batch(std::tuple<Y...>& all, std::tuple<S...> const& samples, std::size_t first, std::size_t n) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::tuple{detail::result_batch<B>(std::get<K>(all), std::get<K>(samples), first, n)...};
  }(std::index_sequence_for<S...>{});
}

}  // namespace detail

}  // namespace fovea
