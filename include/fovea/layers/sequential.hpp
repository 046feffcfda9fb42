// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/activation.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/places.hpp>
#include <fovea/layers/views.hpp>

namespace fovea {

namespace detail {

/// True for an activation that fuses with the layer before it.
template <class L> inline constexpr bool is_fusible = false;
template <slope_from_output F> inline constexpr bool is_fusible<activation<F>> = true;

template <class L> inline constexpr bool is_input = false;
template <std::size_t... E> inline constexpr bool is_input<input<E...>> = true;

/// Returns the number of the first layer that knows its own sample, if those before it keep theirs; else that of layers.
template <class... L> constexpr std::size_t layer_with_sample() {
  std::size_t found = sizeof...(L), i = 0;
  bool searching = true;
  auto const look = [&](bool knows, bool keeps) {
    if (searching && knows) found = i;
    searching = searching && !knows && keeps;
    ++i;
  };
  (look(knows_sample<L>, keeps_sample<L>), ...);
  return found;
}

/// The outputs of a layer as the next one takes them, and their slopes: of a `parallel`, integers that a view passes on stay what
/// they are.
template <class L, class X, class Y> constexpr auto passed(L const& l, X const& x, Y const& y) {
  if constexpr (requires { l.passed(x, y); }) return l.passed(x, y);
  else return y;
}
template <class L, class X, class D> constexpr auto passed_slopes(L const& l, X const& x, D const& slopes) {
  if constexpr (requires { l.passed_slopes(x, slopes); }) return l.passed_slopes(x, slopes);
  else return slopes;
}
/// Returns batches without elements.
template <class B, std::size_t... E>
constexpr auto batch_of_no_elements(extents<E...> const& sample, std::size_t rows) {
  using T = typename B::value_type;
  return fovea::reshaped(vector_span<B, T const>{nullptr, extents<dynamic>({rows})}, sample);
}
template <class B, class... S> constexpr auto batch_of_no_elements(std::tuple<S...> const& samples, std::size_t rows) {
  return std::apply([&](S const&... s) { return std::tuple{detail::batch_of_no_elements<B>(s, rows)...}; }, samples);
}

template <class S> inline constexpr bool is_several = false;
template <class... S> inline constexpr bool is_several<std::tuple<S...>> = true;

template <std::size_t K, class S, class L> constexpr void check_layer() {
  static_assert(layer<L, S> || !is_several<S>,
                "sequential: a layer takes one input, and the layer before it gives several: join them, such as by "
                "fovea::concatenate{}");
  static_assert(layer<L, S> || is_several<S>,
                "sequential: a layer has `output(sample)`, `forward(p, x, y)` and `backward(p, x, y, dy, dx)`: see "
                "`fovea::layer`");
}

}  // namespace detail

/// A network of layers, each of which takes the output of the one before it. It is a layer itself. Samples that are known at
/// compile time are checked there; for others the constructor throws `shape_error`.
///
/// A layer that takes an epilogue, such as `linear`, and the activation after it form one stage: `forward` applies bias and
/// activation in one pass after the product, and `backward` computes the activation's slope and the bias's gradient in one
/// pass before the products.
///
///     constexpr fovea::sequential net{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 1>{}};
///     fovea::trainer trainer{fovea::xtensor_backend{}, net, fovea::sigmoid_focal_loss{}, fovea::adam{}};
template <class... L> class sequential {
 public:
  static constexpr std::size_t depth = sizeof...(L);
  static_assert(depth != 0, "sequential: at least one layer");
  static constexpr bool keeps_sample = (detail::keeps_sample<L> && ...), takes_frozen = true;
  template <std::size_t K> using layer_at = std::tuple_element_t<K, std::tuple<L...>>;

  constexpr sequential(L... l) : layers_(l...) {
    if constexpr (detail::layer_with_sample<L...>() != depth) static_cast<void>(output(sample()));
  }

  template <std::size_t K> constexpr layer_at<K> const& get() const { return std::get<K>(layers_); }

  /// The sample of the first layer that knows its own, if the layers before it keep theirs.
  constexpr auto sample() const
    requires(detail::layer_with_sample<L...>() != sizeof...(L))
  {
    return get<detail::layer_with_sample<L...>()>().sample();
  }
  template <class S> constexpr auto output(S const& sample) const { return output_from<0>(sample); }

  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    check_input_from<0>(b, who, x);
  }
  template <class S, class F> constexpr void for_each_child(S const& sample, F const& f) const {
    child_from<0>(sample, f);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const all = plan<P>(sample, rows);
    return {P::differentiates ? all.kept : 0, 2 * all.widest + all.scratch};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    auto const widest = plan<P>(fovea::sample_of(x), fovea::rows_of(x)).widest;
    forward_from<0>(p, x, y, {p.kept, p.scratch, p.scratch + widest, p.scratch + 2 * widest});
  }
  template <class P, class X, class Y, class DY, class DX, class Prologue = no_prologue>
  void backward(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx, Prologue const& prologue = {}) const {
    auto const widest = plan<P>(fovea::sample_of(x), fovea::rows_of(x)).widest;
    backward_from<0>(p, x, y, dy, dx, prologue, {p.kept, p.scratch, p.scratch + widest, p.scratch + 2 * widest});
  }

 private:
  // A stage is one layer, or one and the activation that is fused with it; a view between two layers is not a stage.
  template <std::size_t K> static constexpr bool is_fused() {
    if constexpr (K + 1 < depth) return takes_epilogue<layer_at<K>> && detail::is_fusible<layer_at<K + 1>>;
    else return false;
  }
  template <std::size_t K> static constexpr std::size_t after = K + (is_fused<K>() ? 2 : 1);
  template <std::size_t K> static constexpr bool is_elided = detail::view_layer<layer_at<K>> && K + 1 != depth;
  template <std::size_t K> constexpr decltype(auto) stage() const {
    if constexpr (is_fused<K>())
      return fused<layer_at<K>, std::remove_const_t<decltype(get<K + 1>().formula)>>{get<K>(), get<K + 1>().formula};
    else return get<K>();
  }

  template <std::size_t K, class B, class X> void check_input_from(B const& b, char const* who, X const& x) const {
    if constexpr (is_elided<K>) {
      check_input_from<K + 1>(b, who, fovea::reshaped(x, get<K>().output(fovea::sample_of(x))));
    } else {
      detail::check_input(get<K>(), b, who, x);
      if constexpr (K + 1 != depth && detail::is_several<X>) {
        auto const next = get<K>().output(fovea::sample_of(x));
        auto const none = detail::batch_of_no_elements<B>(next, fovea::rows_of(x));
        auto const made = detail::passed(get<K>(), x, none);
        if constexpr (!std::same_as<decltype(made), decltype(none)>) check_input_from<K + 1>(b, who, made);
      }
    }
  }
  template <std::size_t K, class S> constexpr auto output_from(S const& sample) const {
    if constexpr (K == depth) return sample;
    else return output_from<K + 1>(output_at<K>(sample));
  }
  template <std::size_t K, class S> constexpr auto output_at(S const& sample) const {
    detail::check_layer<K, S, layer_at<K>>();
    if constexpr (layer<layer_at<K>, S>) {
      try {
        return get<K>().output(sample);
      } catch (shape_error const& e) {
        throw shape_error("sequential: layer " + std::to_string(K) + ": " + e.what());
      }
    } else {
      return sample;
    }
  }
  /// The number of layer K in the names of parameters, where an `input` does not count: in PyTorch, it is no layer.
  template <std::size_t K> static constexpr std::size_t number_of() {
    return [&]<std::size_t... J>(std::index_sequence<J...>) {
      return (std::size_t{0} + ... + (detail::is_input<layer_at<J>> ? 0 : 1));
    }(std::make_index_sequence<K>{});
  }
  template <std::size_t K, class S, class F> constexpr void child_from(S const& sample, F const& f) const {
    if constexpr (K != depth) {
      f(child_name{number_of<K>()}, get<K>(), sample);
      if constexpr (K + 1 != depth) child_from<K + 1>(get<K>().output(sample), f);
    }
  }

  /// The memory of all stages: of what is kept, the widest batch between two stages, and the largest scratch of a stage.
  struct memory_plan {
    std::size_t kept = 0, widest = 0, scratch = 0;
  };
  template <class P, class S> constexpr memory_plan plan(S const& sample, std::size_t rows) const {
    memory_plan all;
    plan_from<0, P>(sample, rows, all);
    return all;
  }
  template <std::size_t K, class P, class S>
  constexpr void plan_from(S const& sample, std::size_t rows, memory_plan& all) const {
    auto const& s = stage<K>();
    if constexpr (is_elided<K>) {
      plan_from<K + 1, P>(s.output(sample), rows, all);
    } else {
      auto const need = fovea::needs_of<P>(s, sample, rows);
      all.kept += need.kept;
      all.scratch = (std::max)(all.scratch, need.scratch);
      if constexpr (after<K> != depth) {
        auto const next = s.output(sample);
        auto const between = fovea::batch_bytes<P>(next, rows);
        all.kept += between;
        all.widest = (std::max)(all.widest, between);
        plan_from<after<K>, P>(next, rows, all);
      }
    }
  }

  /// Where the next things lie: what is kept, the two buffers that stages use in turn, and a stage's scratch.
  struct places {
    std::byte *kept, *buffer, *other, *scratch;
  };

  template <std::size_t K, class P, class X, class Y>
  void forward_from(P const& p, X const& x, Y const& y, places at) const {
    auto const& s = stage<K>();
    auto const child = p.child(K, get<K>(), at.kept, at.scratch);
    if constexpr (after<K> == depth) {
      s.forward(child, x, y);
    } else if constexpr (is_elided<K>) {
      forward_from<K + 1>(p, fovea::reshaped(x, s.output(fovea::sample_of(x))), y, at);
    } else {
      auto const sample = fovea::sample_of(x);
      auto const rows = fovea::rows_of(x);
      auto const next = s.output(sample);
      auto const own = P::differentiates ? fovea::needs_of<P>(s, sample, rows).kept : 0;
      auto const between =
          detail::passed(s, x, fovea::batch_at<P>(P::differentiates ? at.kept + own : at.buffer, next, rows));
      s.forward(child, x, between);
      auto const kept = P::differentiates ? own + fovea::batch_bytes<P>(next, rows) : 0;
      forward_from<after<K>>(p, fovea::read_only(between), y, {at.kept + kept, at.other, at.buffer, at.scratch});
    }
  }
  template <std::size_t K, class P, class X, class Y, class DY, class DX, class Prologue>
  void backward_from(P const& p, X const& x, Y const& y, DY const& dy, DX const& dx, Prologue const& prologue,
                     places at) const {
    auto const& s = stage<K>();
    auto const child = p.child(K, at.kept, at.scratch);
    if constexpr (after<K> == depth) {
      detail::backward_after(s, child, x, y, dy, dx, prologue);
    } else if constexpr (is_elided<K>) {
      auto const next = s.output(fovea::sample_of(x));
      backward_from<K + 1>(p, fovea::reshaped(x, next), y, dy, fovea::reshaped(dx, next), prologue, at);
    } else {
      auto const sample = fovea::sample_of(x);
      auto const rows = fovea::rows_of(x);
      auto const next = s.output(sample);
      auto const own = fovea::needs_of<P>(s, sample, rows).kept;
      auto const between = detail::passed(s, x, fovea::read_only(fovea::batch_at<P>(at.kept + own, next, rows)));
      auto const slopes = detail::passed_slopes(s, x, fovea::batch_at<P>(at.buffer, next, rows));
      auto const kept = own + fovea::batch_bytes<P>(next, rows);
      backward_from<after<K>>(p, between, y, dy, slopes, prologue,
                              places{at.kept + kept, at.other, at.buffer, at.scratch});
      s.backward(child, x, between, slopes, dx);
    }
  }

  std::tuple<L...> layers_;
};

/// Returns a network of that many copies of a layer, each with parameters of its own.
///
///     fovea::repeat<3>(fovea::residual{fovea::sequential{fovea::linear<32, 32>{}, fovea::relu{}}})
template <std::size_t Count, class L> constexpr auto repeat(L const& layer) {
  return [&]<std::size_t... J>(std::index_sequence<J...>) {
    return sequential<std::enable_if_t<J + 1 != 0, L>...>((static_cast<void>(J), layer)...);
  }(std::make_index_sequence<Count>{});
}

}  // namespace fovea
