// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fovea/scalar/random_draw.hpp>
#include <fovea/tensor/backend.hpp>

namespace fovea {

/// The input width of a layer that accepts any width.
inline constexpr std::size_t any_width = dynamic - 1;

/// One parameter tensor of a layer, with PyTorch's name and shape.
struct parameter_spec {
  std::string_view name;
  shape extents;
};

/// A batch of rows, the input and output of a layer. The width is part of the type if it is known at compile time.
template <class B, class T, std::size_t Width = dynamic> using batch_span = matrix_span<B, T, dynamic, Width>;

/// A minimal backend, with which the concepts below check a layer's members.
struct layer_probe : host_algorithms {
  using value_type = float;
  template <class T, std::size_t> using tensor = matrix_span<layer_probe, T>;
  template <class T, std::size_t Rank> static tensor<T, Rank> empty(std::array<std::size_t, Rank> const&) { return {}; }
};
static_assert(backend<layer_probe>);

/// A layer: a small value without tensors that describes its widths and parameters. A model keeps all parameters in one
/// flat tensor; a layer's members get a pointer to the layer's first parameter there.
///
///   static constexpr std::size_t input_width;                      N, `dynamic` or `any_width`
///   template <std::size_t W> static constexpr std::size_t output_width;   for W inputs: a number or `dynamic`
///   std::size_t inputs() const, outputs(std::size_t width) const;  both at run time; inputs() may be `any_width`
///   auto parameters(std::size_t width) const;                      an array of parameter_spec, in storage order
///   void initialize(b, T* parameters, width, seed, first_index)    writes the initial parameters; first_index is the
///                                                                  offset of the first one in the model
///   void forward(b, T const* parameters, x, y)                     computes y from x
///   void backward(b, T const* parameters, x, y, dy, dx, T* dparameters)
///        computes dx and dparameters from dy, which it may overwrite; dx.elements is null if dx is not needed
///
/// Laws: `backward` is the derivative of `forward`. A row of y depends only on the same row of x, not on its position or on
/// the number of rows; on a backend whose `products_by_blas()` is true, a BLAS may break this in the last bits.
/// Counter-example: a layer that normalizes over the batch.
template <class L>
concept layer = std::copyable<L> && requires(L const l, std::size_t n, layer_probe b, float const* p, float* dp,
                                             batch_span<layer_probe, float const> x, batch_span<layer_probe, float> y) {
  { L::input_width } -> std::convertible_to<std::size_t>;
  { L::template output_width<1> } -> std::convertible_to<std::size_t>;
  { l.inputs() } -> std::same_as<std::size_t>;
  { l.outputs(n) } -> std::same_as<std::size_t>;
  l.parameters(n).size();
  l.initialize(b, dp, n, std::uint64_t{}, std::uint64_t{});
  l.forward(b, p, x, y);
  l.backward(b, p, x, y, y, y, dp);
};

/// A layer that behaves differently in training: there `forward` and `backward` take a `random_draw` as last argument, the
/// same for both in one step. Without it they compute the layer's prediction.
///
/// Laws: `backward` with a draw is the derivative of `forward` with the same draw.
/// Counter-example: a layer that draws from a generator of its own; its `backward` could not repeat the draw.
template <class L>
concept stochastic_layer =
    layer<L> && requires(L const l, layer_probe b, float const* p, float* dp, batch_span<layer_probe, float const> x,
                         batch_span<layer_probe, float> y, random_draw draw) {
      l.forward(b, p, x, y, draw);
      l.backward(b, p, x, y, y, y, dp, draw);
    };

/// Returns the total number of elements of the layer's parameters.
template <layer L> constexpr std::size_t parameter_count(L const& l, std::size_t width) {
  std::size_t n = 0;
  for (auto const& p : l.parameters(width)) n += p.extents.size();
  return n;
}

}  // namespace fovea
