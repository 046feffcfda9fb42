// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include <fovea/layers/fusion.hpp>
#include <fovea/tensor/first_outside.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

namespace formulas {

/// Copies one element of a row of the table; NaN for an index outside of it, which nothing is read for.
template <class T, class Index> struct look_up {
  T const* table;
  Index const* indices;
  T* destination;
  std::size_t rows, width;
  T missing;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = indices[i / width];
    destination[i] = row >= Index(0) && static_cast<std::uint64_t>(row) < rows
                         ? table[static_cast<std::size_t>(row) * width + i % width]
                         : missing;
  }
};
/// Adds column i of all rows of dy, in order, to the rows of the table that they came from.
template <class T, class Index> struct add_rows {
  T const* dy;
  Index const* indices;
  T* table;
  std::size_t count, rows, width;
  std::int64_t padding;
  FOVEA_HD void operator()(std::size_t column) const {
    for (std::size_t k = 0; k != count; ++k) {
      auto const row = indices[k];
      if (row < Index(0) || static_cast<std::uint64_t>(row) >= rows || static_cast<std::int64_t>(row) == padding)
        continue;
      table[static_cast<std::size_t>(row) * width + column] += dy[k * width + column];
    }
  }
};

}  // namespace formulas

/// Turns each integer of a sample into a vector, a row of the parameter `weight` (Count, Width): PyTorch's Embedding. Its input
/// holds integers in [0, Count), of any integer type, and has no gradient; `input<n>` says how many a sample has.
///
/// Vectors start standard normal, as in PyTorch. The one at `padding_index` starts at 0 and is not trained. `validate()` throws
/// `argument_error` unless count and width are at least 1 and the padding index is below count.
///
///     constexpr fovea::sequential net{fovea::input<4>{}, fovea::embedding<1000, 16>{}, fovea::flatten{}, fovea::linear<64, 2>{}};
template <std::size_t Count = dynamic, std::size_t Width = dynamic> struct embedding {
  [[no_unique_address]] extent<Count> count = {};
  [[no_unique_address]] extent<Width> width = {};
  std::optional<std::size_t> padding_index = std::nullopt;

  template <std::size_t... E> constexpr extents<E..., Width> output(extents<E...> const& sample) const {
    std::array<std::size_t, sizeof...(E) + 1> all{};
    for (std::size_t i = 0; i != sizeof...(E); ++i) all[i] = sample.extent(i);
    all.back() = width;
    return extents<E..., Width>(all);
  }
  template <class S> constexpr std::array<parameter_spec, 1> parameters(S const&) const {
    return {{{"weight", shape(std::array<std::size_t, 2>{count, width})}}};
  }
  void validate() const {
    require(count > 0 && width > 0, "embedding: count and width must be at least 1", 0);
    require(!padding_index || *padding_index < count, "embedding: padding_index must be below count",
            static_cast<double>(padding_index.value_or(0)));
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const&) const {
    to.normal(0, std::size_t{count} * width);
    if (padding_index) to.fill_from(0, *padding_index * width, width, 0);
  }
  /// Throws `argument_error`, which names the first row, for an integer outside [0, count). Waits for the backend.
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    auto const last_row = static_cast<double>(count - 1);
    if (auto const wrong = detail::first_outside(b, 0, last_row, x))
      throw argument_error(std::string(who) + ": row " + std::to_string(wrong->index / fovea::sample_of(x).size()) +
                           " has " + detail::to_shortest(wrong->value) +
                           ", and the embedding takes integers from 0 to " + detail::to_shortest(last_row));
  }

  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    using T = typename P::value_type;
    using Index = index_type<X>;
    p.backend.for_each_index(y.extents.size(),
                             formulas::look_up<T, Index>{p.parameter(0), x.elements, y.elements, count, width,
                                                         std::numeric_limits<T>::quiet_NaN()});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const&) const {
    static_assert(std::same_as<DX, nothing>, "embedding: integers have no gradient");
    using T = typename P::value_type;
    auto* const table = p.gradient_of(0);
    if constexpr (!P::accumulates) p.backend.for_each_index(std::size_t{count} * width, formulas::fill<T>{table, T(0)});
    p.backend.for_each_index(width, formulas::add_rows<T, index_type<X>>{
                                        dy.elements, x.elements, table, x.extents.size(), count, width,
                                        padding_index ? static_cast<std::int64_t>(*padding_index) : std::int64_t{-1}});
  }

 private:
  template <class X> static auto index_type_of() {
    using Index = std::remove_cvref_t<decltype(*std::declval<X const&>().elements)>;
    static_assert(std::integral<Index>, "embedding: takes integers, as the first layer of its input");
    if constexpr (std::integral<Index>) return Index{};
    else return int{};
  }
  template <class X> using index_type = decltype(index_type_of<X>());
};
embedding(std::size_t, std::size_t) -> embedding<dynamic, dynamic>;

}  // namespace fovea
