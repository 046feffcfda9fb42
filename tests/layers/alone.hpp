// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fovea/layers/places.hpp>
#include <fovea/training/workspace.hpp>

#include "../backends.hpp"

/// The tensors that a model and a trainer would give a layer or network.
template <class B> struct alone_on {
  using T = typename B::value_type;

  alone_on(B const& b, fovea::detail::network_layout all)
      : backend(b), layout(std::move(all)), parameters(b.template empty<T>(std::array{layout.parameter_count})),
        gradient(tensor_from(b, std::array{layout.parameter_count}, std::vector<double>(layout.parameter_count))),
        state(b.template empty<T>(std::array{layout.state_bytes / sizeof(T)})) {}

  std::byte* state_bytes() { return reinterpret_cast<std::byte*>(fovea::data(state)); }

  B backend;
  fovea::detail::network_layout layout;
  typename B::template tensor<T, 1> parameters, gradient, state;
  fovea::workspace<B> memory;
  fovea::random_draw draw{};
};

/// A layer or network by itself.
template <class B, class L, class Sample> struct alone : alone_on<B> {
  using typename alone_on<B>::T;
  using alone_on<B>::backend, alone_on<B>::layout, alone_on<B>::parameters, alone_on<B>::gradient, alone_on<B>::memory,
      alone_on<B>::draw, alone_on<B>::state_bytes;

  alone(B const& b, L const& l, Sample const& s, std::uint64_t seed = 1)
      : alone_on<B>(b, fovea::detail::layout_of<T>(l, s)), layer(l), sample(s) {
    fovea::detail::initialize(
        layer, sample, fovea::initialization<B>{backend, layout.place, fovea::data(parameters), state_bytes(), seed});
  }

  /// Runs forward, and with dy also backward, on batches; returns nothing: the batches hold the results.
  template <bool Training, bool Differentiates = true, bool Accumulates = false, class X, class Y, class DY, class DX>
  void run(X const& x, Y const& y, DY const& dy, DX const& dx) {
    using P = fovea::pass<B, Training, Differentiates, Accumulates>;
    auto const need = fovea::needs_of<P>(layer, sample, fovea::rows_of(x));
    auto* const at = memory.reserve(backend, need.kept + need.scratch + 64);
    auto* const kept = Differentiates ? at : nullptr;  // as in a model
    P const p{backend,       layout.place, fovea::data(parameters), fovea::data(gradient),
              state_bytes(), kept,         at + need.kept,          draw};
    layer.forward(p, x, y);
    // scratch lasts for one call: make it NaN
    backend.for_each_index(need.scratch,
                           fovea::formulas::fill<unsigned char>{reinterpret_cast<unsigned char*>(at + need.kept), 255});
    if constexpr (Differentiates) layer.backward(p, x, fovea::read_only(y), dy, dx);
  }

  L layer;
  Sample sample;
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
