// SPDX-License-Identifier: MIT
// OpenMP's threads under Thrust: exceptions, and forks.
#include <cstddef>
#include <stdexcept>
#include <vector>
#if __has_include(<sys/wait.h>)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <fovea/backends/thrust.hpp>

#include "../catch.hpp"

namespace {

struct omp_threads {
  bool runs_each_once(std::size_t n) const {
    std::vector<int> runs(n);
    system.for_each_n(n, [&](std::size_t i) { ++runs[i]; });
    return runs == std::vector<int>(n, 1);
  }
  fovea::thrust_systems::omp system{{.threads = 3}};
};

}  // namespace

TEST_CASE_METHOD(omp_threads, "an exception leaves OpenMP's threads as it was thrown") {
  for (int repetition = 0; repetition != 20; ++repetition) {
    CHECK_THROWS_WITH(system.for_each_n(64,
                                        [](std::size_t i) {
                                          if (i == 40) throw std::runtime_error("call 40");
                                        }),
                      "call 40");
    CHECK_THROWS_AS(system.for_each_n(64, [](std::size_t) { throw std::runtime_error("each"); }), std::runtime_error);
    CHECK(runs_each_once(64));
  }
}

#if __has_include(<sys/wait.h>)
TEST_CASE_METHOD(omp_threads, "after a fork, a child runs what was OpenMP's on its own thread") {
  REQUIRE(runs_each_once(64));
  auto const child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);  // a child that waits for its parent's threads would wait for ever
    _exit(runs_each_once(64) ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(runs_each_once(64));
}
#endif
