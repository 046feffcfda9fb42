// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/distributed/communicator.hpp>
#include <fovea/tensor/shape.hpp>

/// What ranks tell each other between steps: numbers of the host, and whether one of them has failed.
namespace fovea::detail {

/// Calls f with a copy of the numbers in the backend's memory, and copies them back.
template <backend B, class T, class F> void in_memory_of(B const& b, std::span<T> numbers, F const& f) {
  if (numbers.empty()) return;
  auto there = b.template empty<T>(std::array{numbers.size()});
  b.copy(static_cast<T const*>(numbers.data()), fovea::data(there), numbers.size());
  f(std::span<T>(fovea::data(there), numbers.size()));
  b.copy(static_cast<T const*>(fovea::data(there)), numbers.data(), numbers.size());
  b.synchronize();
}

/// Gives all ranks the first rank's numbers: `visit` of `for_each_state`.
template <backend B, class C> struct broadcast_state {
  B const& backend;
  C const& ranks;

  template <class T> void operator()(std::string const&, shape const& extents, T* numbers) const {
    ranks.broadcast(backend, std::span<T>(numbers, extents.size()), 0);
  }
  template <class N>
    requires std::is_arithmetic_v<N>
  void operator()(std::string const&, N& number) const {
    using wide = std::conditional_t<std::floating_point<N>, double, std::int64_t>;
    std::array one{static_cast<wide>(number)};
    (*this)(std::span<wide>(one));
    number = static_cast<N>(one[0]);
  }
  template <class T> void operator()(std::span<T> numbers, std::size_t root = 0) const {
    detail::in_memory_of(backend, numbers, [&](std::span<T> there) { ranks.broadcast(backend, there, root); });
  }
};

/// Returns the numbers of all ranks, in their order.
template <backend B, class C>
std::vector<std::int64_t> gathered(B const& b, C const& ranks, std::vector<std::int64_t> own) {
  auto const n = own.size();
  own.resize(n * (1 + ranks.size()));
  detail::in_memory_of(b, std::span<std::int64_t>(own), [&](std::span<std::int64_t> there) {
    ranks.all_gather(b, std::span<std::int64_t const>(there.first(n)), there.subspan(n));
  });
  return {own.begin() + static_cast<std::ptrdiff_t>(n), own.end()};
}

/// Returns a text of one rank on all of them.
template <backend B, class C>
std::string broadcast_text(B const& b, C const& ranks, std::string const& text, std::size_t root) {
  std::array length{static_cast<std::int64_t>(text.size())};
  broadcast_state<B, C> const broadcast{b, ranks};
  broadcast(std::span<std::int64_t>(length), root);
  std::vector<std::int64_t> letters(text.begin(), text.end());
  letters.resize(static_cast<std::size_t>(length[0]));
  broadcast(std::span<std::int64_t>(letters), root);
  std::string result;
  for (auto const letter : letters) result += static_cast<char>(letter);
  return result;
}

/// What a call has thrown, if it has.
struct attempt {
  std::exception_ptr error = nullptr;
  std::string what = {};

  template <class F> explicit attempt(F const& f) {
    try {
      f();
    } catch (std::exception const& e) {
      error = std::current_exception(), what = e.what();
    } catch (...) {
      error = std::current_exception(), what = "an exception";
    }
  }
  static constexpr std::int64_t failed = -1;
  /// Given a number of each rank, throws on all ranks if one of them is `failed`: on these what they have caught, on the others
  /// `distributed_error`, which names the first of them and says what its exception does.
  template <backend B, class C> void settle(B const& b, C const& ranks, std::vector<std::int64_t> const& all) const {
    auto const first = std::ranges::find(all, failed);
    if (first == all.end()) return;
    auto const rank = static_cast<std::size_t>(first - all.begin());
    auto const words = detail::broadcast_text(b, ranks, what, rank);
    if (error) std::rethrow_exception(error);
    throw distributed_error("rank " + std::to_string(rank) + ": " + words);
  }
};

/// Calls f on each rank. If it throws on some of them, all throw; see `attempt::settle`.
template <backend B, class C, class F> void agree(B const& b, C const& ranks, F const& f) {
  attempt const here(f);
  here.settle(b, ranks, detail::gathered(b, ranks, {here.error ? attempt::failed : 0}));
}

/// What all ranks must have alike: a noun, and a hash.
using alike = std::pair<std::string, std::uint64_t>;

/// Throws `distributed_error` on all ranks, which names the first that differs from rank 0, and in what.
template <backend B, class C> void require_alike(B const& b, C const& ranks, std::vector<alike> const& here) {
  std::vector<std::int64_t> own;
  for (auto const& one : here) own.push_back(static_cast<std::int64_t>(one.second));
  auto const all = detail::gathered(b, ranks, own);
  for (std::size_t r = 1; r < ranks.size(); ++r)
    for (std::size_t i = 0; i != own.size(); ++i)
      if (all[r * own.size() + i] != all[i])
        throw distributed_error("trainer: rank " + std::to_string(r) + " has another " + here[i].first +
                                " than rank 0; all ranks must have the same");
}

}  // namespace fovea::detail
