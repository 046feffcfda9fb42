// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

#include <fovea/layers/layer.hpp>
#include <fovea/tensor/for_input.hpp>

/// Tensors as a network's input batches: one tensor, or a tuple of them for a network of several inputs.
namespace fovea {

/// A tensor that a network can take as an input: in the backend's memory, of its numbers or of integers.
template <class X, class B>
concept input_tensor = tensor<X> && std::same_as<memory_of<X>, typename B::memory> &&
                       (std::same_as<value_of<X>, typename B::value_type> || std::integral<value_of<X>>);

namespace detail {

template <class B, class X> inline constexpr bool are_inputs = input_tensor<X, B>;
template <class B, class... X>
inline constexpr bool are_inputs<B, std::tuple<X...>> = (are_inputs<B, std::remove_cvref_t<X>> && ...);

}  // namespace detail

/// An input tensor, or a tuple of them.
template <class X, class B>
concept network_input = detail::are_inputs<B, std::remove_cvref_t<X>>;

namespace detail {

/// The number of a network's inputs; 0: one, which is no tuple.
template <class X> inline constexpr std::size_t input_count = 0;
template <class... X> inline constexpr std::size_t input_count<std::tuple<X...>> = sizeof...(X);

}  // namespace detail

/// As many inputs as a network of that sample takes.
template <class X, class B, class Sample>
concept inputs_for = network_input<X, B> && detail::input_count<std::remove_cvref_t<X>> == detail::input_count<Sample>;

namespace detail {

/// Fails to compile, with a sentence on why X is no input of a network of that sample.
template <class B, class Sample, class X> constexpr void explain_input() {
  if constexpr (network_input<X, B>) {
    static_assert(input_count<X> != 0 || input_count<Sample> == 0,
                  "fovea: the network takes several inputs: pass a tuple of tensors, such as std::tie(a, b)");
    static_assert(input_count<X> == 0 || input_count<Sample> != 0, "fovea: the network takes one input, not a tuple");
    static_assert(input_count<X> == 0 || input_count<Sample> == 0 || input_count<X> == input_count<Sample>,
                  "fovea: the network takes another number of inputs");
  } else if constexpr (requires(X const& x) { x.features, x.targets; }) {
    static_assert(sizeof(X) == 0, "fovea: this takes the features of a data set, such as data.features");
  } else if constexpr (!tensor<X>) {
    detail::require_tensor<X>();
  } else {
    using like = typename B::template tensor<typename B::value_type, 2>;
    static_assert(same_memory_as<X, like>,
                  "fovea: this tensor lies in other memory than the backend's; fovea::copy crosses");
    static_assert(!same_memory_as<X, like> || input_tensor<X, B>,
                  "fovea: a network takes tensors of its backend's value type, or of integers");
  }
}

template <std::size_t... E> std::string shape_text(extents<E...> const& sample) {
  std::string text = "(rows";
  for (auto e : sample.to_array()) text += ", " + std::to_string(e);
  return text + ")";
}
template <class... S> std::string shape_text(std::tuple<S...> const& samples) {
  std::string text;
  std::apply([&](S const&... s) { ((text += (text.empty() ? "" : ", ") + detail::shape_text(s)), ...); }, samples);
  return "{" + text + "}";
}
template <tensor X> std::string given_shape(X const& x) { return to_string(fovea::shape_of(x)); }
template <class... X> std::string given_shape(std::tuple<X...> const& all) {
  std::string text;
  std::apply([&](auto const&... x) { ((text += (text.empty() ? "" : ", ") + detail::given_shape(x)), ...); }, all);
  return "{" + text + "}";
}

/// Returns true if a tensor of this shape holds rows of such samples: as (rows, extents...), or (rows, elements), or (rows) where
/// a sample is one element.
template <class Sample> constexpr bool holds(shape const& s, Sample const& sample) {
  if (s.rank() == 1) return sample.size() == 1;
  if (s.rank() == 2) return s[1] == sample.size();
  bool same = s.rank() == 1 + Sample::rank;
  for (std::size_t i = 1; same && i != s.rank(); ++i) same = s[i] == sample.extent(i - 1);
  return same;
}
template <tensor X, std::size_t... E> bool holds_samples(X const& x, extents<E...> const& sample) {
  return detail::holds(fovea::shape_of(x), sample);
}
template <class... X, class... S> bool holds_samples(std::tuple<X...> const& all, std::tuple<S...> const& samples) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return (detail::holds_samples(std::get<K>(all), std::get<K>(samples)) && ...) &&
           ((fovea::shape_of(std::get<K>(all))[0] == fovea::shape_of(std::get<0>(all))[0]) && ...);
  }(std::index_sequence_for<S...>{});
}
template <tensor X> std::size_t input_rows(X const& x) {
  return fovea::shape_of(x).rank() == 0 ? 0 : fovea::shape_of(x)[0];
}
template <class... X> std::size_t input_rows(std::tuple<X...> const& all) {
  return detail::input_rows(std::get<0>(all));
}

/// Throws `device_error` if the backend does not reach an input.
template <class B, tensor X> void require_inputs(B const& b, char const* who, X const& x) {
  detail::require_rows<X>();
  fovea::require_reachable(b, who, "x", x);
}
template <class B, class... X> void require_inputs(B const& b, char const* who, std::tuple<X...> const& all) {
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    (detail::for_input(K, [&] { detail::require_inputs(b, who, std::get<K>(all)); }), ...);
  }(std::index_sequence_for<X...>{});
}

/// Returns the batch of `rows` rows from row `first` on.
template <class B, tensor X, std::size_t... E>
auto input_batch(X const& x, extents<E...> const& sample, std::size_t first, std::size_t rows) {
  using T = value_of<X>;
  std::array<std::size_t, sizeof...(E) + 1> all{rows};
  for (std::size_t i = 0; i != sizeof...(E); ++i) all[i + 1] = sample.extent(i);
  return tensor_span<T const, extents<dynamic, E...>, B>{fovea::data(x) + first * sample.size(),
                                                         extents<dynamic, E...>(all)};
}
template <class B, class... X, class... S>
auto input_batch(std::tuple<X...> const& all, std::tuple<S...> const& samples, std::size_t first, std::size_t rows) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::tuple{detail::input_batch<B>(std::get<K>(all), std::get<K>(samples), first, rows)...};
  }(std::index_sequence_for<S...>{});
}

}  // namespace detail

}  // namespace fovea
