// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <fovea/error.hpp>
#include <fovea/tensor/backend.hpp>

namespace fovea {

/// Thrown on every rank if ranks disagree, and on the others if a rank failed; the message names the rank.
struct distributed_error : error {
  using error::error;
};

/// Ranks that train together: processes of MPI, devices with NCCL, or threads. A communicator is a small value, cheap to copy. Its verbs take a backend and spans of numbers in that backend's memory: of the backend's value type, of doubles, and
/// where nothing is added, of 64-bit integers. All ranks call the same verbs in the same order with spans of the same length.
///
///   rank(), size()                       this rank's number, from 0; the number of ranks
///   all_reduce(b, numbers)               makes each number the sum over all ranks
///   reduce_scatter(b, all, own)          rank r gets part r of the sum of `all`, which has size() parts of own.size() numbers
///   all_gather(b, own, all)              part r of `all` becomes `own` of rank r
///   broadcast(b, numbers, root)          all ranks get the root's numbers
///   exchange(b, partner, out, in)        sends `out` to a rank, which has this one as its partner, and receives its numbers; a rank
///                                        may be its own partner
///   barrier(b)                           returns when all ranks have called it
///   fail(sentence)                       ends all ranks; each learns the sentence. May return, on the rank that calls it.
///
/// Laws:
/// * Order: a verb sees the effects of the backend's verbs before it, and those after it see its own.
/// * Agreement: after all_reduce, all_gather and broadcast, all ranks have the same bits.
/// * Bits: the same calls on the same ranks give the same bits in every run. (fovea's `reproducible` sum also gives them on other
///   numbers of ranks: it uses `exchange` alone.)
/// * One rank: no verb changes a bit.
/// * Failure: if a rank fails or is lost, a verb on another rank does not wait forever.
///
/// Counter-example: an all_reduce that adds in order of arrival; two ranks may then differ in the last bit, and drift apart.
template <class C, class B>
concept communicator = backend<B> && std::copyable<C> &&
                       requires(C const c, B const b, std::span<typename B::value_type> numbers,
                                std::span<typename B::value_type const> read, std::span<std::int64_t> integers,
                                std::span<double> doubles, std::size_t rank, std::string const& sentence) {
                         { c.rank() } -> std::same_as<std::size_t>;
                         { c.size() } -> std::same_as<std::size_t>;
                         c.all_reduce(b, numbers);
                         c.all_reduce(b, doubles);
                         c.reduce_scatter(b, read, numbers);
                         c.all_gather(b, read, numbers);
                         c.broadcast(b, numbers, rank);
                         c.broadcast(b, integers, rank);
                         c.exchange(b, rank, read, numbers);
                         c.exchange(b, rank, std::span<double const>(doubles), doubles);
                         c.barrier(b);
                         c.fail(sentence);
                       };

/// One process: the communicator of a trainer that is given none. Its trainer contains no code for several ranks.
struct alone {
  static constexpr std::size_t rank() { return 0; }
  static constexpr std::size_t size() { return 1; }
  template <class B, class T> void all_reduce(B const&, std::span<T>) const {}
  template <class B, class T> void reduce_scatter(B const& b, std::span<T const> all, std::span<T> own) const {
    b.copy(all.data(), own.data(), own.size());
  }
  template <class B, class T> void all_gather(B const& b, std::span<T const> own, std::span<T> all) const {
    b.copy(own.data(), all.data(), own.size());
  }
  template <class B, class T> void broadcast(B const&, std::span<T>, std::size_t) const {}
  template <class B, class T> void exchange(B const& b, std::size_t, std::span<T const> to, std::span<T> from) const {
    b.copy(to.data(), from.data(), to.size());
  }
  template <class B> void barrier(B const&) const {}
  static void fail(std::string const&) {}
};

struct trainer_options;
template <class C> struct parallel_options;

namespace detail {

/// The options of a trainer on a communicator.
template <class C> struct options_on {
  using type = parallel_options<C>;
};
template <> struct options_on<alone> {
  using type = trainer_options;
};

/// What a trainer on the ranks of a communicator does besides: see data_parallel.hpp. Alone, it does nothing.
template <class B, class C> class data_parallel;
template <class B> class data_parallel<B, alone> {
 public:
  template <class Options, class Model, class Updater>
  data_parallel(B const&, Options const&, Model const&, Updater&) {}

  static constexpr bool shares() { return false; }
  static constexpr std::size_t rank() { return 0; }
  static constexpr std::size_t ranks() { return 1; }
  static constexpr std::size_t rows() { return 0; }
  static constexpr std::size_t first_row() { return 0; }
  static constexpr double fraction(std::size_t) { return 1; }
  template <class Total> static constexpr bool adds(Total const&) { return false; }
  static constexpr bool sharded() { return false; }
  static constexpr bool counts() { return true; }
  static constexpr bool mixes_ranks() { return false; }
  static constexpr std::nullptr_t shared() { return nullptr; }
  template <class Total> static constexpr void keep_divisor(Total const&) {}
  template <class Updater> static void gather_state(Updater&) {}
  template <class T> static void gather_parameters(T*) {}
  static constexpr bool any(bool here) { return here; }
  template <class F> static decltype(auto) guard(F const& f) { return f(); }
  template <class F> static void agree(F const& f) { f(); }
  template <class F> static std::size_t agree_on_rows(F const& f) { return f(); }
  template <class Gradient, class F>
  static auto batch(Gradient&, std::byte*, std::size_t, bool, bool several, F const& run) {
    return run(several);
  }
  static constexpr void require_same(char const*, std::array<std::size_t, 2>) {}
  template <class Report> static void agree_on(Report&) {}
  template <class... A> static void begin(A&&...) {}
  template <class State> static void begin_once(State&) {}
  /// Calls f with the numbers of rows that run at once in an epoch of these steps.
  template <class Steps, class F> static void for_each_size(Steps const& steps, std::size_t batch_rows, F const& f) {
    f(batch_rows), f(steps.rows % batch_rows);
  }
};

}  // namespace detail

}  // namespace fovea
