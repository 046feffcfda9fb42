// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <fovea/distributed/communicator.hpp>
#include <fovea/distributed/data_parallel.hpp>
#include <fovea/training/trainer.hpp>
#include <fovea/training/trainer_options.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// How the gradients of the ranks are added. `fast`: by the communicator's own all-reduce. `reproducible`: the same bits for every
/// number of ranks that divides `groups`: a step's rows are that many groups, whose gradients are added in one binary tree.
enum class gradient_sum { fast, reproducible };

/// Options of a `trainer` on several ranks: those of `trainer_options`, where `batch_size` is that of each rank, and a communicator.
/// The constructor throws `argument_error` if `groups` is not a power of two, or not a multiple of the number of ranks, if
/// `shard_optimizer` is set for an optimizer that measures, draws for or averages what it updates, if statistics are to be
/// synchronized in the reproducible sum, whose groups run by themselves, and if steps that ranks share are to be captured.
///
///     {.batch_size = 64, .communicator = fovea::mpi{MPI_COMM_WORLD}}
///     {.batch_size = 64, .communicator = fovea::mpi{MPI_COMM_WORLD}, .sum = fovea::gradient_sum::reproducible}
template <class C> struct parallel_options {
  static_assert(!std::same_as<C, alone>, "parallel_options: one process takes trainer_options");
  std::size_t batch_size = 128;
  std::size_t accumulate = 1;
  std::uint64_t seed = 0;
  bool shuffle = true;
  bool drop_last = false;
  bool capture = false;
  C communicator;
  gradient_sum sum = gradient_sum::fast;
  std::size_t groups = 8;               // of the reproducible sum
  bool shard_optimizer = false;         // each rank keeps the optimizer's state of its part of the parameters (ZeRO-1)
  bool synchronize_statistics = false;  // layers that mix rows, such as batch_norm, mix those of all ranks

  operator trainer_options() const { return {batch_size, accumulate, seed, shuffle, drop_last, capture}; }
  void validate() const {
    fovea::validate(trainer_options(*this));
    require(groups != 0 && (groups & (groups - 1)) == 0, "trainer: groups must be a power of two",
            static_cast<double>(groups));
    auto const ranks = communicator.size();
    require(sum == gradient_sum::fast || groups % ranks == 0,
            "trainer: the number of ranks must divide the groups of the reproducible sum", static_cast<double>(ranks));
    require(
        sum == gradient_sum::fast || !synchronize_statistics,
        "trainer: the groups of the reproducible sum run by themselves, so synchronize_statistics needs the fast sum; "
        "groups are",
        static_cast<double>(groups));
    require(!capture || ranks == 1, "trainer: a step of several ranks is not captured; the number of ranks is",
            static_cast<double>(ranks));
    require(!capture || sum == gradient_sum::fast,
            "trainer: a step of the reproducible sum is not captured; its groups are", static_cast<double>(groups));
  }
};

template <class B, class Net, class Loss, class O, class C>
trainer(B, Net, Loss, O, parallel_options<C>) -> trainer<B, Net, Loss, O, C>;

}  // namespace fovea
