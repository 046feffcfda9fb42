// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <type_traits>

#include <fovea/scalar/formulas.hpp>
#include <fovea/tensor/storage.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// A loss of one prediction and one target: a pure formula, evaluable on numbers, duals and dual2 numbers of T.
///
/// Laws: `l(x, y)` depends on nothing else; the target's type is never lifted. A loss may says `inverse_link`, the activation that
/// makes predictions of what it is applied to (the sigmoid for losses on logits), and `validate()`, which throws
/// `argument_error` for a hyper-parameter outside its domain and is called by every driver.
/// Counter-example: a formula that calls std::pow, which no dual number has.
template <class L, class T = float>
concept elementwise_loss = std::semiregular<L> && requires(L const loss, T x, dual<T> d, dual2<T> j) {
  { loss(x, x) } -> std::convertible_to<T>;
  { loss(d, x) } -> std::convertible_to<dual<T>>;
  { loss(j, x) } -> std::convertible_to<dual2<T>>;
};

namespace detail {
template <class L> struct inverse_link {
  using type = identity_formula;
};
template <class L>
  requires requires { typename L::inverse_link; }
struct inverse_link<L> {
  using type = typename L::inverse_link;
};
}  // namespace detail

/// What turns a network's outputs into predictions when it was trained with this loss.
template <class L> using inverse_link_of = typename detail::inverse_link<L>::type;

/// How the losses of the elements become one number.
enum class reduction {
  mean,           // sum of weight times loss, divided by the number of unmasked elements: PyTorch's
  sum,            // sum of weight times loss
  weighted_mean,  // divided by the sum of the weights: scikit-learn's
};

/// A weight for each element.
template <tensor W> struct weights {
  explicit weights(W const& w) : tensor(w) {}
  W const& tensor;
};
/// A weight for each row: of shape (N) or (N, 1) for predictions of N rows.
template <tensor W> struct sample_weights {
  explicit sample_weights(W const& w) : tensor(w) {}
  W const& tensor;
};
/// Which elements count: those that are not 0. The others have no effect, whatever they hold, and get a gradient of 0.
template <tensor M> struct mask {
  explicit mask(M const& m) : tensor(m) {}
  M const& tensor;
};

/// What may follow a loss's tensors, in any order: a `reduction`, `weights(w)`, `sample_weights(w)`, `mask(m)`.
template <class O> inline constexpr bool is_loss_option = std::is_same_v<O, reduction>;
template <class W> inline constexpr bool is_loss_option<weights<W>> = true;
template <class W> inline constexpr bool is_loss_option<sample_weights<W>> = true;
template <class M> inline constexpr bool is_loss_option<mask<M>> = true;
template <class O>
concept loss_option = is_loss_option<O>;

}  // namespace fovea
