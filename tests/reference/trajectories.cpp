// SPDX-License-Identifier: MIT
#include "trajectories.hpp"

#if __has_include(<thrust/for_each.h>) && defined(_OPENMP)
#include <fovea/backends/thrust.hpp>
#endif

#include "../backends.hpp"

TEST_CASE("the published experiment follows PyTorch on the real rows") {
  trajectories::follow_torch_on([](auto const& follow) {
    for_each_backend(follow);
#if __has_include(<thrust/for_each.h>) && defined(_OPENMP)
    INFO("backend thrust_backend<float, omp>");
    follow(fovea::thrust_backend{});
#endif
  });
}
