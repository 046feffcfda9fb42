// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <type_traits>

#include <fovea/layers/views.hpp>
#include <fovea/scalar/formulas.hpp>
#include <fovea/scalar/reject_std.hpp>
#include <fovea/tensor/sample_weights.hpp>
#include <fovea/tensor/storage.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// The closed interval of a loss's targets, or of its predictions; with `ends_only`, the two ends.
struct target_range {
  double lowest, highest;
  bool ends_only = false;
};

/// A loss of one prediction and one target: a pure formula that can be evaluated on T, `dual<T>` and `dual2<T>`. Gradient,
/// Hessian and SIMD follow from it; `mean_squared_error` is the smallest model.
///
/// Laws: `loss(x, y)` depends on x, y and the hyper-parameters alone; the target stays a T and is never differentiated.
/// Optional members:
///
///   auto inverse_link() const;  the layer from the loss's argument to a prediction: `sigmoid{}` for losses on logits. It has
///                               neither parameters nor memory, and works in place
///   static constexpr target_range targets{0, 1};      the targets that it takes, which `trainer` checks; all, without it
///   static constexpr target_range predictions{0, 1};  the predictions that it takes, checked likewise
///   void validate() const       throws `argument_error` for a hyper-parameter outside its domain; evaluation calls it
///
/// Counter-example: a formula that calls std::pow, which does not accept dual numbers.
template <class L, class T = float>
concept elementwise_loss = copyable_value<L> && requires(L const loss, T x, dual<T> d, dual2<T> j) {
  { loss(x, x) } -> std::convertible_to<T>;
  { loss(d, x) } -> std::convertible_to<dual<T>>;
  { loss(j, x) } -> std::convertible_to<dual2<T>>;
};

/// Returns the layer that turns a network's outputs into predictions if the network is trained with this loss: `identity`,
/// unless the loss has an `inverse_link`.
template <class L> constexpr auto inverse_link_of(L const& loss) {
  static_assert(
      !requires { typename L::inverse_link; },
      "a loss's inverse_link is a member function that returns a layer: "
      "constexpr fovea::sigmoid inverse_link() const { return {}; }");
  if constexpr (requires { loss.inverse_link(); }) return loss.inverse_link();
  else return identity{};
}

/// How the losses of the elements are reduced to one number; `mean` unless a call chooses another.
enum class reduction {
  mean,           // sum of weight times loss, divided by the number of unmasked elements, as in PyTorch
  sum,            // sum of weight times loss
  weighted_mean,  // sum of weight times loss, divided by the sum of the unmasked weights, as in scikit-learn
};

/// One weight per element, as a tensor of the predictions' shape.
template <tensor W> struct weights {
  explicit weights(W const& w) : tensor(w) {}
  W const& tensor;
};
/// Excludes the elements whose mask is 0: they have no effect on a result, even if they are NaN, and their gradient is 0.
/// The mask has the predictions' shape, or one number per row for a loss of rows.
template <tensor M> struct mask {
  explicit mask(M const& m) : tensor(m) {}
  M const& tensor;
};

namespace detail {
/// An element of a mask of another real type than the predictions'. Converts to 1 unless it is 0: 1e-300 is not 0, but its
/// conversion to float is.
template <class U> struct mask_element {
  U number;
  template <std::floating_point T> FOVEA_HD constexpr explicit operator T() const { return T(number == U(0) ? 0 : 1); }
};

/// The elements of a mask, to be read in a computation in T.
template <class T, class M> auto mask_elements(mask<M> const& m) {
  using U = value_of<M>;
  if constexpr (std::floating_point<U> && !std::same_as<U, T>)
    return reinterpret_cast<mask_element<U> const*>(fovea::data(m.tensor));
  else return static_cast<U const*>(fovea::data(m.tensor));
}
}  // namespace detail

/// True for the options that may follow a loss's tensors, in any order: a `reduction`, `weights(w)`, `sample_weights(w)`
/// and `mask(m)`.
///
///     fovea::value(loss, logits, targets, fovea::sample_weights(w), fovea::mask(m), fovea::reduction::weighted_mean);
template <class O> inline constexpr bool is_loss_option = std::is_same_v<O, reduction>;
template <class W> inline constexpr bool is_loss_option<weights<W>> = true;
template <class W> inline constexpr bool is_loss_option<sample_weights<W>> = tensor<W>;
template <class M> inline constexpr bool is_loss_option<mask<M>> = true;
/// An option that may follow a loss's tensors.
template <class O>
concept loss_option = is_loss_option<O>;

}  // namespace fovea
