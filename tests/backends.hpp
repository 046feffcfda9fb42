// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/backends/host.hpp>
#if defined(__CUDACC__)
#include <iostream>

#include <fovea/backends/thrust.hpp>
#else
#include <fovea/backends/xtensor.hpp>
#endif

#include "catch.hpp"
#include "tensors.hpp"

/// The main backend under test.
#if defined(__CUDACC__)
template <class T> using main_backend = fovea::thrust_backend<T>;
#else
template <class T> using main_backend = fovea::xtensor_backend<T>;
#endif

/// Calls f(backend) for every backend under test. Compiled by nvcc, the tests run on a device alone: the same source compiled by
/// the host's compiler runs on the host.
template <class F> void for_each_backend(F const& f) {
  auto const run = [&](char const* name, auto const& b) {
    INFO("backend " << name);
    f(b);
  };
#if defined(__CUDACC__)
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::cout << "skipped: there is no CUDA device\n";
    return;
  }
  run("thrust_backend<float>, CUDA", fovea::thrust_backend<float>{});
#if defined(FOVEA_DEVICE_HERE)  // see device/tests.cmake
  run("thrust_backend<double>, CUDA", fovea::thrust_backend<double>{});
#endif
#else
  run("host_backend<float>", fovea::host_backend<float>{});
  run("host_backend<double>", fovea::host_backend<double>{});
  run("xtensor_backend<float>", fovea::xtensor_backend<float>{});
  run("xtensor_backend<double>", fovea::xtensor_backend<double>{});
  run("xtensor_backend<float>, 2 threads", fovea::xtensor_backend<float>{{.threads = 2}});
#endif
}
