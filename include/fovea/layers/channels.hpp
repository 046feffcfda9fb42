// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <tuple>

#include <fovea/layers/pass.hpp>
#include <fovea/scalar/formulas.hpp>

namespace fovea {

namespace formulas {

/// Adds up one channel's sums of all rows, in order.
template <class T> struct fold_channel {
  T const* source;  // (rows, channels)
  T* destination;
  std::size_t rows, channels;
  FOVEA_HD void operator()(std::size_t c) const {
    double sum = 0;
    for (std::size_t r = 0; r != rows; ++r) sum += static_cast<double>(source[r * channels + c]);
    destination[c] = static_cast<T>(sum);
  }
};
/// Repeats the channels' numbers for each row.
template <class T> struct repeat_channels {
  T const* source;
  T* destination;
  std::size_t channels;
  FOVEA_HD void operator()(std::size_t i) const { destination[i] = source[i % channels]; }
};
/// Repeats the numbers of groups of neighbouring channels, which each row has of its own, for each channel.
template <class T> struct repeat_groups {
  T const* source;
  T* destination;
  std::size_t size;  // of a group
  FOVEA_HD void operator()(std::size_t i) const { destination[i] = source[i / size]; }
};

}  // namespace formulas

namespace detail {

/// Numbers of (rows, groups): a channel has that of its row and group.
template <class T> struct of_channel_group {
  T const* numbers;
  std::size_t size;  // channels in a group
};

/// The verbs on batches whose samples have channels: the first axis. `Inner`: a channel has several elements, so that a verb's row
/// is one channel of one row, and the channels' numbers are repeated in scratch.
template <class P, bool Inner> struct channel_verbs {
  using T = typename P::value_type;
  P const& p;
  std::size_t rows, channels, inner;
  std::byte* scratch;

  static constexpr std::size_t scratch_bytes(std::size_t rows, std::size_t channels, std::size_t arrays) {
    return Inner ? arrays * P::bytes(rows * channels) : 0;
  }
  /// to[k][c] = the sum over channel c of term k of f(operands..., channels' numbers...).
  template <class F, class... O, class... N>
  void sum(F const& f, std::array<T*, 2> to, std::tuple<O...> const& operands, N const&... numbers) {
    if constexpr (Inner) {
      auto const mark = scratch;
      auto* const first = take();
      auto* const second = to[1] ? take() : first;
      auto const run = [&](auto const&... results) {
        reduce(f, std::tuple{results...}, operands, per_row{repeated(numbers)}...);
      };
      if (to[1]) run(by_row{first}, by_row{second});
      else run(by_row{first});
      p.backend.for_each_index(channels, formulas::fold_channel<T>{first, to[0], rows, channels});
      if (to[1]) p.backend.for_each_index(channels, formulas::fold_channel<T>{second, to[1], rows, channels});
      scratch = mark;
    } else {
      if (to[1]) reduce(f, std::tuple{by_column{to[0]}, by_column{to[1]}}, operands, per_column{numbers}...);
      else reduce(f, std::tuple{by_column{to[0]}}, operands, per_column{numbers}...);
    }
  }
  template <class F, class... O, class... N>
  void for_each(F const& f, std::tuple<O...> const& operands, N const&... numbers) {
    auto const mark = scratch;
    auto const run = [&](auto const&... own) {
      std::apply([&](auto const&... o) { p.backend.for_each(places(), f, o..., own...); }, operands);
    };
    if constexpr (Inner) run(per_row{repeated(numbers)}...);
    else run(per_column{numbers}...);
    scratch = mark;
  }

 private:
  domain<> places() const { return Inner ? domain<>({rows * channels, inner}) : domain<>({rows, channels}); }
  template <class F, class R, class... O, class... N>
  void reduce(F const& f, R const& results, std::tuple<O...> const& operands, N const&... numbers) {
    std::apply([&](auto const&... o) { p.backend.reduce(places(), f, results, o..., numbers...); }, operands);
  }
  T* take() {
    auto* const here = reinterpret_cast<T*>(scratch);
    scratch += P::bytes(rows * channels);
    return here;
  }
  T const* repeated(T const* numbers) {
    auto* const all = take();
    p.backend.for_each_index(rows * channels, formulas::repeat_channels<T>{numbers, all, channels});
    return all;
  }
  T const* repeated(of_channel_group<T> const& given) {
    auto* const all = take();
    p.backend.for_each_index(rows * channels, formulas::repeat_groups<T>{given.numbers, all, given.size});
    return all;
  }
};

}  // namespace detail

}  // namespace fovea
