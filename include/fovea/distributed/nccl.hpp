// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>

#include <nccl.h>

#include <fovea/distributed/communicator.hpp>
#include <fovea/distributed/parallel_options.hpp>
#include <fovea/error.hpp>

namespace fovea {

namespace detail {

/// Throws `distributed_error`, which quotes NCCL, if a call failed.
inline void check_nccl(ncclResult_t code, char const* call) {
  if (code != ncclSuccess) throw distributed_error(std::string("nccl: ") + call + ": " + ncclGetErrorString(code));
}

/// The type of numbers that NCCL adds.
template <class T> constexpr ncclDataType_t nccl_type() {
  static_assert(std::same_as<T, float> || std::same_as<T, double>, "nccl: sums are of float or double");
  return std::same_as<T, float> ? ncclFloat : ncclDouble;
}

}  // namespace detail

/// A backend of a device, whose verbs run on a stream.
template <class B>
concept on_stream = requires(B const& b) {
  { b.stream() } -> std::convertible_to<cudaStream_t>;
};

/// The ranks of an NCCL communicator, one device each, which stays the caller's. Verbs are enqueued on the backend's stream and wait
/// for nothing; each first throws `distributed_error` if an earlier one has failed.
///
///     fovea::trainer trainer{fovea::thrust_backend{}, net, loss, fovea::adam{}, {.communicator = fovea::nccl{ranks}}};
class nccl {
 public:
  explicit nccl(ncclComm_t ranks) : ranks_(ranks) {
    if (ranks == nullptr) throw argument_error("nccl: the communicator is null");
    int rank = 0, size = 0;
    detail::check_nccl(ncclCommUserRank(ranks, &rank), "ncclCommUserRank");
    detail::check_nccl(ncclCommCount(ranks, &size), "ncclCommCount");
    rank_ = static_cast<std::size_t>(rank), size_ = static_cast<std::size_t>(size);
  }

  std::size_t rank() const { return rank_; }
  std::size_t size() const { return size_; }

  template <on_stream B, class T> void all_reduce(B const& b, std::span<T> numbers) const {
    check_ranks();
    detail::check_nccl(ncclAllReduce(numbers.data(), numbers.data(), numbers.size(), detail::nccl_type<T>(), ncclSum,
                                     ranks_, b.stream()),
                       "ncclAllReduce");
  }
  template <on_stream B, class T> void reduce_scatter(B const& b, std::span<T const> all, std::span<T> own) const {
    check_ranks();
    detail::check_nccl(
        ncclReduceScatter(all.data(), own.data(), own.size(), detail::nccl_type<T>(), ncclSum, ranks_, b.stream()),
        "ncclReduceScatter");
  }
  template <on_stream B, class T> void all_gather(B const& b, std::span<T const> own, std::span<T> all) const {
    check_ranks();
    detail::check_nccl(ncclAllGather(own.data(), all.data(), own.size_bytes(), ncclInt8, ranks_, b.stream()),
                       "ncclAllGather");
  }
  template <on_stream B, class T> void broadcast(B const& b, std::span<T> numbers, std::size_t root) const {
    check_ranks();
    detail::check_nccl(ncclBroadcast(numbers.data(), numbers.data(), numbers.size_bytes(), ncclInt8,
                                     static_cast<int>(root), ranks_, b.stream()),
                       "ncclBroadcast");
  }
  template <on_stream B, class T>
  void exchange(B const& b, std::size_t partner, std::span<T const> to, std::span<T> from) const {
    check_ranks();
    auto const with = static_cast<int>(partner);
    detail::check_nccl(ncclGroupStart(), "ncclGroupStart");  // else the two would wait for each other
    auto const sent = ncclSend(to.data(), to.size_bytes(), ncclInt8, with, ranks_, b.stream());
    auto const received = ncclRecv(from.data(), from.size_bytes(), ncclInt8, with, ranks_, b.stream());
    detail::check_nccl(ncclGroupEnd(), "ncclGroupEnd");
    detail::check_nccl(sent, "ncclSend"), detail::check_nccl(received, "ncclRecv");
  }
  template <on_stream B> void barrier(B const& b) const {
    auto one = b.template empty<float>(std::array<std::size_t, 1>{1});
    all_reduce(b, std::span<float>(fovea::data(one), 1));
    b.synchronize();
  }
  /// Prints the sentence to standard error and aborts the communicator, which is an error on the other ranks.
  void fail(std::string const& sentence) const {
    std::fprintf(stderr, "fovea: %s\n", sentence.c_str());
    std::fflush(stderr);
    static_cast<void>(ncclCommAbort(ranks_));
  }

 private:
  void check_ranks() const {
    ncclResult_t code = ncclSuccess;
    detail::check_nccl(ncclCommGetAsyncError(ranks_, &code), "ncclCommGetAsyncError");
    if (code != ncclSuccess && code != ncclInProgress)
      throw distributed_error("nccl: rank " + std::to_string(rank_) +
                              " has lost the others: " + ncclGetErrorString(code));
  }

  ncclComm_t ranks_;
  std::size_t rank_ = 0, size_ = 1;
};

template <class B, class Net, class Loss, class O>
trainer(B, Net, Loss, O, parallel_options<nccl>) -> trainer<B, Net, Loss, O, nccl>;

}  // namespace fovea
