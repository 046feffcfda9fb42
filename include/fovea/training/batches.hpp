// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include <fovea/data/dataset.hpp>
#include <fovea/layers/pass.hpp>
#include <fovea/training/batch_formulas.hpp>
#include <fovea/training/inputs.hpp>
#include <fovea/training/workspace.hpp>

/// A batch of a data set: one block for each of its tensors, which knows the tensor, its columns and where gathered rows go.
namespace fovea::detail {

template <std::size_t Columns, class X> auto block_of(X const& x, std::size_t columns) {
  return formulas::column_block<value_of<X>, Columns>{fovea::data(x), nullptr, columns};
}
template <tensor X, std::size_t... E> auto input_blocks(X const& x, extents<E...> const& sample) {
  return std::tuple{detail::block_of<static_size_of<extents<E...>>>(x, sample.size())};
}
template <class... X, class... S> auto input_blocks(std::tuple<X...> const& x, std::tuple<S...> const& samples) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::tuple_cat(detail::input_blocks(std::get<K>(x), std::get<K>(samples))...);
  }(std::index_sequence_for<S...>{});
}

/// Returns the blocks of a data set: its inputs, its targets, its weights and mask.
template <std::size_t TargetColumns, class B, class X, class Y, class... D, class Sample>
auto blocks_of(dataset<B, X, Y, D...> const& data, Sample const& sample, std::size_t target_columns) {
  return std::tuple_cat(detail::input_blocks(data.features, sample),
                        std::tuple{detail::block_of<TargetColumns>(data.targets, target_columns)},
                        std::apply(
                            [](D const&... o) {
                              return std::tuple<decltype(detail::block_of<dynamic>(o.numbers, 0))...>{
                                  detail::block_of<dynamic>(o.numbers, fovea::shape_of(o.numbers)[1])...};
                            },
                            data.options));
}

/// Returns the blocks as one member of a formula.
template <class... Rest> auto prepended(formulas::column_blocks<Rest...> const& rest) { return rest; }
template <class... Rest, class Block, class... More>
auto prepended(formulas::column_blocks<Rest...> const& rest, Block const& block, More const&... more) {
  return detail::prepended(formulas::column_blocks<Block, Rest...>{block, rest}, more...);
}
template <class... Block> auto together(std::tuple<Block...> const& blocks) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return detail::prepended(formulas::column_blocks<>{}, std::get<sizeof...(K) - 1 - K>(blocks)...);
  }(std::index_sequence_for<Block...>{});
}

/// Gives each block memory for its gathered rows, and returns them as one formula's member.
template <backend B, class... Block>
auto with_memory(B const& b, workspace<B>& memory, std::size_t rows, std::tuple<Block...>& blocks) {
  auto const bytes = [&](auto const& block) {
    return pass<B, true>::template bytes<std::byte>(rows * block.columns() * sizeof(*block.destination));
  };
  std::apply(
      [&](auto&... block) {
        auto* at = memory.reserve(b, (std::size_t{0} + ... + bytes(block)));
        ((block.destination = reinterpret_cast<decltype(block.destination)>(at), at += bytes(block)), ...);
      },
      blocks);
  return detail::together(blocks);
}
/// Gathers rows of an epoch's order, from number `first` on, to the blocks' memory.
template <backend B, class Blocks>
void gather(B const& b, Blocks const& blocks, permutation const& order, std::size_t first, std::size_t rows) {
  using one = formulas::gather<Blocks>;
  using several = formulas::gather_rows<one>;
  one const batch{order, blocks, first};
  if constexpr (std::same_as<typename B::memory, host_memory>)
    b.for_each_index((rows + several::at_once - 1) / several::at_once, several{batch, rows});
  else b.for_each_index(rows, batch);
}

/// Returns the input batch from block K on; `start(block)` is where a block's rows begin.
template <std::size_t K, class B, class Blocks, std::size_t... E, class Start>
auto batch_of_blocks(Blocks const& blocks, extents<E...> const& sample, std::size_t rows, Start const& start) {
  auto const* const at = start(std::get<K>(blocks));
  using T = std::remove_cvref_t<decltype(*at)>;
  return fovea::reshaped(vector_span<B, T const>{at, extents<dynamic>({rows})}, sample);
}
template <std::size_t, class B, class Blocks, class... S, class Start>
auto batch_of_blocks(Blocks const& blocks, std::tuple<S...> const& samples, std::size_t rows, Start const& start) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::tuple{detail::batch_of_blocks<K, B>(blocks, std::get<K>(samples), rows, start)...};
  }(std::index_sequence_for<S...>{});
}

/// Returns the blocks from number First on, the weights and the mask, as matrices.
template <std::size_t First, class B, class... Block, class Start>
auto spans_from(std::tuple<Block...> const& blocks, std::size_t rows, Start const& start) {
  using span = matrix_span<B, typename B::value_type const>;
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::array<span, sizeof...(K)>{
        span{start(std::get<First + K>(blocks)),
             extents<dynamic, dynamic>({rows, std::get<First + K>(blocks).columns()})}...};
  }(std::make_index_sequence<sizeof...(Block) - First>{});
}

}  // namespace fovea::detail
