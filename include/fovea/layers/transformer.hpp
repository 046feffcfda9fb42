// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>

#include <fovea/layers/activation.hpp>
#include <fovea/layers/attention.hpp>
#include <fovea/layers/dropout.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/normalization.hpp>
#include <fovea/layers/renamed.hpp>
#include <fovea/layers/residual.hpp>
#include <fovea/layers/sequential.hpp>

namespace fovea {

/// The options of `transformer_encoder_layer`, with PyTorch's defaults.
struct transformer_options {
  std::size_t width = 0, heads = 1, dim_feedforward = 2048;  // width: where it is not in the type
  double dropout = 0.1, layer_norm_eps = 1e-5;
  bool causal = false;
};

namespace detail {

/// Returns the extent in the type, or this one.
template <std::size_t N> constexpr extent<N> extent_of(std::size_t number) {
  if constexpr (N == dynamic) return number;
  else return {};
}

}  // namespace detail

/// Returns a block of a transformer's encoder for samples (steps, Width): attention and two linear layers, each with dropout in a
/// residual, and norms after them; before them with `NormFirst`. PyTorch's TransformerEncoderLayer, its names of parameters too. A
/// network of many is `repeat<12>(block)`. Vaswani et al., "Attention is all you need" (2017).
///
///     constexpr auto block = fovea::transformer_encoder_layer<64>({.heads = 4, .dim_feedforward = 256});
///     constexpr fovea::sequential net{fovea::input<32, 64>{}, block, fovea::flatten{}, fovea::linear<32 * 64, 2>{}};
template <std::size_t Width, bool NormFirst = false, class Activation = relu>
constexpr auto transformer_encoder_layer(transformer_options const& o, Activation const& activation = {}) {
  extent<Width> const width = detail::extent_of<Width>(o.width);
  multi_head_attention<Width> const attention{
      .width = width, .heads = o.heads, .causal = o.causal, .dropout = o.dropout};
  linear<Width, dynamic> const first{.in = width, .out = o.dim_feedforward};
  linear<dynamic, Width> const second{.in = o.dim_feedforward, .out = width};
  layer_norm const norm{.epsilon = o.layer_norm_eps};
  dropout const drop{o.dropout};
  using rules = std::array<renaming_rule, 3>;
  // Named by itself, it does not say that its samples are (Width): they are (steps, Width).
  auto const feed = [&](auto const&... norms) {
    if constexpr (NormFirst)
      return renamed{sequential{norms..., first, activation, drop, second, drop},
                     rules{{{"0.", "norm2."}, {"1.", "linear1."}, {"4.", "linear2."}}}};
    else
      return renamed{sequential{first, activation, drop, second, drop},
                     std::array<renaming_rule, 2>{{{"0.", "linear1."}, {"3.", "linear2."}}}};
  };
  if constexpr (NormFirst)
    return renamed{sequential{residual{sequential{norm, attention, drop}}, residual{feed(norm)}},
                   rules{{{"0.body.0.", "norm1."}, {"0.body.1.", "self_attn."}, {"1.body.", ""}}}};
  else
    return renamed{sequential{residual{sequential{attention, drop}}, norm, residual{feed()}, norm},
                   std::array<renaming_rule, 4>{
                       {{"0.body.0.", "self_attn."}, {"1.", "norm1."}, {"2.body.", ""}, {"3.", "norm2."}}}};
}

}  // namespace fovea
