// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/layers/initialization.hpp>
#include <fovea/layers/pass.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// One parameter tensor of a layer, with PyTorch's name and shape. A tied parameter is the memory of another one, of a layer before
/// it, whose name in the network is `same_as`.
struct parameter_spec {
  std::string_view name;
  shape extents;
  std::string_view same_as = {};
};

/// The first `count` of N parameters: an option may leave out the last ones.
template <std::size_t N> struct parameter_list {
  std::array<parameter_spec, N> all;
  std::size_t count = N;

  constexpr std::size_t size() const { return count; }
  constexpr parameter_spec const& operator[](std::size_t i) const { return all[i]; }
  constexpr auto begin() { return all.begin(); }
  constexpr auto begin() const { return all.begin(); }
  constexpr auto end() { return all.begin() + static_cast<std::ptrdiff_t>(count); }
  constexpr auto end() const { return all.begin() + static_cast<std::ptrdiff_t>(count); }
};

/// What a layer's state is made of: numbers of the backend's value type, or 64-bit counts.
enum class state_kind { number, count };

/// One tensor of a layer's state: what is not learned but saved, such as running statistics. PyTorch's buffers.
struct state_spec {
  std::string_view name;
  shape extents;
  state_kind kind = state_kind::number;
};

/// A minimal backend, with which the concept below checks a layer's members.
struct layer_probe : host_algorithms {
  using value_type = float;
  template <class T, std::size_t> using tensor = matrix_span<layer_probe, T>;
  template <class T, std::size_t Rank> static tensor<T, Rank> empty(std::array<std::size_t, Rank> const&) { return {}; }
};

/// The sample that a layer returns for one of type `Sample`.
template <class L, class Sample>
using output_of = std::remove_cvref_t<decltype(std::declval<L const&>().output(std::declval<Sample const&>()))>;

/// A layer: a small value without tensors, for batches of samples of the type `Sample`.
///
///   auto output(sample) const;                 the sample that it makes of one, `extents<...>` or a tuple of them. A misfit
///                                              is a static_assert where the types know, else a shape_error
///   void forward(p, x, y) const;               computes y from x
///   void backward(p, x, y, dy, dx) const;      computes dx and the parameters' gradient from dy, which it may overwrite;
///                                              writes each once, and computes no dx where it is `nothing`
///
/// p is a `pass`, the rest are batches; x, and y in `backward`, are to be read only. The batches of a call do not overlap. Where
/// `p.accumulates`, the parameters' gradient is added to what is there; dx is not. Formulas that a backend gets are public types of
/// a name. Optional members:
///
///   auto parameters(sample) const;             an array or a list of `parameter_spec`; p.parameter(i), p.gradient_of(i)
///   auto state(sample) const;                  an array of `state_spec`; p.state_of<S>(i), not const if p.training
///   void initialize(initialization, sample) const;      writes the first parameters and state
///   memory needs<P>(sample, rows) const;       the memory of a pass of type P: p.kept and p.scratch, 64-byte aligned
///   auto sample() const;                       its own input's sample, if it knows that
///   static constexpr bool keeps_sample;        true if its output has its input's sample
///   static constexpr bool mixes_rows;          true if, while training, a row's output depends on the other rows
///   static constexpr bool ties_parameters;     true if a parameter is another one's memory. Both are derived from the layers among
///                                              the template arguments; no model can be made of a layer that has to declare
///                                              them for others in it
///   void check_input(b, who, x) const;         throws `argument_error` for an input of the network that it cannot take
///   void check_batch(sample, rows) const;      throws `shape_error` if it cannot be trained on so few rows
///   void validate() const;                     throws `argument_error` for an option outside its domain
///   void validate_in<T>() const;               the same, for one that loses its meaning when it is rounded to T
///   void freeze(sample, from, to) const;       writes its parameters from[i], rearranged, to to[i], for passes with
///   static constexpr bool takes_frozen;        `P::frozen`, which a layer gets only if `takes_frozen`
///   static constexpr bool real_time;           false if, in prediction, `forward` allocates, locks, waits or throws; derived
///                                              from the layers in it, as `mixes_rows` is
///   forward(p, x, y, epilogue), backward(p, x, y, dy, dx, prologue)      what fuses: layers/fusion.hpp
///   for_each_child(sample, f) const;           of a layer made of layers, instead of parameters, state and initialize: calls
///                                              f(child_name, child, sample) for each; child k gets p.child(k, kept, scratch)
///                                              or, if `takes_frozen`, p.child(k, child, kept, scratch)
///
/// Laws: `backward` is the derivative of `forward`. Unless `mixes_rows`, a row of y depends only on the same row of x, not on
/// its position or on the number of rows; on a backend whose `products_by_blas()` is true, a BLAS may break this in the last
/// bits.
/// Counter-example: a layer that draws from a generator of its own; its `backward` could not repeat the draw.
template <class L, class Sample = extents<dynamic>>
concept layer =
    std::copyable<L> && requires(L const l, Sample const s) { l.output(s); } &&
    requires(L const l, pass<layer_probe, true> p, batch_span<layer_probe, float const, Sample> x,
             batch_span<layer_probe, float, Sample> dx, batch_span<layer_probe, float, output_of<L, Sample>> y,
             batch_span<layer_probe, float const, output_of<L, Sample>> made) {
      l.forward(p, x, y);
      l.backward(p, x, made, y, dx);
    };

/// The name of a layer in another one, as it stands in the names of parameters: a number, or a text.
struct child_name {
  std::size_t number;
  char const* text = nullptr;
  friend std::string to_string(child_name const& n) { return n.text ? n.text : std::to_string(n.number); }
};

namespace detail {

struct ignore_child {
  template <class L, class S> constexpr void operator()(child_name, L const&, S const&) const {}
};

}  // namespace detail

/// A layer made of layers.
template <class L, class Sample>
concept composite = requires(L const l, Sample const s) { l.for_each_child(s, detail::ignore_child{}); };

/// A layer that knows its own input's sample.
template <class L>
concept knows_sample = requires(L const l) { l.sample(); };

namespace detail {

template <class L> inline constexpr bool keeps_sample = false;
template <class L>
  requires requires { L::keeps_sample; }
inline constexpr bool keeps_sample<L> = L::keeps_sample;

template <class... A> struct type_list {};
/// The template arguments of a type that has only types for them: among them are the layers that a layer is made of.
template <class L> inline constexpr type_list<> type_arguments{};
template <template <class...> class L, class... A> inline constexpr type_list<A...> type_arguments<L<A...>>{};

template <class L> inline constexpr bool declares_mixes_rows = requires { L::mixes_rows; };
template <class L> constexpr bool mixes_rows_of() {
  if constexpr (declares_mixes_rows<L>) return L::mixes_rows;
  else
    return []<class... A>(type_list<A...>) {
      return (detail::mixes_rows_of<A>() || ...);
    }(type_arguments<std::remove_cv_t<L>>);
}
template <class L> constexpr bool ties_parameters_of() {
  if constexpr (requires { L::ties_parameters; }) return L::ties_parameters;
  else
    return []<class... A>(type_list<A...>) {
      return (detail::ties_parameters_of<A>() || ...);
    }(type_arguments<std::remove_cv_t<L>>);
}

}  // namespace detail

/// True if, while training, a row of the layer's output depends on the other rows of its input: as the layer declares, else if it is
/// true of one of its template arguments.
template <class L> inline constexpr bool mixes_rows = detail::mixes_rows_of<L>();

/// True if a parameter of the layer is tied to another one's memory, so that gradients are added up: as the layer declares, else if it
/// is true of one of its template arguments.
template <class L> inline constexpr bool ties_parameters = detail::ties_parameters_of<L>();

/// Returns the parameters that a layer declares; an empty array where it declares none.
template <class L, class S> constexpr auto parameters_of(L const& l, S const& sample) {
  if constexpr (requires { l.parameters(sample); }) return l.parameters(sample);
  else return std::array<parameter_spec, 0>{};
}
/// Returns the state that a layer declares; an empty array where it declares none.
template <class L, class S> constexpr auto state_of(L const& l, S const& sample) {
  if constexpr (requires { l.state(sample); }) return l.state(sample);
  else return std::array<state_spec, 0>{};
}
/// Returns the memory that a layer asks for; none where it asks for none.
template <class P, class L, class S> constexpr memory needs_of(L const& l, S const& sample, std::size_t rows) {
  if constexpr (requires { l.template needs<P>(sample, rows); }) return l.template needs<P>(sample, rows);
  else return {};
}

/// Returns the number of the layer's parameters, each element counted.
template <class L, class S> constexpr std::size_t parameter_count(L const& l, S const& sample) {
  std::size_t n = 0;
  if constexpr (composite<L, S>)
    l.for_each_child(sample,
                     [&](child_name, auto const& child, auto const& s) { n += fovea::parameter_count(child, s); });
  else
    for (auto const& p : fovea::parameters_of(l, sample)) n += p.same_as.empty() ? p.extents.size() : 0;
  return n;
}

template <knows_sample L> constexpr std::size_t parameter_count(L const& l) {
  return fovea::parameter_count(l, l.sample());
}

}  // namespace fovea
