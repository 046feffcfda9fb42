// SPDX-License-Identifier: MIT
#pragma once

#include <tuple>
#include <utility>

#include <fovea/losses/loss.hpp>
#include <fovea/tensor/storage.hpp>

/// What the drivers of losses ask of an option: what to call it, whether its tensor fits, and the operands that it is.
namespace fovea::detail {

/// The tensor as an operand that is only read: a view of elements that could be written must not be written back over a
/// result in the same memory.
template <class X> auto read_each(X const& x) { return each<value_of<X> const>{fovea::data(x)}; }

template <class O> inline constexpr char const* option_noun = nullptr;
template <class W> inline constexpr char const* option_noun<weights<W>> = "weights";
template <class W> inline constexpr char const* option_noun<sample_weights<W>> = "sample weights";
template <class M> inline constexpr char const* option_noun<mask<M>> = "mask";

template <class O> inline constexpr bool is_sample_weights = false;
template <class W> inline constexpr bool is_sample_weights<sample_weights<W>> = true;
template <class O> inline constexpr bool is_weights = false;
template <class W> inline constexpr bool is_weights<weights<W>> = true;
template <class O> inline constexpr bool is_mask = false;
template <class M> inline constexpr bool is_mask<mask<M>> = true;

/// The options as operands of an elementwise formula.
template <class W> auto weight_operands(weights<W> const& w) { return std::tuple{detail::read_each(w.tensor)}; }
template <class W> auto weight_operands(sample_weights<W> const& w) {
  return std::tuple{per_row{static_cast<value_of<W> const*>(fovea::data(w.tensor))}};
}
template <class O> auto weight_operands(O const&) { return std::tuple<>{}; }
template <class T, class M> auto mask_operands(mask<M> const& m) { return std::tuple{each{mask_elements<T>(m)}}; }
template <class T, class O> auto mask_operands(O const&) { return std::tuple<>{}; }

/// The options as pointers that a row loads its numbers from.
struct absent {};
template <class O> absent const* row_weights_of(O const&) { return nullptr; }
template <class W> auto row_weights_of(sample_weights<W> const& w) {
  return static_cast<value_of<W> const*>(fovea::data(w.tensor));
}
template <class T, class O> absent const* mask_of(O const&) { return nullptr; }
template <class T, class M> auto mask_of(mask<M> const& m) { return detail::mask_elements<T>(m); }
inline absent const* given() { return nullptr; }
template <class First, class... Rest> auto given(First first, Rest... rest) {
  if constexpr (std::same_as<First, absent const*>) return detail::given(rest...);
  else return first;
}

inline void choose(reduction& chosen, reduction option) { chosen = option; }
template <class O> void choose(reduction&, O const&) {}
template <class... O> reduction reduction_of(O const&... options) {
  auto chosen = reduction::mean;
  (detail::choose(chosen, options), ...);
  return chosen;
}

/// Throws `shape_error` unless x has one number for each row of the predictions.
template <class Z, class X> void check_one_for_each_row(Z const& z, char const* noun, X const& x) {
  detail::require_rows<Z>();
  auto const all = fovea::shape_of(z), own = fovea::shape_of(x);
  std::size_t const rows = all.rank() == 0 ? 1 : all[0];
  if (own.rank() == 0 || own.size() != rows || own[0] != rows)
    throw shape_error("loss: predictions have shape " + to_string(all) + ", " + noun + " " + to_string(own) +
                      "; one number for each row is needed");
}

/// Throws `shape_error` or `device_error` if the option does not fit the predictions. `Rows`: the loss is one of rows.
template <bool Rows, class B, class Z, class O> void check_option(B const& b, Z const& z, O const& option) {
  if constexpr (option_noun<O> != nullptr) {
    using W = std::remove_cvref_t<decltype(option.tensor)>;
    static_assert(same_memory_as<W, Z>,
                  "weights or a mask lie in other memory than the predictions; fovea::copy crosses");
    static_assert(!(Rows && is_weights<O>), "a loss of rows has a weight for each row: sample_weights(w)");
    if constexpr (Rows || is_sample_weights<O>) {
      detail::check_one_for_each_row(z, option_noun<O>, option.tensor);
    } else {
      detail::require_same_order<Z, W>();
      fovea::require_same_shape("loss", "predictions have", fovea::shape_of(z), option_noun<O>,
                                fovea::shape_of(option.tensor));
    }
    fovea::require_reachable(b, "loss", option_noun<O>, option.tensor);
  }
}

/// Calls f with the option's tensor, if it has one.
template <class O, class F> void with_tensor_of(O const& option, F const& f) {
  if constexpr (option_noun<O> != nullptr) f(option.tensor);
}

/// The sum of a batch's losses, and what divides it: a known number, or 0 and one that is counted in the backend's memory.
/// `fraction`: if the divisor is known, the gradient is that of the batch's mean times this number, the batch's share of all rows.
struct batch_loss {
  double* sum = nullptr;
  double* counted = nullptr;
  double divisor = 0;
  double fraction = 1;
};

}  // namespace fovea::detail
