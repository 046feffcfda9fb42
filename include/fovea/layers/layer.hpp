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

/// The width of a layer that takes any.
inline constexpr std::size_t any_width = dynamic - 1;

/// One parameter of a layer, as PyTorch names and shapes it.
struct parameter_spec {
  std::string_view name;
  shape extents;
};

/// A batch of rows: what flows between layers. The width is part of the type where the compiler knows it.
template <class B, class T, std::size_t Width = dynamic> using batch_span = matrix_span<B, T, dynamic, Width>;

/// A backend in name only: what a layer's members are asked to take.
struct layer_probe : host_algorithms {
  using value_type = float;
  template <class T, std::size_t> using tensor = matrix_span<layer_probe, T>;
  template <class T, std::size_t Rank> static tensor<T, Rank> empty(std::array<std::size_t, Rank> const&) { return {}; }
};
static_assert(backend<layer_probe>);

/// A layer is a small value without tensors: it says its widths and parameters, and computes on spans of a model's one
/// flat parameter tensor, beginning where its own parameters do.
///
///   static constexpr std::size_t input_width;                     N, `dynamic`, or `any_width`
///   template <std::size_t W> static constexpr std::size_t output_width;
///   std::size_t inputs() const, outputs(std::size_t width) const;  the same at run time; inputs() may be any_width
///   auto parameters(std::size_t width) const;                      an array of parameter_spec, in the order they lie
///   void initialize(b, T* parameters, width, seed, first_index)    their first values
///   void forward(b, T const* parameters, x, y)                     y from x
///   void backward(b, T const* parameters, x, y, dy, dx, T* dparameters)
///        dx and dparameters from dy, which it may overwrite; dx.elements is null when nobody wants it
///
/// Laws: `backward` is the derivative of `forward`; a row of y depends on that row of x alone, and on neither its place nor
/// the number of rows (where BLAS multiplies, above a width of 64 outputs or 256 inputs: but for the last bits).
/// Counter-example: a layer that normalises over the batch.
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

/// A layer that does something else while it is trained: `forward` and `backward` take a `random_draw` as well, which is the
/// same for both in one step.
template <class L>
concept stochastic_layer =
    layer<L> && requires(L const l, layer_probe b, float const* p, float* dp, batch_span<layer_probe, float const> x,
                         batch_span<layer_probe, float> y, random_draw draw) {
      l.forward(b, p, x, y, draw);
      l.backward(b, p, x, y, y, y, dp, draw);
    };

/// How many numbers a layer's parameters are.
template <layer L> constexpr std::size_t parameter_count(L const& l, std::size_t width) {
  std::size_t n = 0;
  for (auto const& p : l.parameters(width)) n += p.extents.size();
  return n;
}

}  // namespace fovea
