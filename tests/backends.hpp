// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/backends/host.hpp>
#include <fovea/backends/xtensor.hpp>

#include "catch.hpp"
#include "tensors.hpp"

/// Calls f(backend) for every backend that tests run on.
template <class F> void for_each_backend(F const& f) {
  auto const run = [&](char const* name, auto const& b) {
    INFO("backend " << name);
    f(b);
  };
  run("host<float>", fovea::host<float>{});
  run("host<double>", fovea::host<double>{});
  run("xtensor_backend<float>", fovea::xtensor_backend<float>{});
  run("xtensor_backend<double>", fovea::xtensor_backend<double>{});
  run("xtensor_backend<float>, 2 threads", fovea::xtensor_backend<float>{{.threads = 2}});
}
