// SPDX-License-Identifier: MIT
// As main.cpp, on the processes of MPI: they share each step of the runs that are shown, and each trains some of the study's
// further runs. The first one prints and writes.

#include <cstdio>

#include <mpi.h>

#include <fovea/backends/xtensor.hpp>
#include <fovea/distributed/mpi.hpp>

#include "fraud.hpp"

namespace {

struct processes_of_mpi {
  fovea::mpi all{MPI_COMM_WORLD}, self{MPI_COMM_SELF};
};

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  processes_of_mpi const processes;
  if (processes.all.rank() != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) return 1;
  int const code = fraud::main(
      argc, argv, [](fraud::options const& o) { return fovea::xtensor_backend{{.threads = o.threads}}; }, processes);
  MPI_Finalize();
  return code;
}
