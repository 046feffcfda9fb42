// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/distributed/communicator.hpp>
#include <fovea/testing/laws/support.hpp>
#include <fovea/testing/report.hpp>

/// The conformance kit of communicators.
namespace fovea::testing {

namespace laws {

/// Calls f with a copy of the numbers in the backend's memory, and returns what it makes of them.
template <class B, class T, class F> std::vector<T> in_memory(B const& b, std::vector<T> numbers, F const& f) {
  buffer<B, T> there(b, numbers);
  f(std::span<T>(there.data(), numbers.size()));
  return there.get();
}
template <class B, class C, class T> std::vector<T> gathered(B const& b, C const& c, std::vector<T> const& own) {
  buffer<B, T> const here(b, own);
  return in_memory(b, std::vector<T>(own.size() * c.size()),
                   [&](std::span<T> all) { c.all_gather(b, std::span<T const>(here.read(), own.size()), all); });
}
/// What a rank brings: whole numbers, so that sums are exact.
template <class T> std::vector<T> brought(std::size_t n, std::size_t rank) { return integers<T>(n, 31 * rank + n); }
template <class T> std::vector<T> sum_of_all(std::size_t n, std::size_t ranks) {
  std::vector<T> sum(n);
  for (std::size_t r = 0; r != ranks; ++r) {
    auto const one = brought<T>(n, r);
    for (std::size_t i = 0; i != n; ++i) sum[i] += one[i];
  }
  return sum;
}

template <class B, class C> void ranks_are_numbered(B const& b, C const& c) {
  hold(c.rank() < c.size(), "rank ", c.rank(), " of ", c.size());
  auto const all = gathered(b, c, std::vector<std::int64_t>{static_cast<std::int64_t>(c.rank())});
  for (std::size_t r = 0; r != c.size(); ++r)
    hold(all[r] == static_cast<std::int64_t>(r), "place ", r, " has ", all[r]);
}
template <class B, class C> void all_reduce_adds(B const& b, C const& c) {
  using T = typename B::value_type;
  for (std::size_t n : sizes{0, 1, 7, 1000}) {
    auto const sum = in_memory(b, brought<T>(n, c.rank()), [&](std::span<T> x) { c.all_reduce(b, x); });
    hold(sum == sum_of_all<T>(n, c.size()), "the sum of ", n, " numbers is another");
  }
}
template <class B, class C> void sums_have_the_same_bits(B const& b, C const& c) {
  using T = typename B::value_type;
  auto own = reals<T>(1000, c.rank());
  for (auto& x : own) x *= x * x / 3;  // of many magnitudes, so that the order of a sum shows
  auto const reduced = [&] { return in_memory(b, own, [&](std::span<T> x) { c.all_reduce(b, x); }); };
  auto const first = reduced(), second = reduced();
  auto const all = gathered(b, c, first);
  hold(first == second, "two runs differ");
  for (std::size_t i = 0; i != all.size(); ++i) hold(all[i] == first[i % 1000], "ranks differ at ", i % 1000);
}
template <class B, class C> void reduce_scatter_gives_each_its_part(B const& b, C const& c) {
  using T = typename B::value_type;
  for (std::size_t n : sizes{1, 7, 300}) {
    auto const whole = sum_of_all<T>(n * c.size(), c.size());
    buffer<B, T> const all(b, brought<T>(n * c.size(), c.rank()));
    auto const own = in_memory(b, std::vector<T>(n), [&](std::span<T> x) {
      c.reduce_scatter(b, std::span<T const>(all.read(), n * c.size()), x);
    });
    for (std::size_t i = 0; i != n; ++i) hold(own[i] == whole[c.rank() * n + i], "number ", i, " of part ", c.rank());
  }
}
template <class B, class C> void all_gather_keeps_the_order(B const& b, C const& c) {
  using T = typename B::value_type;
  for (std::size_t n : sizes{1, 7, 300}) {
    auto const all = gathered(b, c, brought<T>(n, c.rank()));
    for (std::size_t i = 0; i != all.size(); ++i)
      hold(all[i] == brought<T>(n, i / n)[i % n], "number ", i % n, " of rank ", i / n);
  }
}
template <class B, class C> void broadcast_gives_the_roots_numbers(B const& b, C const& c) {
  using T = typename B::value_type;
  for (std::size_t root = 0; root != c.size(); ++root) {
    auto const real = in_memory(b, brought<T>(7, c.rank()), [&](std::span<T> x) { c.broadcast(b, x, root); });
    hold(real == brought<T>(7, root), "from rank ", root);
    auto const whole = in_memory(b, std::vector<std::int64_t>{static_cast<std::int64_t>(c.rank()) << 40},
                                 [&](std::span<std::int64_t> x) { c.broadcast(b, x, root); });
    hold(whole[0] == static_cast<std::int64_t>(root) << 40, "an integer from rank ", root);
  }
}
template <class B, class C> void exchange_swaps(B const& b, C const& c) {
  using T = typename B::value_type;
  auto const partner = (c.rank() ^ 1) < c.size() ? c.rank() ^ 1 : c.rank();
  buffer<B, T> const here(b, brought<T>(300, c.rank()));
  auto const there = in_memory(
      b, std::vector<T>(300), [&](std::span<T> x) { c.exchange(b, partner, std::span<T const>(here.read(), 300), x); });
  hold(there == brought<T>(300, partner), "from rank ", partner);
}
template <class B, class C> void one_rank_changes_no_bit(B const& b, C const& c) {
  using T = typename B::value_type;
  if (c.size() != 1) throw declined_law("there are " + std::to_string(c.size()) + " ranks");
  auto const numbers = reals<T>(1000, 3);
  hold(in_memory(b, numbers, [&](std::span<T> x) { c.all_reduce(b, x), c.broadcast(b, x, 0); }) == numbers,
       "all_reduce");
  hold(gathered(b, c, numbers) == numbers, "all_gather");
}

}  // namespace laws

/// Checks a communicator, for the memory of a backend, against the laws of distributed/communicator.hpp. All ranks call it; each
/// has a report.
///
///     auto const report = fovea::testing::check_communicator(fovea::host_backend<double>{}, ranks);
template <backend B, communicator<B> C>
report check_communicator(B const& b, C const& c, std::string const& name = "the communicator") {
  report all(name);
  using namespace laws;
  auto const law = [&](char const* words, void (*holds)(B const&, C const&)) { all.look(words, [&] { holds(b, c); }); };
  law("ranks are numbered", ranks_are_numbered<B, C>);
  law("all_reduce adds", all_reduce_adds<B, C>);
  law("sums have the same bits", sums_have_the_same_bits<B, C>);
  law("reduce_scatter gives each its part", reduce_scatter_gives_each_its_part<B, C>);
  law("all_gather keeps the order", all_gather_keeps_the_order<B, C>);
  law("broadcast gives the root's numbers", broadcast_gives_the_roots_numbers<B, C>);
  law("exchange swaps", exchange_swaps<B, C>);
  law("one rank changes no bit", one_rank_changes_no_bit<B, C>);
  return all;
}

}  // namespace fovea::testing
