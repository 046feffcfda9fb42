// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <fovea/layers/places.hpp>
#include <fovea/training/workspace.hpp>

#include "../backends.hpp"

/// A layer or network by itself, with the tensors that a model and a trainer would give it.
template <class B, class L, class Sample> class alone {
 public:
  using T = typename B::value_type;

  alone(B const& b, L const& l, Sample const& s, std::uint64_t seed = 1)
      : backend(b), layer(l), sample(s), place(fovea::detail::make_place<T>(layer, sample, counts)),
        parameters(b.template empty<T>(std::array{counts.parameters})),
        gradient(tensor_from(b, std::array{counts.parameters}, std::vector<double>(counts.parameters))),
        state(b.template empty<T>(std::array{counts.state / sizeof(T)})) {
    fovea::detail::initialize(layer, sample,
                              fovea::initialization<B>{backend, place, fovea::data(parameters), state_bytes(), seed});
  }

  /// Calls f(name, shape, first element, first element of the gradient) for each parameter, and f(name, shape, kind, bytes) for
  /// each state.
  template <class F> void for_each_parameter(F const& f) {
    fovea::detail::for_each_leaf(
        layer, sample, place, [&](auto const& prefix, auto const& leaf, auto const& s, auto const& here) {
          std::size_t i = 0;
          for (fovea::parameter_spec const& p : fovea::parameters_of(leaf, s)) {
            auto const at = here.parameters[i++];
            f(prefix + std::string(p.name), p.extents, fovea::data(parameters) + at, fovea::data(gradient) + at);
          }
        });
  }
  template <class F> void for_each_state(F const& f) {
    fovea::detail::for_each_leaf(
        layer, sample, place, [&](auto const& prefix, auto const& leaf, auto const& s, auto const& here) {
          std::size_t i = 0;
          for (fovea::state_spec const& t : fovea::state_of(leaf, s))
            f(prefix + std::string(t.name), t.extents, t.kind, state_bytes() + here.state[i++]);
        });
  }

  /// Runs forward, and with dy also backward, on batches; returns nothing: the batches hold the results.
  template <bool Training, bool Differentiates = true, bool Accumulates = false, class X, class Y, class DY, class DX>
  void run(X const& x, Y const& y, DY const& dy, DX const& dx) {
    using P = fovea::pass<B, Training, Differentiates, Accumulates>;
    auto const need = fovea::needs_of<P>(layer, sample, fovea::rows_of(x));
    auto* const at = memory.reserve(backend, need.kept + need.scratch + 64);
    auto* const kept = Differentiates ? at : nullptr;  // as in a model
    P const p{backend,       place, fovea::data(parameters), fovea::data(gradient),
              state_bytes(), kept,  at + need.kept,          draw};
    layer.forward(p, x, y);
    // scratch lasts for one call: make it NaN
    backend.for_each_index(need.scratch,
                           fovea::formulas::fill<unsigned char>{reinterpret_cast<unsigned char*>(at + need.kept), 255});
    if constexpr (Differentiates) layer.backward(p, x, fovea::read_only(y), dy, dx);
  }

  std::byte* state_bytes() { return reinterpret_cast<std::byte*>(fovea::data(state)); }

  B backend;
  L layer;
  Sample sample;
  fovea::detail::layer_counts counts;
  fovea::layer_place place;
  typename B::template tensor<T, 1> parameters, gradient, state;
  fovea::workspace<B> memory;
  fovea::random_draw draw{};
};

/// A batch that owns its elements.
template <class B, class T, class Sample> struct owned_batch {
  owned_batch(B const& b, Sample const& s, std::size_t n, std::vector<double> const& numbers)
      : sample(s), rows(n), elements(b.template empty<T>(std::array{n * s.size()})), backend(b) {
    set(numbers);
  }
  void set(std::vector<double> const& numbers) {
    std::vector<T> const typed(numbers.begin(), numbers.end());
    backend.copy(typed.data(), fovea::data(elements), typed.size());
    backend.synchronize();
  }
  auto span() {
    return fovea::reshaped(fovea::vector_span<B, T>{fovea::data(elements), fovea::extents<fovea::dynamic>({rows})},
                           sample);
  }
  auto read() { return fovea::read_only(span()); }
  std::vector<double> get() const { return to_doubles(to_vector(elements)); }

  Sample sample;
  std::size_t rows;
  typename B::template tensor<T, 1> elements;
  B backend;
};
