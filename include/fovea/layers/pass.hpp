// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/scalar/random_draw.hpp>
#include <fovea/tensor/backend.hpp>

namespace fovea {

/// In place of the gradient of an input: the input has no gradient, or the caller does not need it.
struct nothing {};

namespace detail {
template <class B, class T, class Sample> struct batch_span_of;
template <class B, class T, std::size_t... E> struct batch_span_of<B, T, extents<E...>> {
  using type = tensor_span<T, extents<dynamic, E...>, B>;
};
template <class B, class T, class... S> struct batch_span_of<B, T, std::tuple<S...>> {
  using type = std::tuple<typename batch_span_of<B, T, S>::type...>;
};
}  // namespace detail

/// A batch, the input and output of a layer: rows of samples. A sample has `extents`, each static or dynamic: `extents<29>`,
/// `extents<3, 28, 28>` (channels, height, width). The batch of a tuple of samples is a tuple of batches.
template <class B, class T, class Sample> using batch_span = typename detail::batch_span_of<B, T, Sample>::type;

/// Returns the sample of a batch: its extents but the first.
template <class T, std::size_t Rows, std::size_t... E, class B>
constexpr extents<E...> sample_of(tensor_span<T, extents<Rows, E...>, B> const& x) {
  std::array<std::size_t, sizeof...(E)> all{};
  for (std::size_t i = 0; i != all.size(); ++i) all[i] = x.extents.extent(i + 1);
  return extents<E...>(all);
}
template <class... X> constexpr auto sample_of(std::tuple<X...> const& all) {
  return std::apply([](X const&... x) { return std::tuple<decltype(fovea::sample_of(x))...>{fovea::sample_of(x)...}; },
                    all);
}

/// Returns the number of rows of a batch.
template <class T, class E, class B> constexpr std::size_t rows_of(tensor_span<T, E, B> const& x) {
  return x.extents.extent(0);
}
template <class... X> constexpr std::size_t rows_of(std::tuple<X...> const& all) {
  return fovea::rows_of(std::get<0>(all));
}

namespace detail {

constexpr std::size_t product(std::size_t a, std::size_t b) { return a == dynamic || b == dynamic ? dynamic : a * b; }

template <std::size_t... E> struct static_shape {
  static constexpr std::array<std::size_t, sizeof...(E)> all{E...};
  static constexpr std::size_t last = all[sizeof...(E) - 1];
  static constexpr std::size_t size = [] {
    std::size_t n = 1;
    for (auto e : all) n = detail::product(n, e);
    return n;
  }();
};

/// Returns the extents with another last one.
template <std::size_t Last, std::size_t... E> constexpr auto with_last(extents<E...> const& sample, std::size_t last) {
  return [&]<std::size_t... J>(std::index_sequence<J...>) {
    constexpr auto all = static_shape<E...>::all;
    std::array<std::size_t, sizeof...(E)> now = sample.to_array();
    now.back() = last;
    return extents<(J + 1 == sizeof...(E) ? Last : all[J])...>(now);
  }(std::make_index_sequence<sizeof...(E)>{});
}

template <class T> struct sample_traits;
template <std::size_t... E> struct sample_traits<extents<E...>> : static_shape<E...> {};

}  // namespace detail

/// The number of elements of a sample, or `dynamic` if it is not in the type.
template <class Sample> inline constexpr std::size_t static_size_of = detail::sample_traits<Sample>::size;

/// Returns a batch as a matrix (rows, elements of a sample).
template <class T, std::size_t Rows, std::size_t... E, class B>
constexpr auto as_rows(tensor_span<T, extents<Rows, E...>, B> const& x) {
  constexpr std::size_t width = detail::static_shape<E...>::size;
  auto const n = fovea::sample_of(x).size();
  return matrix_span<B, T, dynamic, width>{x.elements, extents<dynamic, width>({x.extents.extent(0), n})};
}
/// Returns a batch as a matrix whose rows are the vectors along the last axis.
template <class T, std::size_t Rows, std::size_t... E, class B>
constexpr auto as_last_axis(tensor_span<T, extents<Rows, E...>, B> const& x) {
  constexpr std::size_t width = detail::static_shape<E...>::last;
  auto const w = x.extents.extent(sizeof...(E));
  std::size_t rows = 1;
  for (std::size_t i = 0; i != sizeof...(E); ++i) rows *= x.extents.extent(i);
  return matrix_span<B, T, dynamic, width>{x.elements, extents<dynamic, width>({rows, w})};
}
constexpr nothing as_rows(nothing) { return {}; }
constexpr nothing as_last_axis(nothing) { return {}; }

/// Returns the same elements as a batch of other samples.
template <class T, class E, class B, std::size_t... S>
constexpr auto reshaped(tensor_span<T, E, B> const& x, extents<S...> const& sample) {
  std::array<std::size_t, sizeof...(S) + 1> all{x.extents.extent(0)};
  for (std::size_t i = 0; i != sizeof...(S); ++i) all[i + 1] = sample.extent(i);
  return tensor_span<T, extents<dynamic, S...>, B>{x.elements, extents<dynamic, S...>(all)};
}
template <class Sample> constexpr nothing reshaped(nothing, Sample const&) { return {}; }
template <class... X, class... S>
constexpr auto reshaped(std::tuple<X...> const& all, std::tuple<S...> const& samples) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::tuple{fovea::reshaped(std::get<K>(all), std::get<K>(samples))...};
  }(std::index_sequence_for<X...>{});
}

/// Returns the same batch, to be read only.
template <class T, class E, class B> constexpr tensor_span<T const, E, B> read_only(tensor_span<T, E, B> const& x) {
  return {x.elements, x.extents};
}
template <class... X> constexpr auto read_only(std::tuple<X...> const& all) {
  return std::apply([](X const&... x) { return std::tuple<decltype(fovea::read_only(x))...>{fovea::read_only(x)...}; },
                    all);
}

namespace detail {

/// Returns the first of several inputs, outputs or samples, or the only one.
template <class X> constexpr X const& first_of(X const& x) { return x; }
template <class First, class... X> constexpr First const& first_of(std::tuple<First, X...> const& all) {
  return std::get<0>(all);
}

}  // namespace detail

/// Bytes of memory that a layer declares for a batch: `kept` lasts from `forward` to `backward`, `scratch` for one call.
struct memory {
  std::size_t kept = 0, scratch = 0;
};

/// Where the numbers of a layer, and of the layers in it, lie in the model's flat tensors. A model makes it once.
struct layer_place {
  std::uint64_t number = 0;             // of the first leaf in it, depth first: random numbers depend on it
  std::vector<std::size_t> parameters;  // the offset of each parameter, in numbers
  std::vector<bool> tied;               // true for a parameter that is another one's memory
  std::vector<std::size_t> state;       // the offset of each state, in bytes
  std::vector<layer_place> children;    // of a layer made of layers
};

/// The ranks that share a batch, for a layer whose rows depend on one another: its sums over rows are then those of all ranks.
template <backend B> struct shared_rows {
  std::size_t rows = 0;                                                // of the batch, on all ranks
  void (*add)(void*, typename B::value_type*, std::size_t) = nullptr;  // makes n sums those of all ranks
  void* ranks = nullptr;                                               // its first argument
};

/// True for a layer whose `forward` reads its parameters as its `freeze` has rearranged them, where the pass is frozen; and for a
/// layer made of layers that gives each of them p.child(k, layer, kept, scratch).
template <class L> inline constexpr bool takes_frozen = false;
template <class L>
  requires requires { L::takes_frozen; }
inline constexpr bool takes_frozen<L> = L::takes_frozen;

/// All that a layer is given besides its rows.
///
/// `Training`: batch statistics and dropout. `Differentiates`: `forward` keeps what `backward` will read; a network in
/// prediction mode can be differentiated, too. `Accumulates`: gradients of parameters are added to what is there. `Frozen`: the
/// parameters are a copy that the layer's `freeze` has rearranged for prediction.
template <backend B, bool Training, bool Differentiates = Training, bool Accumulates = false, bool Frozen = false>
struct pass {
  using backend_type = B;
  using value_type = typename B::value_type;
  using state_byte = std::conditional_t<Training, std::byte, std::byte const>;
  static constexpr bool training = Training, differentiates = Differentiates, accumulates = Accumulates,
                        frozen = Frozen;

  B const& backend;
  layer_place const& place;
  value_type const* parameters;                   // the model's
  value_type* gradient = nullptr;                 // of the model's parameters
  state_byte* state = nullptr;                    // the model's: not learned, but saved
  std::byte *kept = nullptr, *scratch = nullptr;  // this layer's; nothing is kept unless it differentiates
  random_draw draw = {};
  value_type const* as_in_model = nullptr;  // where Frozen: the parameters that are not rearranged
  shared_rows<B> const* shared = nullptr;   // if the batch is that of several ranks

  /// The rows of the batch, on all ranks that share it, given this rank's.
  std::size_t rows_of_batch(std::size_t own) const { return shared ? shared->rows : own; }
  /// Makes n sums over this rank's rows those over the rows of all ranks. In a pass of training, all ranks call it alike.
  void sum_over_ranks(value_type* sums, std::size_t n) const {
    if (shared) shared->add(shared->ranks, sums, n);
  }

  /// This layer's parameter i, and its gradient.
  value_type const* parameter(std::size_t i) const { return parameters + place.parameters[i]; }
  value_type* gradient_of(std::size_t i) const { return gradient + place.parameters[i]; }
  /// This layer's state i, of numbers of type S.
  template <class S = value_type> auto* state_of(std::size_t i) const {
    using to = std::conditional_t<Training, S, S const>;
    return reinterpret_cast<to*>(state + place.state[i]);
  }
  /// The source of this layer's random numbers.
  random_draw random() const {
    auto own = draw;
    own.layer = place.number;
    return own;
  }
  /// The memory after `n` numbers of type S: where the next thing lies.
  template <class S = value_type> static constexpr std::size_t bytes(std::size_t n) {
    return (n * sizeof(S) + 63) / 64 * 64;
  }
  /// What layer k in this one is given, with memory of its own. Its parameters are as in the model.
  auto child(std::size_t k, std::byte* own_kept, std::byte* own_scratch) const {
    return pass<B, Training, Differentiates, Accumulates>{backend,
                                                          place.children[k],
                                                          Frozen ? as_in_model : parameters,
                                                          gradient,
                                                          state,
                                                          own_kept,
                                                          own_scratch,
                                                          draw,
                                                          nullptr,
                                                          shared};
  }
  /// The same; but rearranged, if they are for this pass, and the child takes that.
  template <class L> auto child(std::size_t k, L const&, std::byte* own_kept, std::byte* own_scratch) const {
    if constexpr (Frozen && takes_frozen<L>)
      return pass{backend,  place.children[k], parameters, gradient,    state,
                  own_kept, own_scratch,       draw,       as_in_model, shared};
    else return child(k, own_kept, own_scratch);
  }
};

namespace detail {

template <class X> using element_of_batch = std::remove_cvref_t<decltype(*std::declval<X const&>().elements)>;

}  // namespace detail

/// Returns the bytes of a batch in memory.
template <class P, std::size_t... E> constexpr std::size_t batch_bytes(extents<E...> const& sample, std::size_t rows) {
  return P::bytes(rows * sample.size());
}
template <class P, class... S> constexpr std::size_t batch_bytes(std::tuple<S...> const& samples, std::size_t rows) {
  return std::apply([&](S const&... s) { return (std::size_t{0} + ... + fovea::batch_bytes<P>(s, rows)); }, samples);
}
/// Returns the batch that lies at an address; of several samples, a tuple.
template <class P, std::size_t... E> auto batch_at(std::byte* at, extents<E...> const& sample, std::size_t rows) {
  using T = typename P::value_type;
  std::array<std::size_t, sizeof...(E) + 1> all{rows};
  for (std::size_t i = 0; i != sizeof...(E); ++i) all[i + 1] = sample.extent(i);
  return tensor_span<T, extents<dynamic, E...>, typename P::backend_type>{reinterpret_cast<T*>(at),
                                                                          extents<dynamic, E...>(all)};
}
template <class P, class... S> auto batch_at(std::byte* at, std::tuple<S...> const& samples, std::size_t rows) {
  return std::apply(
      [&](S const&... s) {
        auto const next = [&](auto const& one) {
          auto const here = at;
          at += fovea::batch_bytes<P>(one, rows);
          return fovea::batch_at<P>(here, one, rows);
        };
        return std::tuple<decltype(next(s))...>{next(s)...};  // braces: from left to right
      },
      samples);
}

}  // namespace fovea
