// SPDX-License-Identifier: MIT
// Times what ranks cost, under mpirun; see docs/distributed.md.
//
//   distributed sums SECONDS       for 625, 10^5 and 10^7 parameters: MPI_Allreduce alone, and a step's sums of each kind
//   distributed scaling SECONDS    rows a second of an epoch: batches of 1,024 in all (strong), and of 1,024 a rank (weak)
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <mpi.h>

#include <fovea/distributed/mpi.hpp>

#include "common/fovea_data.hpp"

namespace {

using backend = fovea::xtensor_backend<>;
using options = fovea::parallel_options<fovea::mpi>;

/// Calls `run` on all ranks, as often as rank 0 finds time for, and returns its median in seconds on the slowest rank.
template <class F> double median_of_ranks(F&& run, double seconds) {
  run();
  std::vector<double> times;
  double const begin = MPI_Wtime();
  for (int more = 1; more != 0;) {
    MPI_Barrier(MPI_COMM_WORLD);
    double const from = MPI_Wtime();
    run();
    times.push_back(MPI_Wtime() - from);
    more = MPI_Wtime() - begin < seconds ? 1 : 0;
    MPI_Bcast(&more, 1, MPI_INT, 0, MPI_COMM_WORLD);
  }
  MPI_Allreduce(MPI_IN_PLACE, times.data(), static_cast<int>(times.size()), MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// A step of the trainer without its passes over rows: what ranks add to it.
template <class Net> struct sums_of {
  using O = fovea::adam;
  backend b;
  fovea::model<backend, Net> model;
  fovea::detail::accumulated_gradient<backend> gradient;
  fovea::detail::updater<backend, O> update;
  fovea::detail::data_parallel<backend, fovea::mpi> ranks;
  fovea::deferred<backend> loss;

  sums_of(Net const& net, options const& o)
      : model(b, net, 0), gradient(b, fovea::size(model.parameters())),
        update(b, O{}, fovea::detail::ranges_of(model.layout())), ranks(b, o, model, update), loss(b) {}
  void operator()() {
    ranks.step(gradient, model.state(), 8 * ranks.ranks(), 8, [&](std::size_t, std::size_t n) {
      gradient.next();
      gradient.add({loss.data(), nullptr, static_cast<double>(n)}, n, true);
    });
    ranks.gather_parameters(fovea::data(model.parameters()));
  }
};

void time_sums(fovea::mpi const& ranks, double seconds) {
  using layer = fovea::linear<fovea::dynamic, fovea::dynamic>;
  if (ranks.rank() == 0)
    std::puts("parameters  MPI_Allreduce       fast  reproducible   fast, sharded  reproducible, sharded   (us)");
  for (auto const& [in, out] : {std::pair<std::size_t, std::size_t>{24, 25}, {99, 1000}, {9999, 1000}}) {
    auto const n = (in + 1) * out;
    fovea::sequential const net{layer{in, out}};
    std::vector<float> numbers(n);
    auto const alone = [&] {
      MPI_Allreduce(MPI_IN_PLACE, numbers.data(), static_cast<int>(n), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    };
    std::vector<double> found{median_of_ranks(alone, seconds)};
    for (bool const sharded : {false, true})
      for (auto const sum : {fovea::gradient_sum::fast, fovea::gradient_sum::reproducible}) {
        sums_of run(net, options{.communicator = ranks, .sum = sum, .shard_optimizer = sharded});
        found.push_back(median_of_ranks(run, seconds));
      }
    found.push_back(median_of_ranks(alone, seconds));  // again: the difference is the machine's noise
    if (ranks.rank() != 0) continue;
    std::printf("%10zu  %6.1f %6.1f", n, 1e6 * found[0], 1e6 * found[5]);
    std::printf("  %9.1f %13.1f %15.1f %22.1f\n", 1e6 * found[1], 1e6 * found[2], 1e6 * found[3], 1e6 * found[4]);
  }
}

void time_scaling(fovea::mpi const& ranks, double seconds) {
  constexpr std::size_t batch = 1024, rows = 16 * batch;
  backend const b;
  auto const time = [&](char const* name, std::size_t rows_of_rank, std::size_t all) {
    auto const data = with_fovea::rows(b, all, sizes::features, 1);
    fovea::trainer trainer{b, with_fovea::published, fovea::sigmoid_focal_loss{.gamma = 4}, fovea::adam{},
                           options{.batch_size = rows_of_rank, .communicator = ranks}};
    double const one = median_of_ranks([&] { timing::keep(static_cast<double>(trainer.epoch(data))); }, seconds);
    if (ranks.rank() == 0)
      std::printf("%s  %zu ranks  %10.0f rows a second\n", name, ranks.size(), static_cast<double>(all) / one);
  };
  time("strong", batch / ranks.size(), rows);
  time("weak  ", batch, rows * ranks.size());
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  std::string const what = argc == 3 ? argv[1] : "";
  fovea::mpi const ranks{MPI_COMM_WORLD};
  int code = 0;
  if (what == "sums") time_sums(ranks, std::atof(argv[2]));
  else if (what == "scaling") time_scaling(ranks, std::atof(argv[2]));
  else std::fputs("usage: distributed sums|scaling SECONDS\n", stderr), code = 2;
  MPI_Finalize();
  return code;
}
