// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include <fovea/layers/embedding.hpp>

namespace fovea {

/// How an `embedding_bag` joins the vectors of a sample.
enum class bag_mode { sum, mean };

namespace formulas {

/// The integers of each row that count, and the rows of the table that they name.
template <class Index> struct bag {
  Index const* indices;
  std::size_t length, count, width;
  std::int64_t padding;
  bool mean;

  FOVEA_HD bool counts(Index index) const { return static_cast<std::int64_t>(index) != padding; }
  FOVEA_HD bool exists(Index index) const { return index >= Index(0) && static_cast<std::uint64_t>(index) < count; }
  /// Returns what each vector of a row is divided by.
  template <class T> FOVEA_HD T divisor(std::size_t row) const {
    std::size_t n = mean ? 0 : 1;
    for (std::size_t k = 0; mean && k != length; ++k) n += counts(indices[row * length + k]) ? 1 : 0;
    return static_cast<T>(n == 0 ? 1 : n);
  }
};
template <class T, class Index> struct sum_bag {
  bag<Index> all;
  T const* table;
  T* to;
  T missing;
  FOVEA_HD void operator()(std::size_t i) const {
    auto const row = i / all.width, column = i % all.width;
    T sum(0);
    for (std::size_t k = 0; k != all.length; ++k) {
      auto const index = all.indices[row * all.length + k];
      if (all.counts(index))
        sum += all.exists(index) ? table[static_cast<std::size_t>(index) * all.width + column] : missing;
    }
    to[i] = sum / all.template divisor<T>(row);
  }
};
/// Adds column i of all rows of dy, in order, to the rows of the table that they came from.
template <class T, class Index> struct add_bags {
  bag<Index> all;
  T const* dy;
  T* table;
  std::size_t rows;
  FOVEA_HD void operator()(std::size_t column) const {
    for (std::size_t row = 0; row != rows; ++row) {
      T const slope = dy[row * all.width + column] / all.template divisor<T>(row);
      for (std::size_t k = 0; k != all.length; ++k) {
        auto const index = all.indices[row * all.length + k];
        if (all.counts(index) && all.exists(index))
          table[static_cast<std::size_t>(index) * all.width + column] += slope;
      }
    }
  }
};

}  // namespace formulas

/// The sum or the mean of the vectors that an `embedding` makes of the integers of a sample (n): PyTorch's EmbeddingBag of bags of one
/// length. Integers that are `padding_index` do not count. Parameters, first numbers and errors are those of `embedding`.
///
///     constexpr fovea::sequential net{fovea::input<4>{}, fovea::embedding_bag<1000, 16>{}, fovea::linear<16, 2>{}};
template <std::size_t Count = dynamic, std::size_t Width = dynamic> struct embedding_bag {
  [[no_unique_address]] extent<Count> count = {};
  [[no_unique_address]] extent<Width> width = {};
  std::optional<std::size_t> padding_index = std::nullopt;
  bag_mode mode = bag_mode::mean;

  template <std::size_t... E> constexpr extents<Width> output(extents<E...> const&) const {
    static_assert(sizeof...(E) == 1, "embedding_bag: takes samples of (integers)");
    return extents<Width>({width});
  }
  template <class S> constexpr std::array<parameter_spec, 1> parameters(S const& sample) const {
    return table().parameters(sample);
  }
  void validate() const { table().validate(); }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    table().initialize(to, sample);
  }
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    table().check_input(b, who, x);
  }
  template <class P, class X, class Y> void forward(P const& p, X const& x, Y const& y) const {
    using T = typename P::value_type;
    p.backend.for_each_index(y.extents.size(),
                             formulas::sum_bag<T, index_type<X>>{bag_of(x), p.parameter(0), y.elements,
                                                                 std::numeric_limits<T>::quiet_NaN()});
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& x, Y const&, DY const& dy, DX const&) const {
    static_assert(std::same_as<DX, nothing>, "embedding_bag: integers have no gradient");
    using T = typename P::value_type;
    auto* const to = p.gradient_of(0);
    if constexpr (!P::accumulates) p.backend.for_each_index(std::size_t{count} * width, formulas::fill<T>{to, T(0)});
    p.backend.for_each_index(
        width, formulas::add_bags<T, index_type<X>>{bag_of(x), fovea::read_only(dy).elements, to, fovea::rows_of(x)});
  }

 private:
  constexpr embedding<Count, Width> table() const {
    return {.count = count, .width = width, .padding_index = padding_index};
  }
  template <class X> using index_type = detail::element_of_batch<X>;
  template <class X> formulas::bag<index_type<X>> bag_of(X const& x) const {
    static_assert(std::integral<index_type<X>>, "embedding_bag: takes integers, as the first layer of its input");
    auto const padding = padding_index ? static_cast<std::int64_t>(*padding_index) : std::int64_t{-1};
    return {x.elements, fovea::sample_of(x).size(), count, width, padding, mode == bag_mode::mean};
  }
};
embedding_bag(std::size_t, std::size_t) -> embedding_bag<dynamic, dynamic>;

}  // namespace fovea
