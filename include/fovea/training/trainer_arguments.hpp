// SPDX-License-Identifier: MIT
#pragma once

// What a trainer and its members take, for the errors that say so.

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <fovea/data/dataset.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/losses/loss.hpp>
#include <fovea/losses/rowwise.hpp>
#include <fovea/optimizers/chain.hpp>
#include <fovea/optimizers/grouping.hpp>
#include <fovea/training/check_data.hpp>
#include <fovea/training/model.hpp>
#include <fovea/training/run_epochs.hpp>

namespace fovea {

template <class L, std::size_t N> struct renamed;

namespace detail {
/// The network's last layer that makes other numbers of its input, in whatever network it stands: neither a view nor dropout. `identity`
/// if there is none.
template <class L> struct last_activation {
  using type = L;
};
template <class L>
  requires view_layer<L> || dropping_layer<L>
struct last_activation<L> {
  using type = identity;
};
template <> struct last_activation<sequential<>> {
  using type = identity;
};
template <class... L>
  requires(!view_layer<sequential<L...>>)
struct last_activation<sequential<L...>> {
  template <std::size_t K> static auto from() {
    using last = typename last_activation<typename sequential<L...>::template layer_at<K>>::type;
    if constexpr (K == 0 || !std::same_as<last, identity>) return std::type_identity<last>{};
    else return from<K - 1>();
  }
  using type = typename decltype(from<sizeof...(L) - 1>())::type;
};
template <class L, std::size_t N> struct last_activation<renamed<L, N>> : last_activation<L> {};

/// True for layers whose outputs are probabilities, and for an activation of such a formula.
template <class L> inline constexpr bool gives_probabilities = requires { requires L::gives_probabilities; };
template <class F> inline constexpr bool gives_probabilities<activation<F>> = gives_probabilities<F>;

/// True if the network ends in what the loss does itself with its outputs.
template <class Net, class Link>
inline constexpr bool ends_in =
    std::same_as<typename last_activation<Net>::type, Link> && !std::same_as<Link, identity>;
/// True if the loss takes logits, and the network ends in probabilities.
template <class Net, class Link>
inline constexpr bool ends_in_probabilities =
    gives_probabilities<Link> && gives_probabilities<typename last_activation<Net>::type>;

/// The number of axes of a sample of the network's first output; 1 if the network knows no sample.
template <class Net> inline constexpr std::size_t sample_rank = 1;
template <network Net>
inline constexpr std::size_t sample_rank<Net> =
    std::remove_cvref_t<decltype(detail::first_of(std::declval<output_of<Net, sample_type<Net>>>()))>::rank;

/// A loss that a network can be trained on.
template <class L, class T>
concept trainable_loss = elementwise_loss<L, T> || rowwise_loss<L, T>;

/// An optimizer, or a chain of optimizers, for each group of parameters.
template <class O, class T>
inline constexpr bool trainable_by = []<std::size_t... G>(std::index_sequence<G...>) {
  return (
      links<std::remove_cvref_t<decltype(grouping<O>::template select<G>(std::declval<O const&>()))>>::template valid<
          T> &&
      ...);
}(std::make_index_sequence<grouping<O>::count>{});

/// False if the arguments of a trainer are in another order.
template <class B, class Net, class Loss, class O>
concept trainer_arguments = backend<B> && !trainable_loss<Net, typename B::value_type> && !backend<Net> &&
                            !trainable_by<Loss, typename B::value_type>;
/// True for a data set on this backend.
template <class B, class Data> inline constexpr bool is_dataset = false;
template <class B, class X, class Y, class... D> inline constexpr bool is_dataset<B, dataset<B, X, Y, D...>> = true;
/// True for a data set on this backend and options for `fit` on it, and whatever follows.
template <class B, class... A> inline constexpr bool are_data_and_options = false;
template <class B, class Data, class Options, class... C>
inline constexpr bool are_data_and_options<B, Data, Options, C...> = [] {
  if constexpr (is_dataset<B, Data>) return std::convertible_to<Options, fit_options<Data>>;
  else return false;
}();
template <class...> inline constexpr bool never = false;

/// Fails to compile, with a sentence on why these are no arguments of `trainer::step`.
template <class B, class Net, class Loss, class X, class Y, class... Options> constexpr void explain_batch() {
  using T = typename B::value_type;
  using output_tensor = typename B::template tensor<T, 2>;
  if constexpr (!inputs_for<X, B, detail::sample_type<Net>>) detail::explain_input<B, detail::sample_type<Net>, X>();
  else if constexpr (!same_memory_as<Y, output_tensor>) detail::require_tensor_beside<Y, output_tensor>();
  else if constexpr (!targets_fit<Loss, value_of<Y>, T>) detail::explain_targets<Loss, value_of<Y>, T>();
  else
    static_assert((loss_option<Options> && ...),
                  "trainer: after the targets come options: weights, sample_weights, mask, a reduction");
}
template <class B, class Net, class Loss, class... A> constexpr void explain_step() {
  if constexpr (sizeof...(A) >= 2) detail::explain_batch<B, Net, Loss, A...>();
  else
    static_assert(never<A...>,
                  "trainer: a step takes the inputs and the targets of a batch; epoch and fit take a data set");
}
}  // namespace detail

}  // namespace fovea
