// SPDX-License-Identifier: MIT
// A program for mpirun; tests.cmake runs it on several numbers of ranks.
//
//   mpi_program train           the laws of communicators; then trains, and compares with training alone
//   mpi_program mismatch        the last rank has another data set: an error on all
//   mpi_program fail | kill     rank 1 throws, or dies, in the middle of an epoch
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <mpi.h>

#include <fovea/backends/host.hpp>
#include <fovea/distributed/mpi.hpp>
#include <fovea/fovea.hpp>
#include <fovea/testing/check_communicator.hpp>

namespace {

using host = fovea::host_backend<double>;
constexpr std::size_t rows = 101, features = 5;
constexpr fovea::sequential net{fovea::linear<features, 7>{}, fovea::relu{}, fovea::linear<7, 1>{}};

auto rows_of(double seed) {
  std::vector<double> x(rows * features), y(rows);
  for (std::size_t i = 0; i != x.size(); ++i) x[i] = std::sin(static_cast<double>(i * i % 977) + seed);
  for (std::size_t i = 0; i != rows; ++i) y[i] = x[i * features] > 0.1 ? 1 : 0;
  using matrix = fovea::matrix_span<host, double const>;
  using extents = fovea::extents<fovea::dynamic, fovea::dynamic>;
  return fovea::dataset{host{}, matrix{x.data(), extents({rows, features})}, matrix{y.data(), extents({rows, 1})}};
}
template <class Options, class Data> std::vector<double> losses(Options const& options, Data const& data) {
  fovea::trainer t{host{}, net, fovea::sigmoid_binary_cross_entropy{}, fovea::adam{.learning_rate = 3e-3}, options};
  std::vector<double> all;
  for (int e = 0; e != 16; ++e) t.epoch(data, [&](std::size_t, double loss) { all.push_back(loss); });
  return all;
}
void require(bool holds, std::string const& what) {
  if (!holds) throw std::runtime_error("not so: " + what);
}

void train(fovea::mpi const& ranks) {
  for (auto const& c : {ranks, fovea::mpi{MPI_COMM_WORLD, 97}}) {  // by pieces of 97 elements, too
    auto const report = fovea::testing::check_communicator(host{}, c);
    for (auto const& law : report.laws())
      require(law.became != fovea::testing::outcome::failed, law.law + ": " + law.why);
  }
  auto const data = rows_of(0);
  auto const batch = 12 / ranks.size();  // 1 to 4 ranks divide 12
  auto const alone = losses(fovea::trainer_options{.batch_size = 12, .seed = 3}, data);
  require(alone.size() == 144, "144 steps");
  for (auto const sum : {fovea::gradient_sum::fast, fovea::gradient_sum::reproducible}) {
    if (sum == fovea::gradient_sum::reproducible && ranks.size() == 3) continue;
    auto const found = losses(
        fovea::parallel_options<fovea::mpi>{.batch_size = batch, .seed = 3, .communicator = ranks, .sum = sum}, data);
    require(found.size() == alone.size(), "as many steps");
    bool const same = ranks.size() == 1 && sum == fovea::gradient_sum::fast;
    for (std::size_t i = 0; i != alone.size(); ++i)
      require(same ? found[i] == alone[i] : std::abs(found[i] - alone[i]) < 1e-9, "step " + std::to_string(i));
    if (sum == fovea::gradient_sum::reproducible) {
      fovea::mpi const self{MPI_COMM_SELF};
      require(
          found ==
              losses(fovea::parallel_options<fovea::mpi>{.batch_size = 12, .seed = 3, .communicator = self, .sum = sum},
                     data),
          "the bits of one rank");
      if (ranks.rank() == 0) std::printf("the bits of one rank\n");
    }
  }
  if (ranks.rank() == 0) std::printf("all as alone\n");
}
void end_one(fovea::mpi const& ranks, bool dies) {
  fovea::trainer t{
      host{}, net, fovea::sigmoid_binary_cross_entropy{}, fovea::adam{}, {.batch_size = 4, .communicator = ranks}};
  t.epoch(rows_of(0), [&](std::size_t step, double) {
    if (ranks.rank() != 1 || step != 2) return;
    if (dies) std::raise(SIGKILL);
    throw std::runtime_error("no paper");
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::string const mode = argc == 2 ? argv[1] : "";
  try {
    static_cast<void>(fovea::mpi{MPI_COMM_WORLD});
    return 1;
  } catch (fovea::argument_error const& e) {
    if (std::string(e.what()) != "mpi: MPI is not initialized: call MPI_Init first") return 1;
  }
  MPI_Init(&argc, &argv);
  fovea::mpi const ranks{MPI_COMM_WORLD};
  int code = 0;
  try {
    if (mode == "train") train(ranks);
    else if (mode == "mismatch")
      losses(fovea::parallel_options<fovea::mpi>{.communicator = ranks},
             rows_of(ranks.rank() + 1 == ranks.size() ? 1 : 0));
    else end_one(ranks, mode == "kill");
  } catch (std::exception const& e) {
    std::printf("rank %zu: %s\n", ranks.rank(), e.what());
    code = 1;
  }
  MPI_Finalize();
  return code;
}
