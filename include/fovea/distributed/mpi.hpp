// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <mpi.h>
#if defined(OPEN_MPI) && OPEN_MPI && __has_include(<mpi-ext.h>)
#include <mpi-ext.h>
#endif

#include <fovea/distributed/communicator.hpp>
#include <fovea/distributed/parallel_options.hpp>
#include <fovea/error.hpp>

namespace fovea {

namespace detail {

/// Throws `distributed_error`, which quotes MPI, if a call failed and the communicator's error handler has returned.
inline void check_mpi(int code, char const* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw distributed_error(std::string("mpi: ") + call + ": " + text);
}

/// The type of numbers that MPI adds.
template <class T> MPI_Datatype mpi_type() {
  static_assert(std::same_as<T, float> || std::same_as<T, double>, "mpi: sums are of float or double");
  if constexpr (std::same_as<T, float>) return MPI_FLOAT;
  else return MPI_DOUBLE;
}

/// True if MPI reads and writes the memory of a device.
inline bool mpi_reaches_device() {
#if defined(MPIX_CUDA_AWARE_SUPPORT)
  return MPIX_Query_cuda_support() == 1;
#else
  return false;
#endif
}

}  // namespace detail

/// The ranks of an MPI communicator, which stays the caller's; so do MPI_Init and MPI_Finalize. `piece`: the most elements of one MPI
/// call; larger spans travel by several. The memory of a device is copied to the host, unless MPI reaches it.
/// The constructor throws `argument_error` if MPI is not initialized, is finalized, or if there is no communicator.
///
///     MPI_Init(&argc, &argv);
///     fovea::trainer trainer{backend, net, loss, fovea::adam{}, {.batch_size = 64, .communicator = fovea::mpi{MPI_COMM_WORLD}}};
class mpi {
 public:
  static constexpr std::size_t largest_piece = std::size_t{1} << 30;

  explicit mpi(MPI_Comm ranks, std::size_t piece = largest_piece) : ranks_(ranks), piece_(piece) {
    int begun = 0, ended = 0;
    MPI_Initialized(&begun);
    if (begun == 0) throw argument_error("mpi: MPI is not initialized: call MPI_Init first");
    MPI_Finalized(&ended);
    if (ended != 0) throw argument_error("mpi: MPI_Finalize has been called");
    if (ranks == MPI_COMM_NULL) throw argument_error("mpi: the communicator is MPI_COMM_NULL");
    if (piece == 0 || piece > largest_piece) throw argument_error("mpi: piece must be in 1..2^30");
    int rank = 0, size = 0;
    detail::check_mpi(MPI_Comm_rank(ranks, &rank), "MPI_Comm_rank");
    detail::check_mpi(MPI_Comm_size(ranks, &size), "MPI_Comm_size");
    rank_ = static_cast<std::size_t>(rank), size_ = static_cast<std::size_t>(size);
  }

  std::size_t rank() const { return rank_; }
  std::size_t size() const { return size_; }

  template <class B, class T> void all_reduce(B const& b, std::span<T> numbers) const {
    reached(
        b, {}, numbers,
        [&](std::span<T const>, std::span<T> here) {
          in_pieces(here.size(), [&](std::size_t first, int n) {
            detail::check_mpi(
                MPI_Allreduce(MPI_IN_PLACE, here.data() + first, n, detail::mpi_type<T>(), MPI_SUM, ranks_),
                "MPI_Allreduce");
          });
        },
        true);
  }
  template <class B, class T> void reduce_scatter(B const& b, std::span<T const> all, std::span<T> own) const {
    reached(b, all, own, [&](std::span<T const> from, std::span<T> to) {
      if (to.size() <= piece_) {
        detail::check_mpi(MPI_Reduce_scatter_block(from.data(), to.data(), static_cast<int>(to.size()),
                                                   detail::mpi_type<T>(), MPI_SUM, ranks_),
                          "MPI_Reduce_scatter_block");
        return;
      }
      for (std::size_t r = 0; r != size_; ++r)
        in_pieces(to.size(), [&](std::size_t first, int n) {
          detail::check_mpi(MPI_Reduce(from.data() + r * to.size() + first, to.data() + first, n, detail::mpi_type<T>(),
                                       MPI_SUM, static_cast<int>(r), ranks_),
                            "MPI_Reduce");
        });
    });
  }
  template <class B, class T> void all_gather(B const& b, std::span<T const> own, std::span<T> all) const {
    reached(b, own, all, [&](std::span<T const> from, std::span<T> to) {
      auto const bytes = from.size_bytes();
      if (bytes <= piece_) {
        auto const n = static_cast<int>(bytes);
        detail::check_mpi(MPI_Allgather(from.data(), n, MPI_BYTE, to.data(), n, MPI_BYTE, ranks_), "MPI_Allgather");
        return;
      }
      std::memcpy(to.data() + rank_ * from.size(), from.data(), bytes);
      for (std::size_t r = 0; r != size_; ++r) broadcast_bytes(to.data() + r * from.size(), bytes, r);
    });
  }
  template <class B, class T> void broadcast(B const& b, std::span<T> numbers, std::size_t root) const {
    reached(
        b, {}, numbers,
        [&](std::span<T const>, std::span<T> here) { broadcast_bytes(here.data(), here.size_bytes(), root); }, true);
  }
  template <class B, class T>
  void exchange(B const& b, std::size_t partner, std::span<T const> to, std::span<T> from) const {
    reached(b, to, from, [&](std::span<T const> out, std::span<T> in) {
      auto const* const sent = reinterpret_cast<std::byte const*>(out.data());
      auto* const received = reinterpret_cast<std::byte*>(in.data());
      constexpr int tag = 0;
      in_pieces(out.size_bytes(), [&](std::size_t first, int n) {
        auto const with = static_cast<int>(partner);
        detail::check_mpi(MPI_Sendrecv(sent + first, n, MPI_BYTE, with, tag, received + first, n, MPI_BYTE, with, tag,
                                       ranks_, MPI_STATUS_IGNORE),
                          "MPI_Sendrecv");
      });
    });
  }
  template <class B> void barrier(B const& b) const {
    b.synchronize(), detail::check_mpi(MPI_Barrier(ranks_), "MPI_Barrier");
  }
  /// Prints the sentence to standard error and ends all processes.
  void fail(std::string const& sentence) const {
    std::fprintf(stderr, "fovea: %s\n", sentence.c_str());
    std::fflush(stderr);
    MPI_Abort(ranks_, 1);
  }

 private:
  /// Calls f(first, n) for each piece of so many elements.
  template <class F> void in_pieces(std::size_t elements, F const& f) const {
    for (std::size_t first = 0; first < elements; first += piece_)
      f(first, static_cast<int>((std::min)(piece_, elements - first)));
  }
  template <class T> void broadcast_bytes(T* to, std::size_t bytes, std::size_t root) const {
    auto* const here = reinterpret_cast<std::byte*>(to);
    in_pieces(bytes, [&](std::size_t first, int n) {
      detail::check_mpi(MPI_Bcast(here + first, n, MPI_BYTE, static_cast<int>(root), ranks_), "MPI_Bcast");
    });
  }
  /// Calls f with spans that MPI reaches, when the backend is done; `reads`: what is written is also read.
  template <class B, class T, class F>
  void reached(B const& b, std::span<T const> from, std::span<T> to, F const& f, bool reads = false) const {
    b.synchronize();
    if (std::same_as<typename B::memory, host_memory> || detail::mpi_reaches_device()) {
      f(from, to);
      return;
    }
    staged_->resize(from.size_bytes() + to.size_bytes() + alignof(T));
    auto* const first = reinterpret_cast<T*>(staged_->data());  // the vector's bytes are aligned for any number
    std::span<T> const in(first, from.size()), out(first + from.size(), to.size());
    b.copy(from.data(), in.data(), in.size());
    if (reads) b.copy(static_cast<T const*>(to.data()), out.data(), out.size());
    b.synchronize();
    f(std::span<T const>(in), out);
    b.copy(static_cast<T const*>(out.data()), to.data(), out.size());
    b.synchronize();
  }

  MPI_Comm ranks_;
  std::size_t piece_, rank_ = 0, size_ = 1;
  std::shared_ptr<std::vector<std::byte>> staged_ = std::make_shared<std::vector<std::byte>>();
};

template <class B, class Net, class Loss, class O>
trainer(B, Net, Loss, O, parallel_options<mpi>) -> trainer<B, Net, Loss, O, mpi>;

}  // namespace fovea
